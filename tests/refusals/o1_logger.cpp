// SPDX-License-Identifier: Apache-2.0
// A host's own logger, which takes anything.
// REFUSES: custody[O1]
// REFUSES: Fix: release(permit, sink), or print custody::redacted(value)
#include <iostream>

#include "demo.hpp"

class Log {
 public:
  template <class Type>
  Log& operator<<(const Type& value) {
    std::clog << value;
    return *this;
  }
};

void log_in(const Account& account) {
#ifdef CUSTODY_REFUSED
  Log() << "login of " << account.phone;
#else
  Log() << "login of " << custody::redacted(account.phone);
#endif
}
