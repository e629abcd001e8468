// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O9]
// REFUSES: Fix: call reset() for no value
// REFUSES-FIRST: custody[O9]
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

auto fill(const custody::Binding& place, Card& card) {
#ifdef CUSTODY_REFUSED
  return custody::seal_together<&Card::name, &Card::motto>(place, card, "Li Lei", nullptr);
#else
  return custody::seal_together<&Card::name, &Card::motto>(place, card, "Li Lei", "");
#endif
}
