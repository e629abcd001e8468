// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[O13] | nodiscard
// REFUSES-FIRST: bind
// FLAGS: -Werror=unused-result
#include "demo.hpp"

custody::Result<void> store(Account& account, const custody::Binding& place) {
#ifdef CUSTODY_REFUSED
  custody::bind<&Account::phone>(place, account.phone);
  return {};
#else
  return custody::bind<&Account::phone>(place, account.phone);
#endif
}
