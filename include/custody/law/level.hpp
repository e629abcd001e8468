// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/words/rule.hpp>

namespace custody::inline v0 {

/// How much harm disclosure does: four grades of general data, then important and core data (DSL Art. 21; GB/T 43697).
enum class Level : std::uint8_t { grade1 = 1, grade2 = 2, grade3 = 3, grade4 = 4, important = 5, core = 6 };

/// Joined data takes the highest level of its parts (MIIT Data Security Measures).
[[nodiscard]] constexpr Level higher(Level a, Level b) noexcept { return a < b ? b : a; }

[[nodiscard]] constexpr const char* name_of(Level level) noexcept {
  switch (level) {
    case Level::grade1: return "grade1";
    case Level::grade2: return "grade2";
    case Level::grade3: return "grade3";
    case Level::grade4: return "grade4";
    case Level::important: return "important";
    case Level::core: return "core";
  }
  return "unknown";
}

namespace detail {
template <Level Value>
inline constexpr bool is_level = Value >= Level::grade1 && Value <= Level::core;
}  // namespace detail

/// One of the six levels, not a number cast to one. Rule L3.
template <Level Value>
concept DeclaredLevel = rule<detail::is_level<Value>,
                             "custody[L3]: a level outside grade1..grade4, important, core was invented (DSL Art. 21). "
                             "Fix: use one of the six custody::Level values.">;

/// Whether data of one level may go to something declared for another: never upward of what that something protects.
template <Level Data, Level Ceiling>
inline constexpr bool may_flow_to = Data <= Ceiling;

}  // namespace custody::inline v0
