// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace custody::inline v0::detail {

/// The field of 256 elements that AES uses, modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197, 4.2). No table and no branch depends
/// on an operand, so that secrets do not show in the time or the cache.
using Gf256 = std::uint8_t;

/// All ones for an odd number, zero for an even one. The optimiser may not know which, or it makes a branch of it.
[[nodiscard]] constexpr unsigned gf256_mask(unsigned value) noexcept {
  value = 0U - (value & 1U);
  if (!__builtin_is_constant_evaluated()) __asm__("" : "+r"(value));
  return value;
}
[[nodiscard]] constexpr Gf256 gf256_multiply(Gf256 a, Gf256 b) noexcept {
  unsigned left = a;
  unsigned right = b;
  unsigned product = 0;
  for (int bit = 0; bit != 8; ++bit) {
    product ^= left & gf256_mask(right);
    left = (left << 1) ^ (0x11BU & gf256_mask(left >> 7));
    right >>= 1;
  }
  return static_cast<Gf256>(product);
}
/// The inverse by a^254; zero for zero.
[[nodiscard]] constexpr Gf256 gf256_invert(Gf256 a) noexcept {
  Gf256 power = a;
  Gf256 result = 1;
  for (int bit = 1; bit != 8; ++bit) {
    power = gf256_multiply(power, power);
    result = gf256_multiply(result, power);
  }
  return result;
}
/// The factor by which the value at `own` counts for the value at `wanted`, of a polynomial that is known at the `count`
/// distinct points `at` (Lagrange).
[[nodiscard]] constexpr Gf256 gf256_weight(const Gf256* at, unsigned count, Gf256 own, Gf256 wanted) noexcept {
  Gf256 above = 1;
  Gf256 below = 1;
  for (unsigned i = 0; i != count; ++i) {
    if (at[i] == own) continue;  // the points are public
    above = gf256_multiply(above, static_cast<Gf256>(wanted ^ at[i]));
    below = gf256_multiply(below, static_cast<Gf256>(own ^ at[i]));
  }
  return gf256_multiply(above, gf256_invert(below));
}

}  // namespace custody::inline v0::detail
