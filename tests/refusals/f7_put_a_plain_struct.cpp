// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F7]
// REFUSES: Fix: give the struct a custody_fields declaration
// REFUSES-FIRST: custody[F7]
#include <custody/storage/memory_store.hpp>
#include <custody/storage/vault.hpp>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
struct Profile {
  std::string uid;
  std::string motto;
};
// end: broken
#else
// snippet: fixed
struct Profile : custody::Retained<custody::keep_for<custody::calendar_days(90)>> {
  custody::Public<std::string> uid;
  Nickname motto;
  using custody_fields =
      custody::Fields<custody::record<"profile", 7>, custody::key<&Profile::uid>, custody::owner<&Profile::uid>,
                      custody::field<1, "motto", &Profile::motto, custody::Category::bio>>;
};
// end: fixed
#endif

custody::Result<void> keep(custody::Vault<Product, custody::MemoryStore>& vault, Profile& profile) {
  return vault.put(profile);
}
