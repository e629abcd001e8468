// SPDX-License-Identifier: Apache-2.0
// A decision is an answer, not yet a permit.
// REFUSES: custody[P6]
// REFUSES: Fix: pass a custody::Permit<Purpose> from a vault or key ring
// REFUSES-FIRST: custody[P6]
#include "demo.hpp"

custody::Result<void> tell(Ring& ring, const Account& account, const custody::Subject& subject,
                           const custody::Actor& actor, custody::Instant until) {
  auto decision = ring.decide<AccountService>(subject, actor);
#ifdef CUSTODY_REFUSED
  return account.phone.release(decision, ServiceDesk{});
#else
  const auto permit = ring.permit<AccountService>(subject, actor, std::move(decision), until);
  if (!permit) return permit.error();
  return account.phone.release(*permit, ServiceDesk{});
#endif
}
