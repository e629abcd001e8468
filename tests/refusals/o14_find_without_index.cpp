// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O14]
// REFUSES: Fix: add custody::indexed<Normaliser> to the field
#include <custody/storage/memory_store.hpp>
#include <custody/storage/vault.hpp>

#include "demo.hpp"

bool search(custody::Vault<Product, custody::MemoryStore>& vault, std::string_view text) {
#ifdef CUSTODY_REFUSED
  return vault.find_by<&Account::nickname>(text).has_value();
#else
  return vault.find_by<&Account::phone>(text).has_value();
#endif
}
