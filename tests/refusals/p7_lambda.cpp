// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P7]: data is released into something that is no declared sink
// REFUSES: Fix: custody::sink<Purpose,
// REFUSES-FIRST: custody[P7]
// REFUSES-SHORT
#include "demo.hpp"

auto tell(const Account& account, const custody::Permit<AccountService>& permit, int& sent) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return account.phone.release(permit, [&](std::string_view) { ++sent; });
  // end: broken
#else
  // snippet: fixed
  return account.phone.release(permit, custody::sink<AccountService, "sms">([&](std::string_view) { ++sent; }));
  // end: fixed
#endif
}
