// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O13]
// REFUSES: Fix: look at it
// REFUSES-FIRST: custody[O13]
// FLAGS: -Werror=unused-result
#include "demo.hpp"

bool tell(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  account.phone.release(permit, ServiceDesk{});
  return true;
  // end: broken
#else
  // snippet: fixed
  return account.phone.release(permit, ServiceDesk{}).has_value();
  // end: fixed
#endif
}
