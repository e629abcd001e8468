// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S5]
// REFUSES: Fix: static constexpr custody::Protection custody_protection
// REFUSES-FIRST: custody[S5]
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
using Keys = custody::KeyStore;
// end: broken
#else
// snippet: fixed
using Keys = custody::MemoryKeyStore;
// end: fixed
#endif

bool open(Keys& keys, const custody::RootKey& root, custody::Witness& witness, custody::Authority& authority,
          const custody::Clock& clock) {
  return Ring::open(keys, root, witness, authority, clock).has_value();
}
