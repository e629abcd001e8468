// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C4]
// REFUSES: Fix: add why(necessity, effect) to the notice
// REFUSES-FIRST: custody[C4]
#include <custody/evidence/consent.hpp>

#include "demo.hpp"

auto notice() {
  const auto draft = custody::Notice::draft("location-1")
                         .handler("Demo Ltd", "privacy@demo.example")
                         .purposes<LocationShare>()
                         .manner({"给好友显示", "shown to friends"})
                         .kinds<custody::Category::precise_location>()
                         .retention({"一天", "one day"})
                         .rights({"在设置中", "in the settings"});
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return draft.complete();
  // end: broken
#else
  // snippet: fixed
  return draft.why({"没有位置就无法共享", "nothing to share without it"}, {"好友看到您", "friends see you"}).complete();
  // end: fixed
#endif
}
