// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P7]
// REFUSES: Fix: custody::sink<Purpose,
// REFUSES-FIRST: custody[P7]
#include <iostream>

#include "demo.hpp"

auto tell(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return account.phone.release(permit, std::cout);
#else
  return account.phone.release(permit, custody::sink<AccountService, "console">([](std::string_view) {}));
#endif
}
