// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]: two purposes of a product share one id
// REFUSES: Fix: give each its own id
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Login final : custody::Purpose<"account.service", custody::Basis::consent> {};
#else
struct Login final : custody::Purpose<"account.login", custody::Basis::consent> {};
#endif
constexpr auto count = custody::Product<"demo-mail", custody::Region::CN, AccountService, Login>::purpose_count;
