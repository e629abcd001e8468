// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]
// REFUSES: Fix: declare the purpose
#include "demo.hpp"

custody::Result<void> move_row(Account& account, const custody::Binding& place,
                               const custody::Permit<MessageDelivery>& delivery,
                               const custody::Permit<AccountService>& service) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(service);
  return custody::rebind<&Account::phone>(delivery, place, account.phone);
#else
  static_cast<void>(delivery);
  return custody::rebind<&Account::phone>(service, place, account.phone);
#endif
}
