// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
#include "demo.hpp"

struct Login {};
#ifdef CUSTODY_REFUSED
constexpr auto clerk = custody::role<"clerk", custody::RoleKind::staff, custody::Level::grade3, Login>;
#else
constexpr auto clerk = custody::role<"clerk", custody::RoleKind::staff, custody::Level::grade3, AccountService>;
#endif
