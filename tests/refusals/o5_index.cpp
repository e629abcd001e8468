// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O5]: a guarded value was indexed
// REFUSES: Fix: work on the value inside custody::map or a sink
// REFUSES-FIRST: custody[O5]
#include "demo.hpp"

bool abroad(const Account& account) {
#ifdef CUSTODY_REFUSED
  return account.phone[0] == '+';
#else
  return account.uid.get()[0] == '+';
#endif
}
