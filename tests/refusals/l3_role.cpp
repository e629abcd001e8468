// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L3]
// REFUSES: Fix: use one of the six custody::Level values
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
constexpr auto level = static_cast<custody::Level>(99);
#else
constexpr auto level = custody::Level::core;
#endif
constexpr auto service = custody::role<"service", custody::RoleKind::service, level, AccountService>;
