// SPDX-License-Identifier: Apache-2.0
// REFUSES: deleted
// REFUSES: Permit
#include <utility>

#include "demo.hpp"

void keep(custody::Permit<AccountService>&& permit) {
#ifdef CUSTODY_REFUSED
  custody::Permit<AccountService> kept(permit);
#else
  custody::Permit<AccountService> kept(std::move(permit));
#endif
  static_cast<void>(kept.has_value());
}
