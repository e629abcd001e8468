// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O11]: a region returns a pointer or a view
// REFUSES: Fix: return an owning value
// REFUSES-FIRST: custody[O11]
#include "demo.hpp"

auto prefix(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::map(permit, account.phone,
                      [](const std::string& text) noexcept { return std::string_view(text).substr(0, 3); });
#else
  return custody::map(permit, account.phone, [](const std::string& text) noexcept { return text.substr(0, 3); });
#endif
}
