// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[O6] | ambiguous overload | is ambiguous
// REFUSES: Personal
#include "demo.hpp"

void copy(const Account& account, std::string& text) {
#ifdef CUSTODY_REFUSED
  text = account.phone;
#else
  text = account.uid.get();
#endif
}
