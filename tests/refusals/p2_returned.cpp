// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P2]
// REFUSES: Fix: custody::restrict_to<Target>(permit, value) narrows
#include "demo.hpp"

Phone number_of(const Account& account) {
#ifdef CUSTODY_REFUSED
  return account.nickname;
#else
  return account.phone;
#endif
}
