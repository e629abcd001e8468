// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P3]
// REFUSES: s purposes, and to the notice
// REFUSES-FIRST: custody[P3]
#include <custody/storage/memory_store.hpp>
#include <custody/storage/vault.hpp>

#include "demo.hpp"

struct AdRanking final : custody::Purpose<"marketing.ranking", custody::Basis::consent> {};

bool may_rank(custody::Vault<Product, custody::MemoryStore>& vault, const custody::Subject& subject,
              const custody::Actor& actor) {
#ifdef CUSTODY_REFUSED
  return vault.permit<AdRanking>(subject, actor).has_value();
#else
  return vault.permit<PersonalisedPush>(subject, actor).has_value();
#endif
}
