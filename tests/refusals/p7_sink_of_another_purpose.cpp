// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P7]: data is released into a sink of another purpose
// REFUSES: Fix: use a sink declared for the permit
// REFUSES-FIRST: custody[P7]
// REFUSES-SHORT
#include "demo.hpp"

auto tell(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return account.phone.release(permit, PushGateway{});
#else
  return account.phone.release(permit, ServiceDesk{});
#endif
}
