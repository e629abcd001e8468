// SPDX-License-Identifier: Apache-2.0
// Declarations evolve: an envelope of an earlier declaration opens only for purposes in both, never under a lower level
// than it was sealed with, and is sealed again by the next bind, when that widens nothing (DESIGN 4).
#include "custody_catch.hpp"
#include "world.hpp"

#include <custody/data/display.hpp>

using namespace custody_test;

namespace {

using Life = c::Retained<c::account_life, c::erase_within<c::working_days(15)>>;
using A = AccountService;
using S = CustomerSupport;
using One = c::Personal<std::string, A>;
using Two = c::Personal<std::string, A, S>;
using High = c::Classified<One, c::Level::grade4>;

/// The same record under different declarations of its one field.
template <class Type, class... Former>
struct Record : Life {
  Type value;
  using custody_fields =
      c::Fields<c::record<"evolving", 40>, c::field<1, "value", &Record::value, c::Category::phone, Former...>>;
};
using JustOne = Record<One>;
using JustTwo = Record<Two>;
using JustHigh = Record<High>;
using Added = Record<Two, c::formerly<"value", One>>;
using Dropped = Record<One, c::formerly<"value", Two>>;
using Renamed = Record<One, c::formerly<"old_name", One>>;
using Raised = Record<High, c::formerly<"value", One>>;
using Lowered = Record<One, c::formerly<"value", High>>;
using Thrice = Record<One, c::formerly<"value", One>, c::formerly<"value", Two>>;

struct Life1 {
  World world;
  c::Subject person = world.person("u1");
  c::Permit<A> for_service = world.permit<A>(person);
  c::Permit<S> for_support = world.permit<S>(person);

  template <class R>
  c::Bytes sealed(std::string_view text, std::uint64_t version = 0) {
    auto made = c::seal_for<&R::value>(world.row<R>("row", person, version), std::string(text));
    REQUIRE(made);
    return std::move(*c::at_rest::blob(*made));
  }
  template <class R>
  R read(const c::Bytes& envelope, std::uint64_t version = 0) {
    R record;
    REQUIRE(c::at_rest::from_blob<&R::value>(world.row<R>("row", person, version), envelope, record.value));
    return record;
  }
  /// What a put does: bind to the place it came from; the envelope afterwards.
  template <class R>
  c::Bytes put(R& record) {
    REQUIRE(c::bind<&R::value>(world.row<R>("row", person), record.value));
    return std::move(*c::at_rest::blob(record.value));
  }
};

unsigned revision_of(const c::Bytes& envelope) { return std::to_integer<unsigned>(envelope[2]); }

}  // namespace

TEST_CASE("the current declaration re-emits the identical envelope") {
  Life1 t;
  const auto stored = t.sealed<JustTwo>("x");
  auto record = t.read<JustTwo>(stored);
  CHECK(t.put(record) == stored);
}

TEST_CASE("a purpose added later does not reach what was collected without it") {
  Life1 t;
  const auto stored = t.sealed<JustOne>("x");
  auto record = t.read<Added>(stored);
  CHECK(released(record.value, t.for_service) == "x");
  CHECK(refusal(record.value, t.for_support) == code(c::Errc::purpose_not_then));
  CHECK(failure(c::show<c::mask_name>(t.for_support, record.value)) == code(c::Errc::purpose_not_then));
  CHECK(t.put(record) == stored);  // sealing again would widen it
  CHECK(refusal(record.value, t.for_support) == code(c::Errc::purpose_not_then));
  // a value collected now is for both
  record.value = "y";
  const auto fresh = t.put(record);
  CHECK(revision_of(fresh) == 2);
  CHECK(released(record.value, t.for_support) == "y");
}

TEST_CASE("nor by way of a region, of restrict_to or of rebind") {
  Life1 t;
  auto record = t.read<Added>(t.sealed<JustOne>("x"));
  const auto open_for_support = [&](auto& result) { return result && refusal(*result, t.for_support) == fine; };
  auto mapped = c::map(t.for_service, record.value, [](const std::string& s) noexcept { return s; });
  CHECK_FALSE(open_for_support(mapped));
  auto joined = c::join(t.for_service, record.value, t.for_service, record.value,
                        [](const std::string& s, const std::string&) noexcept { return s; });
  CHECK_FALSE(open_for_support(joined));
  auto restricted = c::restrict_to<c::Personal<std::string, S>>(t.for_service, record.value);
  CHECK_FALSE(open_for_support(restricted));
  if (c::rebind<&Added::value>(t.for_service, t.world.row<Added>("row2", t.person), record.value)) {
    CHECK(refusal(record.value, t.for_support) == code(c::Errc::purpose_not_then));
  }
  // what stays within the purposes of then is fine
  auto narrow = c::restrict_to<One>(t.for_service, record.value);
  CHECK(narrow);
}

TEST_CASE("a purpose dropped later closes what was collected for it, and the next put narrows the envelope") {
  Life1 t;
  const auto stored = t.sealed<JustTwo>("x");
  auto record = t.read<Dropped>(stored);
  CHECK(released(record.value, t.for_service) == "x");
  const auto again = t.put(record);
  CHECK(again != stored);
  CHECK(revision_of(again) == 2);
  CHECK(released(record.value, t.for_service) == "x");
  CHECK(t.put(record) == again);
  auto later = t.read<Dropped>(again);
  CHECK(released(later.value, t.for_service) == "x");
}

