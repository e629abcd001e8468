// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>

namespace custody::inline v0 {

/// The random 16 bytes that stand for a person, or for a conversation, in everything durable. The link to a user id is
/// sealed under that person's key and dies with it, so a handle left behind in a log means nothing.
struct Handle {
  std::array<std::byte, 16> bytes{};

  [[nodiscard]] friend constexpr bool operator==(const Handle&, const Handle&) noexcept = default;
  [[nodiscard]] friend constexpr auto operator<=>(const Handle&, const Handle&) noexcept = default;
  [[nodiscard]] constexpr bool is_zero() const noexcept { return *this == Handle{}; }
};

}  // namespace custody::inline v0
