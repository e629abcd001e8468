// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O2]
// REFUSES-FIRST: custody[O2]
#include "demo.hpp"

bool given(const Account& account) {
#ifdef CUSTODY_REFUSED
  return account.phone != nullptr;
#else
  return account.phone.has_value();
#endif
}
