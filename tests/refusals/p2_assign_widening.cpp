// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P2]
// REFUSES: Fix: custody::restrict_to<Target>(permit, value) narrows
// REFUSES-FIRST: custody[P2]
// REFUSES-SHORT
#include "demo.hpp"

void copy_name(Account& account, const Account& other) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  account.phone = other.nickname;
  // end: broken
#else
  // snippet: fixed
  account.phone = other.phone;
  // end: fixed
#endif
}
