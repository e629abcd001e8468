// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F10]: a field that is sealed alone was asked for its group
// REFUSES: Fix: name a member of a sealed_together, or store at_rest::blob of the field
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

#ifdef CUSTODY_REFUSED
custody::Result<custody::Bytes> column(const Card& card) { return custody::at_rest::group<&Card::phone>(card); }
#else
custody::Result<custody::Bytes> column(const Card& card) { return custody::at_rest::group<&Card::name>(card); }
#endif
