// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
#include <custody/data/password.hpp>

#include "demo.hpp"

struct Login {};
#ifdef CUSTODY_REFUSED
custody::Password<Login> password;
#else
custody::Password<AccountService> password;
#endif
