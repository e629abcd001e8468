// SPDX-License-Identifier: Apache-2.0
// REFUSES: private
// REFUSES: Decision
#include "demo.hpp"

auto decide(Ring& ring, const custody::Subject& subject, const custody::Actor& actor) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(ring), static_cast<void>(subject), static_cast<void>(actor);
  return custody::Decision<AccountService>();
#else
  return ring.decide<AccountService>(subject, actor);
#endif
}
