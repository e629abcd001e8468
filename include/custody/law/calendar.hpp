// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <custody/law/retention.hpp>
#include <custody/words/clock.hpp>

namespace custody::inline v0 {

/// A calendar date.
struct Date {
  std::int32_t year = 1970;
  std::int32_t month = 1;
  std::int32_t day = 1;
  [[nodiscard]] friend constexpr auto operator<=>(const Date&, const Date&) noexcept = default;
};

/// Days since 1970-01-01 of a proleptic Gregorian date.
[[nodiscard]] constexpr std::int64_t days_since_epoch(Date date) noexcept {
  const std::int64_t y = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t shifted = (date.month + 9) % 12;
  const std::int64_t day_of_year = (153 * shifted + 2) / 5 + date.day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/// The Gregorian date of a number of days since 1970-01-01.
[[nodiscard]] constexpr Date date_of(std::int64_t days) noexcept {
  const std::int64_t z = days + 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const std::int64_t doe = z - era * 146097;
  const std::int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::int64_t mp = (5 * doy + 2) / 153;
  const auto month = static_cast<std::int32_t>(mp < 10 ? mp + 3 : mp - 9);
  return {static_cast<std::int32_t>(yoe + era * 400 + (month <= 2 ? 1 : 0)), month,
          static_cast<std::int32_t>(doy - (153 * mp + 2) / 5 + 1)};
}

/// One day that differs from the weekly rule: a holiday on a weekday, or a working day on a weekend.
struct SpecialDay {
  Date date;
  bool working = false;
};

/// The holiday table of a product, as data (the State Council publishes one a year). A year that is not `covered` counts
/// every day as a working day, so that a forgotten table makes deadlines earlier, never later.
class Calendar {
 public:
  constexpr Calendar() noexcept = default;
  constexpr Calendar(std::span<const std::int32_t> covered, std::span<const SpecialDay> special) noexcept
      : covered_(covered), special_(special) {}

  [[nodiscard]] constexpr bool is_working(std::int64_t day) const noexcept {
    const Date date = date_of(day);
    bool known = false;
    for (std::size_t i = 0; i != covered_.size(); ++i) known = known || covered_[i] == date.year;
    if (!known) return true;
    for (std::size_t i = 0; i != special_.size(); ++i) {
      if (special_[i].date == date) return special_[i].working;
    }
    const std::int64_t weekday = ((day % 7) + 11) % 7;  // 1970-01-01 was a Thursday; 0 is Sunday
    return weekday != 0 && weekday != 6;
  }

  /// The instant that lies `length` days after `from`; the time of day is kept.
  [[nodiscard]] constexpr Instant after(Instant from, Days length) const noexcept {
    if (!length.working) return from + days(length.count);
    std::int64_t day = from.ms / 86'400'000 - (from.ms % 86'400'000 < 0 ? 1 : 0);
    const std::int64_t first = day;
    for (std::int32_t left = length.count; left > 0;) {
      ++day;
      if (is_working(day)) --left;
    }
    return from + days(day - first);
  }

 private:
  std::span<const std::int32_t> covered_{};
  std::span<const SpecialDay> special_{};
};

}  // namespace custody::inline v0
