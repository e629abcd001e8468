// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: no matching | custody[P6]
// REFUSES: permit
#include <utility>

#include "demo.hpp"

bool may_push(Ring& ring, const custody::Subject& subject, const custody::Actor& actor, custody::Instant until) {
#ifdef CUSTODY_REFUSED
  auto decision = ring.decide<AccountService>(subject, actor);
#else
  auto decision = ring.decide<PersonalisedPush>(subject, actor);
#endif
  return ring.permit<PersonalisedPush>(subject, actor, std::move(decision), until).has_value();
}
