// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L1]
// REFUSES: Fix: raise the level of the target
// REFUSES-FIRST: custody[L1]
// REFUSES-SHORT
#include "demo.hpp"

using Plain = custody::Personal<std::string, RealNameVerify>;

void copy_number([[maybe_unused]] Plain& plain, [[maybe_unused]] IdNumber& same, const Account& account) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  plain = account.id_number;
  // end: broken
#else
  // snippet: fixed
  same = account.id_number;
  // end: fixed
#endif
}
