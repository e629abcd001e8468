// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O5]: the length of a guarded value was asked for
// REFUSES: Fix: empty() needs no purpose
// REFUSES-FIRST: custody[O5]
#include "demo.hpp"

bool given(const Account& account) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return account.phone.size() != 0;
  // end: broken
#else
  // snippet: fixed
  return !account.phone.empty();
  // end: fixed
#endif
}
