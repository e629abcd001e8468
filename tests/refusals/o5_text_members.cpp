// SPDX-License-Identifier: Apache-2.0
// What a string has and a guarded string has not is not there.
// REFUSES-ANY: custody[O5] | custody[O6] | no member named
// REFUSES: c_str
#include "demo.hpp"

const char* text(const Account& account) {
#ifdef CUSTODY_REFUSED
  return account.phone.c_str();
#else
  return account.uid->c_str();
#endif
}
