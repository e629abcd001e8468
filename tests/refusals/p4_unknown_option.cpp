// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]: a purpose has an option that is none
// REFUSES: Fix: use custody::core
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Login final : custody::Purpose<"account.login", custody::Basis::contract, custody::account_life> {};
#else
struct Login final : custody::Purpose<"account.login", custody::Basis::contract, custody::core> {};
#endif
