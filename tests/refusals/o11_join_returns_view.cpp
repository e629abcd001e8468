// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O11]: a region returns a pointer or a view
// REFUSES: Fix: return an owning value
// REFUSES-FIRST: custody[O11]
#include "demo.hpp"

auto longer(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::join(permit, account.phone, permit, account.nickname,
                       [](const std::string& a, const std::string&) noexcept { return std::string_view(a); });
#else
  return custody::join(permit, account.phone, permit, account.nickname,
                       [](const std::string& a, const std::string&) noexcept { return a; });
#endif
}
