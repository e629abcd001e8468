// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C3]
// REFUSES: Fix: state handler, contact, purposes, kinds, retention and rights
// REFUSES-FIRST: custody[C3]
#include <custody/evidence/consent.hpp>

#include "demo.hpp"

auto notice() {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return custody::Notice::draft("push-2")
      .handler("Demo Ltd", "privacy@demo.example")
      .purposes<PersonalisedPush>()
      .complete();
  // end: broken
#else
  // snippet: fixed
  return custody::Notice::draft("push-2")
      .handler("Demo Ltd", "privacy@demo.example")
      .purposes<PersonalisedPush>()
      .manner({"发送", "sent to you"})
      .kinds<custody::Category::phone>()
      .retention({"一年", "one year"})
      .rights({"在设置中", "in the settings"})
      .complete();
  // end: fixed
#endif
}
