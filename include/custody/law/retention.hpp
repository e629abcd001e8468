// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/law/category.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {

/// What starts the retention clock.
enum class Start : std::uint8_t {
  collected,       ///< when the value was stored
  last_used,       ///< when it was last released or updated
  account_closed,  ///< when the account was closed: until then it lives
  checked,         ///< when the check it was collected for is done: destroyed at once
};

/// A number of days: calendar days, or working days by the product's holiday table.
struct Days {
  std::int32_t count = 0;
  bool working = false;
  [[nodiscard]] friend constexpr bool operator==(Days, Days) noexcept = default;
};
[[nodiscard]] constexpr Days calendar_days(std::int32_t count) noexcept { return {count, false}; }
[[nodiscard]] constexpr Days working_days(std::int32_t count) noexcept { return {count, true}; }

/// A retention rule as data. `ceiling` counts from `start`; `floor` from collection; 0 means none.
struct RetentionTerms {
  Start start = Start::collected;
  Days ceiling{};
  Days floor{};
  bool has_ceiling = false;
  [[nodiscard]] friend constexpr bool operator==(const RetentionTerms&, const RetentionTerms&) noexcept = default;
};

// Rule words for Retained<...> and retained<...>; each is a type that edits the terms.

/// Kept for the life of the account; combine with erase_within.
struct account_life {
  static constexpr void apply(RetentionTerms& terms) noexcept { terms.start = Start::account_closed; }
};
/// Destroyed at most this long after the clock started (App Unlawful-collection Method: 15 working days).
template <Days Limit>
struct erase_within {
  static constexpr void apply(RetentionTerms& terms) noexcept {
    terms.ceiling = Limit;
    terms.has_ceiling = true;
  }
};
/// Kept at most this long after it was collected (PIPL Art. 19).
template <Days Limit>
struct keep_for {
  static constexpr void apply(RetentionTerms& terms) noexcept {
    terms.start = Start::collected;
    terms.ceiling = Limit;
    terms.has_ceiling = true;
  }
};
/// Kept at most this long after its last use.
template <Days Limit>
struct keep_after_use {
  static constexpr void apply(RetentionTerms& terms) noexcept {
    terms.start = Start::last_used;
    terms.ceiling = Limit;
    terms.has_ceiling = true;
  }
};
/// Kept at least this long because a law says so; erasure before that restricts instead (PIPL Art. 47).
template <Days Limit>
struct keep_at_least {
  static constexpr void apply(RetentionTerms& terms) noexcept { terms.floor = Limit; }
};
/// Destroyed as soon as the check it was collected for is done (GB/T 35273 8.5).
struct until_checked {
  static constexpr void apply(RetentionTerms& terms) noexcept {
    terms.start = Start::checked;
    terms.ceiling = Days{};
    terms.has_ceiling = true;
  }
};

/// The upper bound of a number of days in calendar days: working days can stretch over weekends and long holidays.
[[nodiscard]] constexpr std::int32_t at_most_calendar(Days days) noexcept {
  return days.working ? (days.count * 7 + 4) / 5 + 14 : days.count;
}

namespace detail {

template <class... Rules>
[[nodiscard]] consteval RetentionTerms terms_of() noexcept {
  RetentionTerms terms;
  (Rules::apply(terms), ...);
  return terms;
}

/// A field may be stricter than its record, never laxer: the earlier ceiling and the longer floor win.
[[nodiscard]] constexpr RetentionTerms stricter(const RetentionTerms& record, const RetentionTerms& field) noexcept {
  RetentionTerms both = field.has_ceiling ? field : record;
  if (record.has_ceiling && field.has_ceiling && record.start == field.start &&
      at_most_calendar(record.ceiling) < at_most_calendar(field.ceiling)) {
    both.ceiling = record.ceiling;
  }
  both.floor = at_most_calendar(record.floor) < at_most_calendar(field.floor) ? field.floor : record.floor;
  return both;
}

[[nodiscard]] constexpr bool floor_fits(const RetentionTerms& terms) noexcept {
  return !terms.has_ceiling || terms.start != Start::collected ||
         at_most_calendar(terms.floor) <= at_most_calendar(terms.ceiling);
}
[[nodiscard]] constexpr bool within_category(const RetentionTerms& terms, Category category) noexcept {
  const std::int32_t ceiling = facts_of(category).ceiling_days;
  if (ceiling == 0 || terms.start == Start::checked) return true;
  return terms.has_ceiling && terms.start != Start::account_closed && at_most_calendar(terms.ceiling) <= ceiling;
}

}  // namespace detail

/// Mixin that says how long a record lives: `struct Account : custody::Retained<account_life, erase_within<...>>`.
/// PIPL Art. 19, 47; GDPR Art. 5(1)(e). Rules R1 to R3.
template <class... Rules>
struct Retained {
  using custody_retention = Retained;
  static_assert(sizeof...(Rules) != 0,
                "custody[R1]: a retention without a rule (PIPL Art. 19). Fix: name keep_for<days> or account_life.");
  static constexpr RetentionTerms custody_terms = detail::terms_of<Rules...>();
  static_assert(custody_terms.has_ceiling,
                "custody[R1]: a retention without an end (PIPL Art. 19). Fix: add erase_within<...> or keep_for<...>.");
  static_assert(detail::floor_fits(custody_terms),
                "custody[R3]: a retention floor lies above its ceiling (PIPL Art. 19, 47). Fix: raise the ceiling or "
                "lower the floor.");
  [[nodiscard]] friend constexpr bool operator==(const Retained&, const Retained&) noexcept = default;
};

}  // namespace custody::inline v0
