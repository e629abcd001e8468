// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O14]
// REFUSES: Fix: add custody::indexed<Normaliser> to the field
#include "demo.hpp"

bool search(Ring& ring, std::string_view text) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return ring.lookup<&Account::nickname>(text).has_value();
  // end: broken
#else
  // snippet: fixed
  return ring.lookup<&Account::phone>(text).has_value();
  // end: fixed
#endif
}
