// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"

#include <string>

#include <custody/law/actor.hpp>
#include <custody/law/calendar.hpp>
#include <custody/law/policy.hpp>
#include <custody/law/product.hpp>

using namespace custody;  // NOLINT(google-build-using-namespace)

namespace {

struct Service final : Purpose<"account.service", Basis::contract, core, notice<"账号", "account">> {};
struct Push final : Purpose<"push.personalised", Basis::consent> {};
struct Tips final : Purpose<"push.tips", Basis::consent, parent<Push>> {};
struct Stateful final : Purpose<"stateful", Basis::contract> {
  int state = 0;
};
struct Open : Purpose<"open", Basis::contract> {};

static_assert(PurposeTag<Service> && PurposeTag<Push>);
static_assert(!PurposeTag<int> && !PurposeTag<const Service> && !PurposeTag<Stateful> && !PurposeTag<Open>);
using Demo = custody::Product<"demo", Region::CN, Service, Push>;
static_assert(PurposeOf<Push, Demo> && !PurposeOf<Tips, Demo>);

using A = detail::policy_for<Level::grade3, false, Push, Service>;
using B = detail::policy_for<Level::grade4, true, Service>;
static_assert(std::is_same_v<A, detail::policy_for<Level::grade3, false, Service, Push, Push>>);
static_assert(std::is_same_v<detail::joined<A, B>, detail::policy_for<Level::grade4, true, Service>>);
static_assert(detail::narrows<A, detail::policy_for<Level::grade4, false, Push>>);
static_assert(!detail::narrows<A, detail::policy_for<Level::grade2, false, Push>>);
static_assert(!detail::narrows<B, A>);

// 2026 Spring Festival as a table: three weekdays off, one Saturday worked.
constexpr std::int32_t covered[] = {2026};
constexpr SpecialDay special[] = {
    {{2026, 2, 17}, false}, {{2026, 2, 18}, false}, {{2026, 2, 19}, false}, {{2026, 2, 28}, true}};
constexpr Calendar table{covered, special};

constexpr Instant noon(Date date) { return {days_since_epoch(date) * 86'400'000 + 43'200'000}; }

}  // namespace

TEST_CASE("dates go there and back") {
  for (std::int64_t day = -800'000; day <= 800'000; day += 37) REQUIRE(days_since_epoch(date_of(day)) == day);
  CHECK(days_since_epoch({1970, 1, 1}) == 0);
  CHECK(days_since_epoch({2000, 3, 1}) == 11017);
}

TEST_CASE("working days follow the table") {
  CHECK(table.is_working(days_since_epoch({2026, 2, 16})));        // Monday
  CHECK_FALSE(table.is_working(days_since_epoch({2026, 2, 17})));  // holiday
  CHECK_FALSE(table.is_working(days_since_epoch({2026, 2, 21})));  // Saturday
  CHECK(table.is_working(days_since_epoch({2026, 2, 28})));        // worked Saturday
  // Monday 16th + 3 working days: 20th (Fri), 23rd, 24th
  CHECK(table.after(noon({2026, 2, 16}), working_days(3)) == noon({2026, 2, 24}));
  CHECK(table.after(noon({2026, 2, 16}), calendar_days(3)) == noon({2026, 2, 19}));
}

TEST_CASE("a year without a table counts calendar days, so a deadline is never late") {
  CHECK(table.after(noon({2027, 2, 1}), working_days(15)) == noon({2027, 2, 16}));
  CHECK(Calendar().after(noon({2026, 2, 16}), working_days(15)) == noon({2026, 3, 3}));
}

TEST_CASE("retention rules meet component-wise") {
  constexpr auto record = detail::terms_of<account_life, erase_within<working_days(15)>>();
  constexpr auto strict = detail::terms_of<keep_for<calendar_days(1)>>();
  CHECK(detail::stricter(record, strict) == strict);
  constexpr auto lax = detail::terms_of<keep_for<calendar_days(400)>>();
  constexpr auto tight = detail::terms_of<keep_for<calendar_days(30)>, keep_at_least<calendar_days(10)>>();
  CHECK(detail::stricter(tight, lax).ceiling == calendar_days(30));
  CHECK(detail::stricter(tight, lax).floor == calendar_days(10));
  CHECK_FALSE(detail::within_category(lax, Category::ip_address));
  CHECK(detail::within_category(tight, Category::ip_address));
  CHECK_FALSE(detail::within_category(record, Category::precise_location));
}

TEST_CASE("purposes that law forbids to be core are known by their stem") {
  CHECK(detail::never_core("push.personalised"));
  CHECK(detail::never_core("improve"));
  CHECK(detail::never_core("marketing.sms"));
  CHECK_FALSE(detail::never_core("push.transactional"));
  for (const char* id : {"improvement", "advertising", "ads", "ads.ranking", "feed.recommendation", "personalized.feed",
                         "biometrics.face", "training", "usage.analytics"}) {
    CAPTURE(id);
    CHECK(detail::never_core(id));
  }
  for (const char* id : {"", ".", "adsorption", "account.service", "message.delivery", "loads"}) {
    CAPTURE(id);
    CHECK_FALSE(detail::never_core(id));
  }
  CHECK(std::string(detail::purpose_facts<Tips>.parent) == "push.personalised");
}

TEST_CASE("a role serves its purposes only") {
  constexpr Role support = role<"support", RoleKind::staff, Level::grade3, Service>;
  CHECK(support.may("account.service"));
  CHECK_FALSE(support.may("push.personalised"));
  CHECK_FALSE(support.may("account"));
}
