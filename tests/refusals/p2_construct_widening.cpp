// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P2]
// REFUSES: Fix: custody::restrict_to<Target>(permit, value) narrows
#include "demo.hpp"

Phone copy_of(const Account& account) {
#ifdef CUSTODY_REFUSED
  Phone copy(account.nickname);
#else
  Phone copy(account.phone);
#endif
  return copy;
}
