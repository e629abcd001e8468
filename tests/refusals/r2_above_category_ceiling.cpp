// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[R2]
// REFUSES: Fix: give the field its own shorter retained
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
using Kept = custody::keep_for<custody::calendar_days(400)>;
// end: broken
#else
// snippet: fixed
using Kept = custody::keep_for<custody::calendar_days(184)>;
// end: fixed
#endif

struct Device : custody::Retained<Kept> {
  custody::Public<std::string> uid;
  Nickname device;
  using custody_fields = custody::Fields<custody::record<"device", 5>, custody::owner<&Device::uid>,
                                         custody::field<1, "device", &Device::device, custody::Category::device_id>>;
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Device>("d1", subject).has_value(); }
