// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Personal
#include "demo.hpp"

void copy(const Account& account, std::string& text) {
#ifdef CUSTODY_REFUSED
  text = account.phone;
#else
  text = account.uid.get();
#endif
}
