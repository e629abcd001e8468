// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O2]
// REFUSES: Fix: Password::matches for secrets
// REFUSES-FIRST: custody[O2]
// REFUSES-SHORT
#include "demo.hpp"

bool same(const Account& one, const Account& other) {
#ifdef CUSTODY_REFUSED
  return one.phone == other.phone;
#else
  return one.uid == other.uid;
#endif
}
