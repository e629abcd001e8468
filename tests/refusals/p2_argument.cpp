// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P2]
// REFUSES: Fix: custody::restrict_to<Target>(permit, value) narrows
#include "demo.hpp"

void call(const Phone&);

void ring_up(const Account& account) {
#ifdef CUSTODY_REFUSED
  call(account.nickname);
#else
  call(account.phone);
#endif
}
