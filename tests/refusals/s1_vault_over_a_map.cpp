// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S1]
// REFUSES: Fix: use custody::SqliteStore or custody::MemoryStore
#include <map>

#include <custody/storage/memory_store.hpp>
#include <custody/storage/vault.hpp>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
using Vault = custody::Vault<Product, std::map<std::string, std::string>>;
// end: broken
#else
// snippet: fixed
using Vault = custody::Vault<Product, custody::MemoryStore>;
// end: fixed
#endif
bool erase(Vault& vault, const custody::Subject& subject) { return vault.erase(subject).has_value(); }
