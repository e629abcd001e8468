// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Fix: ask empty() or has_value(), or release(permit, sink)
// REFUSES-FIRST: custody[O6]
// REFUSES-SHORT
#include "demo.hpp"

std::string copied(const Account& account) {
#ifdef CUSTODY_REFUSED
  std::string text = account.phone;
#else
  std::string text = account.uid;
#endif
  return text;
}
