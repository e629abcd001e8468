// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C3]
// REFUSES: Fix: state handler, contact, purposes, kinds, retention and rights
#include <custody/evidence/consent.hpp>

#include "demo.hpp"

auto answered(const custody::Notice& notice) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(notice);
  return custody::Consent<PersonalisedPush>();
#else
  return custody::Consent<PersonalisedPush>::plain(notice);
#endif
}
