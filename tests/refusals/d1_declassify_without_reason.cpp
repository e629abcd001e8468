// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[D1]
// REFUSES: Fix: struct Why final : custody::Reason<
// REFUSES-FIRST: custody[D1]
// FLAGS: -DCUSTODY_DECLASSIFY_LINKED=1
#include <custody/declassify/declassify.hpp>

#include "demo.hpp"

struct ForTaxAudit final : custody::Reason<"tax-audit-2026"> {};

auto hand_over(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return custody::declassify(permit, account.phone);
  // end: broken
#else
  // snippet: fixed
  return custody::declassify<ForTaxAudit>(permit, account.phone);
  // end: fixed
#endif
}
