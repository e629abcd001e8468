// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O3]
// REFUSES: Fix: order by a public key, or use a custody::Lookup
// REFUSES-FIRST: custody[O3]
#include <compare>

#include "demo.hpp"

bool before(const Account& one, const Account& other) {
#ifdef CUSTODY_REFUSED
  return std::is_lt(one.phone <=> other.phone);
#else
  return std::is_lt(one.uid.get() <=> other.uid.get());
#endif
}
