// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O13]
// REFUSES: Fix: look at it
// REFUSES-FIRST: custody[O13]
// FLAGS: -Werror=unused-result
#include "demo.hpp"

custody::Result<void> close_account(Ring& ring, const custody::Subject& subject) {
#ifdef CUSTODY_REFUSED
  ring.erase(subject);
  return {};
#else
  return ring.erase(subject);
#endif
}
