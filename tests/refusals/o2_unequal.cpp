// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O2]
// REFUSES: Fix: Password::matches for secrets
// REFUSES-FIRST: custody[O2]
#include "demo.hpp"

bool changed(const Account& account, const std::string& phone) {
#ifdef CUSTODY_REFUSED
  return account.phone != phone;
#else
  return account.uid != phone;
#endif
}
