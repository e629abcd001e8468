// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
#include "demo.hpp"

struct Login {};
#ifdef CUSTODY_REFUSED
using OtherProduct = custody::Product<"demo-mail", custody::Region::CN, AccountService, Login>;
#else
using OtherProduct = custody::Product<"demo-mail", custody::Region::CN, AccountService>;
#endif
constexpr auto count = OtherProduct::purpose_count;
