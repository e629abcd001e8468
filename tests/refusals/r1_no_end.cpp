// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[R1]: a retention without an end
// REFUSES: Fix: add erase_within<...> or keep_for<...>
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Draft : custody::Retained<custody::account_life> {
#else
struct Draft : custody::Retained<custody::account_life, custody::erase_within<custody::working_days(15)>> {
#endif
  Nickname text;
};
