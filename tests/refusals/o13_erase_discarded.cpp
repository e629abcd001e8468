// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[O13] | nodiscard
// REFUSES-FIRST: erase
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
