// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <custody/crypto/suite.hpp>
#include <custody/law/level.hpp>

namespace custody::inline v0 {
namespace detail {

/// Rule S7.
template <class Suite>
struct SuiteChecked {
  static_assert(CipherSuite<Suite>,
                "custody[S7]: something that is no cipher suite was to seal guarded data (PIPL Art. 51). "
                "Fix: use custody::XChaCha20Poly1305, Aes256Gcm or Aegis256, or model custody::CipherSuite.");
  static constexpr bool good = true;
};

}  // namespace detail

/// The only suites that may protect data from a level up. A product declares it beside its suite:
/// `struct App : custody::Product<...> { using custody_suite = custody::Aes256Gcm;
/// using custody_suite_floor = custody::suite_floor<custody::Level::grade4, custody::XChaCha20Poly1305>; };`
template <Level From, class... Suites>
  requires(sizeof...(Suites) != 0 && DeclaredLevel<From> && (detail::SuiteChecked<Suites>::good && ...))
struct suite_floor {
  static constexpr Level from = From;
  static constexpr SuiteId allowed[] = {Suites::id...};
};

namespace detail {

/// A suite floor as data; without one every suite is good for every level.
struct SuiteFloor {
  Level from = Level::core;
  const SuiteId* allowed = nullptr;
  std::size_t count = 0;

  [[nodiscard]] constexpr bool allows(SuiteId suite, Level level) const noexcept {
    if (allowed == nullptr || level < from) return true;
    for (std::size_t i = 0; i != count; ++i) {
      if (allowed[i] == suite) return true;
    }
    return false;
  }
};

/// The suite that a product pins; the default one otherwise. Declared, never chosen by what a machine can do: the data
/// outlives the machine.
template <class Product>
struct PinnedSuite {
  using type = XChaCha20Poly1305;
};
template <class Product>
  requires requires { typename Product::custody_suite; }
struct PinnedSuite<Product> {
  using type = typename Product::custody_suite;
};

template <class Product>
inline constexpr SuiteFloor suite_floor_of{};
template <class Product>
  requires requires { typename Product::custody_suite_floor; }
inline constexpr SuiteFloor suite_floor_of<Product>{Product::custody_suite_floor::from,
                                                    Product::custody_suite_floor::allowed,
                                                    sizeof Product::custody_suite_floor::allowed / sizeof(SuiteId)};

}  // namespace detail

/// The cipher suite of a product: `Product::custody_suite`, or XChaCha20-Poly1305.
template <class Product>
using suite_of = typename detail::PinnedSuite<Product>::type;

}  // namespace custody::inline v0
