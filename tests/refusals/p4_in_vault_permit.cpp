// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
// REFUSES-FIRST: custody[P4]
#include <custody/storage/memory_store.hpp>
#include <custody/storage/vault.hpp>

#include "demo.hpp"

bool may(custody::Vault<Product, custody::MemoryStore>& vault, const custody::Subject& subject,
         const custody::Actor& actor) {
#ifdef CUSTODY_REFUSED
  return vault.permit<int>(subject, actor).has_value();
#else
  return vault.permit<AccountService>(subject, actor).has_value();
#endif
}
