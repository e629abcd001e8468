// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Fix: ask empty() or has_value(), or release(permit, sink)
// REFUSES-FIRST: custody[O6]
#include "demo.hpp"

using Age = custody::Personal<int, AccountService>;

int years(const Age& age, const custody::Public<int>& since) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(since);
  const int number = age;
#else
  static_cast<void>(age);
  const int number = since;
#endif
  return number;
}
