// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O1]
// REFUSES: Fix: release(permit, sink), or print custody::redacted(value)
// REFUSES-FIRST: custody[O1]
// REFUSES-SHORT
#include <sstream>

#include "demo.hpp"

std::string line(const Account& account) {
  std::ostringstream out;
#ifdef CUSTODY_REFUSED
  out << "login " << account.uid.get() << " phone " << account.phone << '\n';
#else
  out << "login " << account.uid.get() << " phone " << custody::redacted(account.phone) << '\n';
#endif
  return out.str();
}
