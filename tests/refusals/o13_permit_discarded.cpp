// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[O13] | nodiscard | unused-result
// REFUSES: permit
// FLAGS: -Werror=unused-result
#include "demo.hpp"

bool may(Ring& ring, const custody::Subject& subject, const custody::Actor& actor, custody::Instant until) {
#ifdef CUSTODY_REFUSED
  ring.permit<AccountService>(subject, actor, until);
  return true;
#else
  return ring.permit<AccountService>(subject, actor, until).has_value();
#endif
}
