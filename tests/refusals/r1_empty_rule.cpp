// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[R1]: a retention without a rule
// REFUSES: Fix: name keep_for<days> or account_life
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Draft : custody::Retained<> {
#else
struct Draft : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
#endif
  Nickname text;
};
