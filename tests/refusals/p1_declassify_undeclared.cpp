// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]
// REFUSES: Fix: declare the purpose
// REFUSES-FIRST: custody[P1]
// FLAGS: -DCUSTODY_DECLASSIFY_LINKED=1
#include <custody/declassify/declassify.hpp>

#include "demo.hpp"

struct ForTaxAudit final : custody::Reason<"tax-audit-2026"> {};

auto hand_over(const Account& account, const custody::Permit<MessageDelivery>& delivery,
               const custody::Permit<AccountService>& service) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(service);
  return custody::declassify<ForTaxAudit>(delivery, account.phone);
#else
  static_cast<void>(delivery);
  return custody::declassify<ForTaxAudit>(service, account.phone);
#endif
}
