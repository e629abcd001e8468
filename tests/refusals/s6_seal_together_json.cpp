// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S6]
// REFUSES-FIRST: custody[S6]
// REFUSES: Fix: use custody::wire::read<Purpose>
#include <nlohmann/json.hpp>

#include "card.hpp"
#include "demo.hpp"

auto fill(const custody::Binding& place, Card& card, const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  return custody::seal_together<&Card::name, &Card::motto>(place, card, request["name"], request["motto"]);
#else
  return custody::seal_together<&Card::name, &Card::motto>(place, card, request["name"].get<std::string>(),
                                                           request["motto"].get<std::string>());
#endif
}
