// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Fix: ask empty() or has_value(), or release(permit, sink)
// REFUSES-FIRST: custody[O6]
#include "demo.hpp"

bool missing(const Account& account) {
#ifdef CUSTODY_REFUSED
  return !account.phone;
#else
  return !account.phone.has_value();
#endif
}
