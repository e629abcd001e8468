// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[O2] | is ambiguous
// REFUSES: operator
#include "demo.hpp"

bool operator_of(const Account& account) {
#ifdef CUSTODY_REFUSED
  return "10086" == account.phone;
#else
  return "10086" == account.uid;
#endif
}
