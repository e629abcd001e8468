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

  [[nodiscard]] friend constexpr bool operator==(const Handle& a, const Handle& b) noexcept {
    return (a <=> b) == std::strong_ordering::equal;
  }
  [[nodiscard]] friend constexpr std::strong_ordering operator<=>(const Handle& a, const Handle& b) noexcept {
    for (std::size_t i = 0; i != 16; ++i) {
      if (a.bytes[i] != b.bytes[i]) {
        return a.bytes[i] < b.bytes[i] ? std::strong_ordering::less : std::strong_ordering::greater;
      }
    }
    return std::strong_ordering::equal;
  }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return *this == Handle{}; }
};

}  // namespace custody::inline v0
