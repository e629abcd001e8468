// SPDX-License-Identifier: Apache-2.0
// A field's floor meets the record's ceiling.
// REFUSES: custody[R3]
// REFUSES: Fix: raise the ceiling or lower the floor
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
using Kept = custody::keep_for<custody::calendar_days(30)>;
#else
using Kept = custody::keep_for<custody::calendar_days(200)>;
#endif

struct AccessLog : custody::Retained<Kept> {
  custody::Public<std::string> uid;
  Nickname address;
  using custody_fields =
      custody::Fields<custody::record<"access_log", 6>, custody::owner<&AccessLog::uid>,
                      custody::field<1, "address", &AccessLog::address, custody::Category::ip_address,
                                     custody::retained<custody::keep_at_least<custody::calendar_days(183)>>>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<AccessLog>("l1", subject).has_value(); }
