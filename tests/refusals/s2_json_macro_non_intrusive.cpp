// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S2]
// REFUSES: Fix: custody::at_rest::write(json, key, field)
// REFUSES-FIRST: custody[S2]
#include <nlohmann/json.hpp>

#include "demo.hpp"

struct Card {
  std::string uid;
  Phone phone;
};
#ifdef CUSTODY_REFUSED
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Card, uid, phone)
#else
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Card, uid)
#endif

std::string reply(const Card& card) { return nlohmann::json(card).dump(); }
