// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O3]
// REFUSES: Fix: order by a public key, or use a custody::Lookup
#include <algorithm>
#include <vector>

#include "demo.hpp"

void sorted(std::vector<Phone>& phones, std::vector<custody::Public<std::string>>& uids) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(uids);
  std::sort(phones.begin(), phones.end());
#else
  static_cast<void>(phones);
  std::sort(uids.begin(), uids.end());
#endif
}
