// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O5]: a guarded value was iterated
// REFUSES: Fix: work on the value inside custody::map or a sink
// REFUSES-FIRST: custody[O5]
#include "demo.hpp"

std::string copied(const Account& account) {
#ifdef CUSTODY_REFUSED
  return std::string(account.phone.begin(), account.phone.end());
#else
  return std::string(account.uid->begin(), account.uid->end());
#endif
}
