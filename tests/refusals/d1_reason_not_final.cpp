// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[D1]
// REFUSES: Fix: struct Why final : custody::Reason<
// REFUSES-FIRST: custody[D1]
// FLAGS: -DCUSTODY_DECLASSIFY_LINKED=1
#include <custody/declassify/declassify.hpp>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct ForTaxAudit : custody::Reason<"tax-audit-2026"> {};
#else
struct ForTaxAudit final : custody::Reason<"tax-audit-2026"> {};
#endif

auto hand_over(const Account& account, const custody::Permit<AccountService>& permit) {
  return custody::declassify<ForTaxAudit>(permit, account.phone);
}
