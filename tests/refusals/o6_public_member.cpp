// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[O6] | no match for 'operator=' | no viable overloaded '='
// REFUSES: Personal
#include "demo.hpp"

void rename(Account& account, const Account& other) {
#ifdef CUSTODY_REFUSED
  account.uid = other.phone;
#else
  account.uid = other.uid;
#endif
}
