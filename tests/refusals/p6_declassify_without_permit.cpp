// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: plaintext is taken out with something that is no permit
// REFUSES: Fix: pass a custody::Permit<Purpose>
// REFUSES-FIRST: custody[P6]
// FLAGS: -DCUSTODY_DECLASSIFY_LINKED=1
#include <custody/declassify/declassify.hpp>

#include "demo.hpp"

struct ForTaxAudit final : custody::Reason<"tax-audit-2026"> {};

auto hand_over(const Account& account, bool is_admin, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return custody::declassify<ForTaxAudit>(is_admin, account.phone);
#else
  static_cast<void>(is_admin);
  return custody::declassify<ForTaxAudit>(permit, account.phone);
#endif
}
