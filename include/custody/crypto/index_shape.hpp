// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace custody::inline v0 {

/// What one index value costs before the keyed hash (Argon2id, RFC 9106, one lane): passes over so much memory; none for
/// a fast index.
struct IndexWork {
  std::uint32_t passes = 0;
  std::uint32_t memory_kib = 0;

  /// Nothing, or something that costs at most a second and a gibibyte.
  [[nodiscard]] constexpr bool good() const noexcept {
    if (passes == 0) return memory_kib == 0;
    return passes <= 16 && memory_kib >= 8 && memory_kib <= (1U << 20U);
  }
  [[nodiscard]] friend constexpr bool operator==(const IndexWork&, const IndexWork&) noexcept = default;
};

/// How many bits of a value an index keeps, and what one value costs. Part of the index: a change never gives comparable
/// values.
struct IndexShape {
  std::uint32_t bits = 128;
  IndexWork work{};

  [[nodiscard]] constexpr bool good() const noexcept { return bits >= 1 && bits <= 128 && work.good(); }
  [[nodiscard]] constexpr bool whole_and_fast() const noexcept { return bits == 128 && work == IndexWork{}; }
  [[nodiscard]] friend constexpr bool operator==(const IndexShape&, const IndexShape&) noexcept = default;
};

/// Option of an index: only the first bits of every value are kept, so that strangers share values. docs/blind-index.md
/// has the arithmetic.
template <unsigned Bits>
struct truncated {
  static constexpr std::uint32_t bits = Bits;
};
/// Option of an index: one pass over 64 KiB for each value, some ten microseconds; for fields of which few values exist.
struct stretched {
  static constexpr IndexWork work{1, 64};
};
/// Option of an index: two passes over 64 MiB for each value, some ten milliseconds; searches and writes wait for it.
struct slow {
  static constexpr IndexWork work{2, 65'536};
};

}  // namespace custody::inline v0
