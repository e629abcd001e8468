// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O9]
// REFUSES: Fix: call reset() for no value
// REFUSES-FIRST: custody[O9]
// REFUSES-SHORT
#include "demo.hpp"

void forget(Account& account) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  account.phone = nullptr;
  // end: broken
#else
  // snippet: fixed
  account.phone.reset();
  // end: fixed
#endif
}
