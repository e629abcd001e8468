// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Login final : custody::Purpose<"account.login", custody::Basis::contract>,
                     custody::Purpose<"push.login", custody::Basis::consent> {};
#else
struct Login final : custody::Purpose<"account.login", custody::Basis::contract> {};
#endif
custody::Personal<std::string, Login> phone;
