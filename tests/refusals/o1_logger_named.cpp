// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O1]
// REFUSES: Fix: release(permit, sink), or print custody::redacted(value)
#include <iostream>

#include "demo.hpp"

struct Log {};
template <class Type>
Log& operator<<(Log& log, const Type& value) {
  std::clog << value;
  return log;
}

void log_in(Log& log, const Account& account) {
#ifdef CUSTODY_REFUSED
  log << account.phone;
#else
  log << custody::redacted(account.phone);
#endif
}
