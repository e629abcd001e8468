// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C2]: an ordinary consent was given
// REFUSES: Fix: ask this question on its own
// REFUSES-FIRST: custody[C2]
#include <custody/evidence/consent.hpp>

#include "demo.hpp"

auto answered(const custody::Notice& notice) {
#ifdef CUSTODY_REFUSED
  return custody::Consent<LocationShare>::plain(notice);
#else
  return custody::Consent<LocationShare>::separate(notice);
#endif
}
