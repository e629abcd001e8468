// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O2]
// REFUSES: Fix: Password::matches for secrets
// REFUSES-FIRST: custody[O2]
// REFUSES-SHORT
#include "demo.hpp"

bool operator_of(const Account& account) {
#ifdef CUSTODY_REFUSED
  return "10086" == account.phone;
#else
  return "10086" == account.uid;
#endif
}
