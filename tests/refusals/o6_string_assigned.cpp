// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Fix: ask empty() or has_value(), or release(permit, sink)
// REFUSES-FIRST: custody[O6]
#include "demo.hpp"

void copy(const Account& account, std::string& text) {
#ifdef CUSTODY_REFUSED
  text = account.phone;
#else
  text = account.uid.get();
#endif
}
