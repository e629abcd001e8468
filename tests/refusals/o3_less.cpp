// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O3]
// REFUSES: Fix: order by a public key, or use a custody::Lookup
// REFUSES-FIRST: custody[O3]
// REFUSES-SHORT
#include "demo.hpp"

bool before(const Account& one, const Account& other) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return one.phone < other.phone;
  // end: broken
#else
  // snippet: fixed
  return one.uid < other.uid;
  // end: fixed
#endif
}
