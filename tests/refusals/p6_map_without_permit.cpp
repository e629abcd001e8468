// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is computed on with something that is no permit
// REFUSES: Fix: pass a custody::Permit<Purpose> from a vault or key ring
// REFUSES-FIRST: custody[P6]
// REFUSES-SHORT
#include "demo.hpp"

auto length(const Account& account, bool is_admin, const custody::Permit<AccountService>& permit) {
  const auto measure = [](const std::string& text) noexcept { return static_cast<int>(text.size()); };
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return custody::map(is_admin, account.phone, measure);
#else
  static_cast<void>(is_admin);
  return custody::map(permit, account.phone, measure);
#endif
}
