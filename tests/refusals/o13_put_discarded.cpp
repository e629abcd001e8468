// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[O13] | nodiscard
// REFUSES-FIRST: put
// FLAGS: -Werror=unused-result
#include <custody/storage/memory_store.hpp>
#include <custody/storage/vault.hpp>

#include "demo.hpp"

custody::Result<void> keep(custody::Vault<Product, custody::MemoryStore>& vault, Account& account) {
#ifdef CUSTODY_REFUSED
  vault.put(account);
  return {};
#else
  return vault.put(account);
#endif
}
