// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P5]: a product declares no purposes
// REFUSES: Fix: list its purposes
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
constexpr auto where = custody::Product<"demo-mail", custody::Region::CN>::region;
#else
constexpr auto where = custody::Product<"demo-mail", custody::Region::CN, AccountService>::region;
#endif
