// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is released without a permit
// REFUSES: Fix: pass a custody::Permit<Purpose> first
// REFUSES-FIRST: custody[P6]
// REFUSES-SHORT
#include "demo.hpp"

auto tell(const Account& account, [[maybe_unused]] const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return account.phone.release(ServiceDesk{});
  // end: broken
#else
  // snippet: fixed
  return account.phone.release(permit, ServiceDesk{});
  // end: fixed
#endif
}
