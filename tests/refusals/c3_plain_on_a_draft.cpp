// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C3]
// REFUSES: Fix: state handler, contact, purposes, kinds, retention and rights
// REFUSES-FIRST: custody[C3]
#include <custody/evidence/consent.hpp>

#include "demo.hpp"

auto answered(const custody::Notice& notice) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(notice);
  return custody::Consent<PersonalisedPush>::plain(custody::Notice::draft("push-2"));
#else
  return custody::Consent<PersonalisedPush>::plain(notice);
#endif
}
