// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C3]
// REFUSES: Fix: state handler, contact, purposes, kinds, retention and rights
// REFUSES-FIRST: custody[C3]
#include <custody/evidence/consent.hpp>

#include "demo.hpp"

auto answered(const custody::Notice& notice, const custody::Handle& mother) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(notice);
  return custody::Consent<LocationShare>::guardian(custody::Notice::draft("location-1"), mother);
#else
  return custody::Consent<LocationShare>::guardian(notice, mother);
#endif
}
