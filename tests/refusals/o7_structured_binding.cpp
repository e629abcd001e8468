// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O7]
// REFUSES: Fix: bind the record, then release the field
#include "demo.hpp"

struct Card {
  std::string uid;
  Phone phone;
};

bool look(const Card& card) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  const auto& [cell] = card.phone;
  return sizeof cell != 0;
  // end: broken
#else
  // snippet: fixed
  const auto& [uid, phone] = card;
  return !uid.empty() && phone.has_value();
  // end: fixed
#endif
}
