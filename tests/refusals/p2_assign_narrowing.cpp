// SPDX-License-Identifier: Apache-2.0
// Also the allowed direction needs a permit: restrict_to writes it down.
// REFUSES: custody[P2]
// REFUSES: Fix: custody::restrict_to<Target>(permit, value) narrows
// REFUSES-FIRST: custody[P2]
#include "demo.hpp"

custody::Result<void> narrow(Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  account.nickname = account.phone;
#else
  auto narrowed = custody::restrict_to<Nickname>(permit, account.phone);
  if (!narrowed) return narrowed.error();
  account.nickname = *narrowed;
#endif
  return {};
}
