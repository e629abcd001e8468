// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P3]
// REFUSES: s purposes, and to the notice
#include <span>

#include "demo.hpp"

struct AdRanking final : custody::Purpose<"marketing.ranking", custody::Basis::consent> {};

bool may_rank(Ring& ring, std::span<const custody::Subject> everybody, const custody::Actor& actor,
              custody::Instant until) {
#ifdef CUSTODY_REFUSED
  return ring.permit<AdRanking>(everybody, actor, until).has_value();
#else
  return ring.permit<PersonalisedPush>(everybody, actor, until).has_value();
#endif
}
