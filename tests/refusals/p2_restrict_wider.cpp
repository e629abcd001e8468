// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P2]
// REFUSES: Fix: restrict_to a subset of the purposes
// REFUSES-FIRST: custody[P2]
// REFUSES-SHORT
#include "demo.hpp"

auto widen(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::restrict_to<Phone>(permit, account.nickname);
#else
  return custody::restrict_to<Nickname>(permit, account.phone);
#endif
}
