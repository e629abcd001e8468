// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P3]
// REFUSES: s purposes, and to the notice
#include "demo.hpp"

struct AdRanking final : custody::Purpose<"marketing.ranking", custody::Basis::consent> {};

template <custody::PurposeOf<Product> Tag>
struct PurposePage {};

#ifdef CUSTODY_REFUSED
using Page = PurposePage<AdRanking>;
#else
using Page = PurposePage<PersonalisedPush>;
#endif
