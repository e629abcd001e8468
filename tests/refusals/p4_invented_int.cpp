// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Personal<std::string, int> phone;
#else
custody::Personal<std::string, AccountService> phone;
#endif
