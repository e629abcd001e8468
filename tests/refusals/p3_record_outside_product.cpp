// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P3]: a record serves a purpose outside
// REFUSES: s purposes, and to the notice
#include <custody/edges/manifest.hpp>

#include "demo.hpp"

struct AdRanking final : custody::Purpose<"marketing.ranking", custody::Basis::consent> {};
#ifdef CUSTODY_REFUSED
using Taste = custody::Personal<std::string, AdRanking>;
#else
using Taste = custody::Personal<std::string, PersonalisedPush>;
#endif

struct Profile : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Taste taste;
  using custody_fields = custody::Fields<custody::record<"profile", 7>, custody::owner<&Profile::uid>,
                                         custody::field<1, "taste", &Profile::taste, custody::Category::user_tag>>;
};

std::string manifest() { return custody::manifest<Product, Account, Profile>().dump(); }
