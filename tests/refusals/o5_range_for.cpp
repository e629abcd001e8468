// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O5]: a guarded value was iterated
// REFUSES: Fix: work on the value inside custody::map or a sink
// REFUSES-FIRST: custody[O5]
#include "demo.hpp"

int digits(const Account& account) {
  int count = 0;
#ifdef CUSTODY_REFUSED
  for (char c : account.phone) {
#else
  for (char c : account.uid.get()) {
#endif
    count += c >= '0' && c <= '9' ? 1 : 0;
  }
  return count;
}
