// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[P2] | no known conversion
#include <vector>

#include "demo.hpp"

void collect(const Account& account, std::vector<Phone>& phones) {
#ifdef CUSTODY_REFUSED
  phones.push_back(account.nickname);
#else
  phones.push_back(account.phone);
#endif
}
