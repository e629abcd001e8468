// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C3]
// REFUSES: Fix: state the manner of handling before asking
// REFUSES-FIRST: custody[C3]
#include <custody/evidence/consent.hpp>

#include "demo.hpp"

auto notice() {
  const auto draft = custody::Notice::draft("push-2")
                         .handler("Demo Ltd", "privacy@demo.example")
                         .purposes<PersonalisedPush>()
                         .kinds<custody::Category::phone>()
                         .retention({"一年", "one year"})
                         .rights({"在设置中", "in the settings"});
#ifdef CUSTODY_REFUSED
  return draft.complete();
#else
  return draft.manner({"发送", "sent to you"}).complete();
#endif
}
