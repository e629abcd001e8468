// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F3]: two records of a product share a number or a name
// REFUSES: Fix: give each its own
#include <custody/edges/manifest.hpp>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
constexpr std::uint32_t profile_number = 1;
#else
constexpr std::uint32_t profile_number = 7;
#endif

struct Profile : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname motto;
  using custody_fields = custody::Fields<custody::record<"profile", profile_number>, custody::owner<&Profile::uid>,
                                         custody::field<1, "motto", &Profile::motto, custody::Category::bio>>;
};

std::string manifest() { return custody::manifest<Product, Account, Profile>().dump(); }