TEST_CASE("a renamed field keeps its data") {
  Life1 t;
  const auto stored = t.sealed<JustOne>("x");
  auto record = t.read<Renamed>(stored);
  CHECK(released(record.value, t.for_service) == "x");
  CHECK(t.world.witness.last().field == "value");
  CHECK(revision_of(t.put(record)) == 2);
  CHECK(released(record.value, t.for_service) == "x");
}

TEST_CASE("a raised level holds at once, and the next put seals under it") {
  Life1 t;
  static constexpr const c::Role& low = c::role<"low", c::RoleKind::service, c::Level::grade3, A>;
  const auto stored = t.sealed<JustOne>("x");
  auto record = t.read<Raised>(stored);
  CHECK(refusal(record.value, t.world.permit<A>(t.person, low)) == code(c::Errc::clearance_too_low));
  CHECK(released(record.value, t.for_service) == "x");
  const auto again = t.put(record);
  CHECK(revision_of(again) == 2);
  CHECK(released(record.value, t.for_service) == "x");
}

TEST_CASE("a lowered level never lowers what was sealed under the higher one") {
  Life1 t;
  static constexpr const c::Role& low = c::role<"low", c::RoleKind::service, c::Level::grade3, A>;
  const auto stored = t.sealed<JustHigh>("x");
  auto record = t.read<Lowered>(stored);
  const auto lows = t.world.permit<A>(t.person, low);
  CHECK(refusal(record.value, lows) == code(c::Errc::clearance_too_low));
  CHECK(released(record.value, t.for_service) == "x");
  CHECK(t.put(record) == stored);
  CHECK(refusal(record.value, lows) == code(c::Errc::clearance_too_low));
  auto mapped = c::map(t.for_service, record.value, [](const std::string& s) noexcept { return s; });
  if (mapped) CHECK(refusal(*mapped, lows) == code(c::Errc::clearance_too_low));
  bool low_sink_called = false;
  auto sink = c::sink<A, "low-log", c::Level::grade3>([&](std::string_view) { low_sink_called = true; });
  CHECK(failure(record.value.release(t.for_service, sink)) == code(c::Errc::clearance_too_low));
  CHECK_FALSE(low_sink_called);
}

TEST_CASE("every listed declaration is read, oldest first; an unlisted one is not") {
  Life1 t;
  auto first = t.read<Thrice>(t.sealed<JustOne>("first"));
  CHECK(released(first.value, t.for_service) == "first");
  Added second_time;
  second_time.value = "second";
  const auto second_stored = t.put(second_time);
  auto second = t.read<Thrice>(second_stored);  // revision 2 is <A, S> in both
  CHECK(released(second.value, t.for_service) == "second");
  CHECK(revision_of(t.put(second)) == 3);
  JustOne old_program;
  CHECK(failure(c::at_rest::from_blob<&JustOne::value>(t.world.row<JustOne>("row", t.person), second_stored,
                                                       old_program.value)) == code(c::Errc::unknown_revision));
  // a declaration that was never this field's: the header names it, the tag does not hold
  auto wrong = t.read<Dropped>(t.sealed<JustOne>("x"));
  CHECK(refusal(wrong.value, t.for_service) == code(c::Errc::tampered));
}

TEST_CASE("a stored value of an earlier declaration is not taken by a later row version unless it renews") {
  Life1 t;
  const auto stored = t.sealed<JustHigh>("x", 1);
  auto record = t.read<JustHigh>(stored, 1);
  REQUIRE(c::bind<&JustHigh::value>(t.world.row<JustHigh>("row", t.person, 2), record.value));
  const auto renewed = c::at_rest::blob(record.value);
  CHECK(*renewed != stored);
  auto later = t.read<JustHigh>(*renewed, 2);
  CHECK(released(later.value, t.for_service) == "x");
  auto replayed = t.read<JustHigh>(stored, 2);
  CHECK(refusal(replayed.value, t.for_service) == code(c::Errc::tampered));
}

TEST_CASE("a field whose payload became another type is refused, not misread") {
  Life1 t;
  using Number = Record<c::Personal<std::int32_t, A>, c::formerly<"value", One>>;
  const auto stored = t.sealed<JustOne>("four");
  auto record = t.read<Number>(stored);
  CHECK(refusal(record.value, t.for_service) == code(c::Errc::malformed));
  CHECK(t.put(record) == stored);
  CHECK(refusal(record.value, t.for_service) == code(c::Errc::malformed));
}

template <class Field>
constexpr bool serves_push = requires(const Field& f, const c::Permit<PersonalisedPush>& permit) {
  f.release(permit, c::sink<PersonalisedPush, "x">([](std::string_view) {}));
};

TEST_CASE("a part without purposes neither adds any to what it is joined with nor frees it of its own") {
  using Plain = c::Classified<std::string, c::Level::grade2>;
  const auto first = [](const std::string& a, const std::string&) noexcept { return a; };
  using PlainFirst =
      typename decltype(c::join(std::declval<const c::Permit<A>&>(), std::declval<const Plain&>(),
                                std::declval<const c::Permit<A>&>(), std::declval<const One&>(), first))::success_type;
  using PlainLast = typename decltype(c::join(std::declval<const c::Permit<A>&>(), std::declval<const One&>(),
                                              std::declval<const c::Permit<A>&>(), std::declval<const Plain&>(),
                                              first))::success_type;
  static_assert(serves_push<Plain> && !serves_push<One>);
  static_assert(!serves_push<PlainFirst> && !serves_push<PlainLast>);
  static_assert(std::is_same_v<PlainFirst::custody_declared::policy, One::custody_declared::policy>);
}
