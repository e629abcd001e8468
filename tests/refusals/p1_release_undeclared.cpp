// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]
// REFUSES: Fix: declare the purpose on the field and in the notice
// REFUSES-FIRST: custody[P1]
// REFUSES-SHORT
#include "demo.hpp"

auto tell(const Account& account, [[maybe_unused]] const custody::Permit<MessageDelivery>& delivery,
          [[maybe_unused]] const custody::Permit<PersonalisedPush>& push) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return account.phone.release(delivery, DeliveryChannel{});
  // end: broken
#else
  // snippet: fixed
  return account.phone.release(push, PushGateway{});
  // end: fixed
#endif
}
