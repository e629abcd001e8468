// SPDX-License-Identifier: Apache-2.0
#include <custody/evidence/access.hpp>

#include "custody_catch.hpp"

using custody::Category;
using custody::Errc;
using custody::Level;
using custody::may;

namespace {
struct Support final : custody::Purpose<"support", custody::Basis::contract> {};
struct Delivery final : custody::Purpose<"message.delivery", custody::Basis::contract> {};
constexpr custody::Role staff = custody::role<"staff", custody::RoleKind::staff, Level::grade4, Support, Delivery>;
constexpr custody::Role router = custody::role<"router", custody::RoleKind::service, Level::grade4, Delivery>;
constexpr custody::Role clerk = custody::role<"clerk", custody::RoleKind::staff, Level::grade2, Support>;
}  // namespace

TEST_CASE("a role serves its purposes up to its clearance", "[evidence]") {
  CHECK(may({&staff, "s1"}, "support", Level::grade4));
  CHECK(may({&staff, "s1"}, "support", Level::important).error() == Errc::clearance_too_low);
  CHECK(may({&clerk, "c1"}, "support", Level::grade2));
  CHECK(may({&clerk, "c1"}, "support", Level::grade3).error() == Errc::clearance_too_low);
  CHECK(may({&clerk, "c1"}, "message.delivery", Level::grade1).error() == Errc::role_lacks_purpose);
  CHECK(may({nullptr, "x"}, "support", Level::grade1).error() == Errc::role_lacks_purpose);
}

TEST_CASE("the category's own grade counts", "[evidence]") {
  CHECK(may({&clerk, "c1"}, "support", Level::grade1, Category::nickname));
  CHECK(may({&clerk, "c1"}, "support", Level::grade1, Category::phone).error() == Errc::clearance_too_low);
}

TEST_CASE("staff never get private communication", "[evidence]") {
  CHECK(may({&router, "r"}, "message.delivery", Level::grade4, Category::message_body));
  CHECK(may({&staff, "s1"}, "message.delivery", Level::grade4, Category::message_body).error() ==
        Errc::role_lacks_purpose);
  CHECK(may({&staff, "s1"}, "support", Level::grade4, Category::attachment).error() == Errc::role_lacks_purpose);
  CHECK(may({&staff, "s1"}, "support", Level::grade4, Category::id_number));
}
