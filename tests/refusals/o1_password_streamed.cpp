// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O1]
// REFUSES: Fix: release(permit, sink), or print custody::redacted(value)
// REFUSES-FIRST: custody[O1]
#include <iostream>

#include <custody/data/password.hpp>

#include "demo.hpp"

void log_in(const custody::Password<AccountService>& password) {
#ifdef CUSTODY_REFUSED
  std::clog << password;
#else
  std::clog << custody::redacted(password);
#endif
}
