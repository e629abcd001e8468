// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O9]
// REFUSES: Fix: call reset() for no value
// REFUSES-FIRST: custody[O9]
#include "demo.hpp"

auto fill(const custody::Binding& place) {
#ifdef CUSTODY_REFUSED
  return custody::seal_for<&Account::phone>(place, nullptr);
#else
  return custody::seal_for<&Account::phone>(place, "");
#endif
}
