// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
struct Login final {};
custody::Personal<std::string, Login> phone;
// end: broken
#else
// snippet: fixed
struct Login final : custody::Purpose<"account.login", custody::Basis::contract> {};
custody::Personal<std::string, Login> phone;
// end: fixed
#endif
