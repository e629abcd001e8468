// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P5]
// REFUSES: Fix: name the purposes it serves
#include <custody/data/password.hpp>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Password<> password;
#else
custody::Password<AccountService> password;
#endif
