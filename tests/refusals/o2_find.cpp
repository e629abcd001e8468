// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O2]
// REFUSES: a Lookup for equality search
#include <algorithm>
#include <vector>

#include "demo.hpp"

bool known(const std::vector<Phone>& phones, const std::vector<custody::Lookup<std::string>>& index,
           [[maybe_unused]] const Account& account, [[maybe_unused]] const custody::Lookup<std::string>& wanted) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(index);
  return std::find(phones.begin(), phones.end(), account.phone) != phones.end();
#else
  static_cast<void>(phones);
  return std::find(index.begin(), index.end(), wanted) != index.end();
#endif
}
