// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Fix: ask empty() or has_value(), or release(permit, sink)
#include "demo.hpp"

std::string copied(const Account& account) {
#ifdef CUSTODY_REFUSED
  return static_cast<std::string>(account.phone);
#else
  return static_cast<std::string>(account.uid.get());
#endif
}
