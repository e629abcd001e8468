// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/gf256.hpp>

#include <array>
#include <cstddef>

#include "custody_catch.hpp"

using custody::detail::Gf256;
using custody::detail::gf256_invert;
using custody::detail::gf256_multiply;
using custody::detail::gf256_weight;

// FIPS 197, 4.2 and 4.2.1; the inverse is the one behind the S-box of 0x53.
static_assert(gf256_multiply(0x57, 0x83) == 0xC1 && gf256_multiply(0x83, 0x57) == 0xC1);
static_assert(gf256_multiply(0x57, 0x02) == 0xAE && gf256_multiply(0x57, 0x04) == 0x47);
static_assert(gf256_multiply(0x57, 0x08) == 0x8E && gf256_multiply(0x57, 0x10) == 0x07);
static_assert(gf256_multiply(0x57, 0x13) == 0xFE);
static_assert(gf256_invert(0x53) == 0xCA && gf256_invert(1) == 1 && gf256_invert(0) == 0);

TEST_CASE("every product and inverse agrees with logarithms to the base 3", "[gf256]") {
  std::array<unsigned, 256> log{};
  std::array<unsigned, 256> power{};
  unsigned value = 1;
  for (unsigned i = 0; i != 255; ++i) {
    power[i] = value;
    log[value] = i;
    value ^= value << 1;  // times 3
    if (value > 255) value ^= 0x11B;
  }
  REQUIRE(value == 1);  // 3 generates the field
  for (unsigned a = 0; a != 256; ++a) {
    for (unsigned b = 0; b != 256; ++b) {
      const unsigned wanted = a == 0 || b == 0 ? 0 : power[(log[a] + log[b]) % 255];
      REQUIRE(gf256_multiply(static_cast<Gf256>(a), static_cast<Gf256>(b)) == wanted);
    }
    const unsigned inverse = a == 0 ? 0 : power[(255 - log[a]) % 255];
    REQUIRE(gf256_invert(static_cast<Gf256>(a)) == inverse);
  }
}

TEST_CASE("weights give a polynomial's value from any of its points", "[gf256]") {
  const auto cubic = [](unsigned x) {  // 0x42 + 0x13 x + 0xEE x^2 + 0x01 x^3
    Gf256 sum = 0x01;
    for (const Gf256 next : {Gf256{0xEE}, Gf256{0x13}, Gf256{0x42}})
      sum = static_cast<Gf256>(gf256_multiply(sum, static_cast<Gf256>(x)) ^ next);
    return sum;
  };
  const std::array<Gf256, 4> at{7, 255, 1, 90};
  for (unsigned wanted = 0; wanted != 256; ++wanted) {
    Gf256 sum = 0;
    for (const Gf256 own : at)
      sum = static_cast<Gf256>(sum ^
                               gf256_multiply(cubic(own), gf256_weight(at.data(), 4, own, static_cast<Gf256>(wanted))));
    REQUIRE(sum == cubic(wanted));
  }
}
