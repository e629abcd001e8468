// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is moved to another place
// REFUSES: Fix: pass a custody::Permit<Purpose>
// REFUSES-FIRST: custody[P6]
#include "demo.hpp"

custody::Result<void> move_row(Account& account, const custody::Binding& place, bool is_admin,
                               const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return custody::rebind<&Account::phone>(is_admin, place, account.phone);
#else
  static_cast<void>(is_admin);
  return custody::rebind<&Account::phone>(permit, place, account.phone);
#endif
}
