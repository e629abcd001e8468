// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Fix: ask empty() or has_value(), or release(permit, sink)
// REFUSES-FIRST: custody[O6]
// REFUSES-SHORT
#include "demo.hpp"

int given(const Account& account) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  if (account.phone) return 1;
  // end: broken
#else
  // snippet: fixed
  if (account.phone.has_value()) return 1;
  // end: fixed
#endif
  return 0;
}
