// SPDX-License-Identifier: Apache-2.0
// Level and category are enough: the declaration need not say Sensitive.
// REFUSES: custody[C2]: data of a sensitive category rests on an ordinary consent
// REFUSES: Fix: give the purpose Basis::separate_consent
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
using Purpose = PersonalisedPush;
#else
using Purpose = LocationShare;
#endif
using Place = custody::Classified<custody::Personal<std::string, Purpose>, custody::Level::grade4>;

struct Visit : custody::Retained<custody::keep_for<custody::calendar_days(1)>> {
  custody::Public<std::string> uid;
  Place place;
  using custody_fields =
      custody::Fields<custody::record<"visit", 2>, custody::owner<&Visit::uid>,
                      custody::field<1, "place", &Visit::place, custody::Category::precise_location>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Visit>("v1", subject).has_value(); }
