// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O7]
// REFUSES: Fix: bind the record, then release the field
#include "demo.hpp"

bool look(const custody::Sensitive<std::string, LocationShare>& place) {
#ifdef CUSTODY_REFUSED
  const auto& [cell] = place;
#else
  const auto& cell = place;
#endif
  return sizeof cell != 0;
}
