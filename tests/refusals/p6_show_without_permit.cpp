// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is shown with something that is no permit
// REFUSES: Fix: pass a custody::Permit<Purpose>
// REFUSES-FIRST: custody[P6]
#include <custody/data/display.hpp>

#include "demo.hpp"

auto line(const Account& account, bool is_admin, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return custody::show<custody::mask_phone>(is_admin, account.phone);
#else
  static_cast<void>(is_admin);
  return custody::show<custody::mask_phone>(permit, account.phone);
#endif
}
