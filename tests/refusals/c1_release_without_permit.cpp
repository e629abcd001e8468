// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C1]
// REFUSES: Fix: ask vault.permit<Purpose>(subject, actor)
// REFUSES-FIRST: custody[C1]
// REFUSES-SHORT
#include "demo.hpp"

auto push(const Account& account, [[maybe_unused]] const custody::Permit<PersonalisedPush>& permit) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return account.phone.release(PushGateway{});
  // end: broken
#else
  // snippet: fixed
  return account.phone.release(permit, PushGateway{});
  // end: fixed
#endif
}
