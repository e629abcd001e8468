// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S7]
// REFUSES-ANY: suite_floor | CipherSuite | S7
#include "demo.hpp"

// The default suite with a tag that can be guessed.
struct ShortTag : custody::XChaCha20Poly1305 {
  static constexpr custody::SuiteId id = static_cast<custody::SuiteId>(64);
#ifdef CUSTODY_REFUSED
  static constexpr std::size_t tag_size = 4;
#endif
};

struct App : Product {
  using custody_suite_floor = custody::suite_floor<custody::Level::grade4, ShortTag>;
};

bool here(const custody::KeyRing<App>& ring) { return static_cast<bool>(ring.core()); }
