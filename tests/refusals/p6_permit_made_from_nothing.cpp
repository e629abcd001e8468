// SPDX-License-Identifier: Apache-2.0
// REFUSES: private
// REFUSES: Permit
#include "demo.hpp"

auto tell(Ring& ring, const custody::Subject& subject, const custody::Actor& actor, custody::Instant until) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(ring), static_cast<void>(subject), static_cast<void>(actor), static_cast<void>(until);
  return custody::Permit<AccountService>();
#else
  return ring.permit<AccountService>(subject, actor, until);
#endif
}
