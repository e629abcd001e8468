// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O2]
// REFUSES: Fix: Password::matches for secrets
// REFUSES-FIRST: custody[O2]
// REFUSES-SHORT
#include "demo.hpp"

bool operator_of(const Account& account) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return account.phone == "10086";
  // end: broken
#else
  // snippet: fixed
  return account.uid == "10086";
  // end: fixed
#endif
}
