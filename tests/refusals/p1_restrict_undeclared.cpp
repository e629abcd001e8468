// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]
// REFUSES: Fix: declare the purpose
// REFUSES-FIRST: custody[P1]
#include "demo.hpp"

auto narrow(const Account& account, const custody::Permit<MessageDelivery>& delivery,
            const custody::Permit<AccountService>& service) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(service);
  return custody::restrict_to<Nickname>(delivery, account.phone);
#else
  static_cast<void>(delivery);
  return custody::restrict_to<Nickname>(service, account.phone);
#endif
}
