// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O11]: a sink returns something
// REFUSES: Fix: return void, bool, an enum or Result<void>
// REFUSES-FIRST: custody[O11]
#include "demo.hpp"

auto known(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  auto copy = custody::sink<AccountService, "copy">([](std::string_view text) { return std::string(text); });
  return account.phone.release(permit, copy);
  // end: broken
#else
  // snippet: fixed
  auto check = custody::sink<AccountService, "check">([](std::string_view text) { return text.size() == 14; });
  return account.phone.release(permit, check);
  // end: fixed
#endif
}
