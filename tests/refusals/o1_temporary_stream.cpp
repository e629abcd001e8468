// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Fix: ask empty() or has_value(), or release(permit, sink)
// REFUSES-FIRST: custody[O6]
#include <sstream>

#include "demo.hpp"

void log_in(const Account& account) {
#ifdef CUSTODY_REFUSED
  std::ostringstream() << account.phone;
#else
  std::ostringstream() << custody::redacted(account.phone);
#endif
}
