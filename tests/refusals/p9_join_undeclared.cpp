// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P9]
// REFUSES: Fix: use a purpose that every part declares
// REFUSES-FIRST: custody[P9]
// REFUSES-SHORT
#include "demo.hpp"

auto greeting(const Account& account, const custody::Permit<PersonalisedPush>& push,
              const custody::Permit<AccountService>& service) {
  const auto add = [](const std::string& phone, const std::string& name) noexcept { return name + phone; };
#ifdef CUSTODY_REFUSED
  // snippet: broken
  static_cast<void>(service);
  return custody::join(push, account.phone, push, account.nickname, add);
  // end: broken
#else
  // snippet: fixed
  static_cast<void>(push);
  return custody::join(service, account.phone, service, account.nickname, add);
  // end: fixed
#endif
}
