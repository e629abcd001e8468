// SPDX-License-Identifier: Apache-2.0
// The two parts together serve only what both declare.
// REFUSES: custody[P1]
// REFUSES: Fix: declare the purpose
#include "demo.hpp"

void greet(const Account& account, const custody::Permit<AccountService>& service,
           const custody::Permit<PersonalisedPush>& push) {
  const auto both =
      custody::join(service, account.phone, service, account.nickname,
                    [](const std::string& phone, const std::string& name) noexcept { return name + phone; });
  if (!both) return;
#ifdef CUSTODY_REFUSED
  static_cast<void>(both->release(push, PushGateway{}));
#else
  static_cast<void>(push);
  static_cast<void>(both->release(service, ServiceDesk{}));
#endif
}
