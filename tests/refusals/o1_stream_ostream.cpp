// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O1]
// REFUSES: Fix: release(permit, sink), or print custody::redacted(value)
// REFUSES-FIRST: custody[O1]
// REFUSES-SHORT
#include <iostream>

#include "demo.hpp"

void log_in(const Account& account) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  std::clog << account.phone;
  // end: broken
#else
  // snippet: fixed
  std::clog << custody::redacted(account.phone);
  // end: fixed
#endif
}
