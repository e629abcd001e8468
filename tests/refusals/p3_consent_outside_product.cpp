// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P3]
// REFUSES: s purposes, and to the notice
#include <custody/storage/memory_store.hpp>
#include <custody/storage/vault.hpp>

#include "demo.hpp"

struct AdRanking final : custody::Purpose<"marketing.ranking", custody::Basis::consent> {};
#ifdef CUSTODY_REFUSED
using Asked = AdRanking;
#else
using Asked = PersonalisedPush;
#endif

custody::Result<void> agreed(custody::Vault<Product, custody::MemoryStore>& vault, const custody::Subject& subject,
                             const custody::Consent<Asked>& consent) {
  return vault.grant(subject, consent);
}
