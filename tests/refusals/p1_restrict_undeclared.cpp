// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[P1] | no matching function
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
