// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S5]
// REFUSES: Fix: static constexpr custody::Protection custody_protection
// REFUSES-FIRST: custody[S5]
#include "demo.hpp"

struct Token final : custody::RootProvider {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  // nothing says what keeps the root
  // end: broken
#else
  // snippet: fixed
  static constexpr custody::Protection custody_protection{custody::Level::core, "hardware token"};
  // end: fixed
#endif
  custody::Result<custody::SecretKey> branch(custody::ByteView) noexcept override {
    return custody::Errc::storage_failed;
  }
};

auto open() { return custody::RootKey::from_provider(Token()); }
