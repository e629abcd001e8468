// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is released with something that is no permit
// REFUSES: Fix: pass a custody::Permit<Purpose> from a vault or key ring
// REFUSES-FIRST: custody[P6]
// REFUSES-SHORT
#include "demo.hpp"

auto tell(const Account& account, bool is_admin, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return account.phone.release(is_admin, ServiceDesk{});
#else
  static_cast<void>(is_admin);
  return account.phone.release(permit, ServiceDesk{});
#endif
}
