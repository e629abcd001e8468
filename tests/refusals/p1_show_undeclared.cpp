// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]
// REFUSES: Fix: declare the purpose
// REFUSES-FIRST: custody[P1]
#include <custody/data/display.hpp>

#include "demo.hpp"

auto line(const Account& account, const custody::Permit<MessageDelivery>& delivery,
          const custody::Permit<AccountService>& service) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(service);
  return custody::show<custody::mask_phone>(delivery, account.phone);
#else
  static_cast<void>(delivery);
  return custody::show<custody::mask_phone>(service, account.phone);
#endif
}
