// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L4]
// REFUSES: Fix: use a store whose custody_protection reaches that level
// REFUSES-FIRST: custody[L4]
#include <custody/storage/memory_store.hpp>
#include <custody/storage/vault.hpp>

#include "demo.hpp"

struct CacheStore : custody::MemoryStore {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  static constexpr custody::Protection custody_protection{custody::Level::grade2, "cache"};
  // end: broken
#else
  // snippet: fixed
  static constexpr custody::Protection custody_protection{custody::Level::grade4, "cache"};
  // end: fixed
#endif
};

custody::Result<void> keep(custody::Vault<Product, CacheStore>& vault, Account& account) { return vault.put(account); }
