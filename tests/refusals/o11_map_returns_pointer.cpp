// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O11]: a region returns a pointer or a view
// REFUSES: Fix: return an owning value
// REFUSES-FIRST: custody[O11]
#include "demo.hpp"

auto copied(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::map(permit, account.phone, [](const std::string& text) noexcept { return text.c_str(); });
#else
  return custody::map(permit, account.phone, [](const std::string& text) noexcept { return text; });
#endif
}
