// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O9]
// REFUSES: Fix: call reset() for no value
// REFUSES-FIRST: custody[O9]
#include <custody/data/password.hpp>

#include "demo.hpp"

void forget(custody::Password<AccountService>& password) {
#ifdef CUSTODY_REFUSED
  password = nullptr;
#else
  password.reset();
#endif
}
