// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P9]
// REFUSES: Fix: use a purpose that every part declares
// REFUSES-FIRST: custody[P9]
// REFUSES-SHORT
#include "demo.hpp"

auto greeting(const Account& account, [[maybe_unused]] const custody::Permit<PersonalisedPush>& push,
              [[maybe_unused]] const custody::Permit<AccountService>& service) {
  const auto add = [](const std::string& phone, const std::string& name) noexcept { return name + phone; };
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return custody::join(push, account.phone, push, account.nickname, add);
  // end: broken
#else
  // snippet: fixed
  return custody::join(service, account.phone, service, account.nickname, add);
  // end: fixed
#endif
}
