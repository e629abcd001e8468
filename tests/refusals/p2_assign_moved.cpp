// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P2]
// REFUSES: Fix: custody::restrict_to<Target>(permit, value) narrows
// REFUSES-FIRST: custody[P2]
#include <utility>

#include "demo.hpp"

void take_name(Account& account, Account&& other) {
#ifdef CUSTODY_REFUSED
  account.phone = std::move(other.nickname);
#else
  account.phone = std::move(other.phone);
#endif
}
