// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P3]
// REFUSES: s purposes, and to the notice
// REFUSES-FIRST: custody[P3]
// REFUSES-SHORT
#include "demo.hpp"

struct AdRanking final : custody::Purpose<"marketing.ranking", custody::Basis::consent> {};

bool may_rank(Ring& ring, const custody::Subject& subject, const custody::Actor& actor, custody::Instant until) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  auto permit = ring.permit<AdRanking>(subject, actor, until);
  // end: broken
#else
  // snippet: fixed
  auto permit = ring.permit<PersonalisedPush>(subject, actor, until);
  // end: fixed
#endif
  return permit.has_value();
}
