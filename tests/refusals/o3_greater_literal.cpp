// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O3]
// REFUSES: Fix: order by a public key, or use a custody::Lookup
// REFUSES-FIRST: custody[O3]
#include "demo.hpp"

using Age = custody::Personal<int, AccountService>;

custody::Result<bool> grown_up(const custody::Permit<AccountService>& permit, const Age& age) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return age >= 18;
#else
  return age.release(permit, custody::sink<AccountService, "age-gate">([](int years) { return years >= 18; }));
#endif
}
