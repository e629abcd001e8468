// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]: a purpose needs an id
// REFUSES: Fix: give it a short id
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Login final : custody::Purpose<"", custody::Basis::contract> {};
#else
struct Login final : custody::Purpose<"account.login", custody::Basis::contract> {};
#endif
