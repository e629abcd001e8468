// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]
// REFUSES: Fix: pass a custody::Permit<Purpose> from a vault or key ring
// REFUSES-FIRST: custody[P6]
#include "demo.hpp"

custody::Result<void> tell(Ring& ring, const Account& account, const custody::Subject& subject,
                           const custody::Actor& actor, custody::Instant until) {
  const auto permit = ring.permit<AccountService>(subject, actor, until);
#ifdef CUSTODY_REFUSED
  return account.phone.release(permit, ServiceDesk{});
#else
  if (!permit) return permit.error();
  return account.phone.release(*permit, ServiceDesk{});
#endif
}
