// SPDX-License-Identifier: Apache-2.0
// The life of an account has no upper bound.
// REFUSES: custody[R2]
// REFUSES: Fix: give the field its own shorter retained
#include "demo.hpp"

struct Device : custody::Retained<custody::account_life, custody::erase_within<custody::working_days(15)>> {
  custody::Public<std::string> uid;
  Nickname device;
  using custody_fields = custody::Fields<custody::record<"device", 5>, custody::owner<&Device::uid>,
#ifdef CUSTODY_REFUSED
                                         custody::field<1, "device", &Device::device, custody::Category::device_id>>;
#else
                                         custody::field<
                                             1, "device", &Device::device, custody::Category::device_id,
                                             custody::retained<custody::keep_for<custody::calendar_days(184)>>>>;
#endif
};

bool open(Ring& ring, const custody::Subject& subject) { return ring.binding<Device>("d1", subject).has_value(); }
