// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P3]
// REFUSES: Fix: add it to the product's purposes
#include "demo.hpp"

struct AdRanking final : custody::Purpose<"marketing.ranking", custody::Basis::consent> {};

bool may_rank(Ring& ring, const custody::Subject& subject, const custody::Actor& actor) {
#ifdef CUSTODY_REFUSED
  return ring.decide<AdRanking>(subject, actor).verdict().has_value();
#else
  return ring.decide<PersonalisedPush>(subject, actor).verdict().has_value();
#endif
}
