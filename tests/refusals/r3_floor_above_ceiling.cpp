// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[R3]
// REFUSES: Fix: raise the ceiling or lower the floor
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
struct AccessLog : custody::Retained<custody::keep_for<custody::calendar_days(30)>,
                                     custody::keep_at_least<custody::calendar_days(183)>> {
// end: broken
#else
// snippet: fixed
struct AccessLog : custody::Retained<custody::keep_for<custody::calendar_days(200)>,
                                     custody::keep_at_least<custody::calendar_days(183)>> {
// end: fixed
#endif
  Nickname who;
};
