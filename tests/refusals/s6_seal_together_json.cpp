// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S6]
// REFUSES-FIRST: custody[S6]
// REFUSES: Fix: use custody::wire::read<Purpose>
#include <nlohmann/json.hpp>

#include <custody/data/group.hpp>

#include "demo.hpp"

struct Card : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname name;
  Nickname motto;
  Phone phone;
  using custody_fields = custody::Fields<custody::record<"card", 4>, custody::owner<&Card::uid>,
                                         custody::field<1, "name", &Card::name, custody::Category::nickname>,
                                         custody::field<2, "motto", &Card::motto, custody::Category::bio>,
                                         custody::field<3, "phone", &Card::phone, custody::Category::phone>,
                                         custody::sealed_together<&Card::name, &Card::motto>>;
};

auto fill(const custody::Binding& place, Card& card, const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  return custody::seal_together<&Card::name, &Card::motto>(place, card, request["name"], request["motto"]);
#else
  return custody::seal_together<&Card::name, &Card::motto>(place, card, request["name"].get<std::string>(),
                                                           request["motto"].get<std::string>());
#endif
}
