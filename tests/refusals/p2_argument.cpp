// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[P2] | no known conversion
#include "demo.hpp"

void call(const Phone&);

void ring_up(const Account& account) {
#ifdef CUSTODY_REFUSED
  call(account.nickname);
#else
  call(account.phone);
#endif
}
