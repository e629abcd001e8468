// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
// REFUSES-FIRST: custody[P4]
#include "demo.hpp"

struct Login {};

bool may_log_in(Ring& ring, const custody::Subject& subject, const custody::Actor& actor, custody::Instant until) {
#ifdef CUSTODY_REFUSED
  return ring.permit<Login>(subject, actor, until).has_value();
#else
  return ring.permit<AccountService>(subject, actor, until).has_value();
#endif
}
