// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F10]: fields sealed together are not two or more of one purpose list and retention
// REFUSES: Fix: list guarded fields once, with equal purposes and the record's retention
#include "demo.hpp"

struct Card : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname name;
  Nickname motto;
  Phone phone;
#ifdef CUSTODY_REFUSED
  // snippet: broken
  using custody_fields = custody::Fields<custody::record<"card", 4>, custody::owner<&Card::uid>,
                                         custody::field<1, "name", &Card::name, custody::Category::nickname>,
                                         custody::field<2, "motto", &Card::motto, custody::Category::bio>,
                                         custody::field<3, "phone", &Card::phone, custody::Category::phone>,
                                         custody::sealed_together<&Card::name, &Card::phone>>;
  // end: broken
#else
  // snippet: fixed
  using custody_fields = custody::Fields<custody::record<"card", 4>, custody::owner<&Card::uid>,
                                         custody::field<1, "name", &Card::name, custody::Category::nickname>,
                                         custody::field<2, "motto", &Card::motto, custody::Category::bio>,
                                         custody::field<3, "phone", &Card::phone, custody::Category::phone>,
                                         custody::sealed_together<&Card::name, &Card::motto>>;
  // end: fixed
#endif
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Card>("c1", subject).has_value(); }
