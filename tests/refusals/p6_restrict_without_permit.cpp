// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is given another declaration
// REFUSES: Fix: pass a custody::Permit<Purpose>
// REFUSES-FIRST: custody[P6]
#include "demo.hpp"

auto narrow(const Account& account, bool is_admin, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return custody::restrict_to<Nickname>(is_admin, account.phone);
#else
  static_cast<void>(is_admin);
  return custody::restrict_to<Nickname>(permit, account.phone);
#endif
}
