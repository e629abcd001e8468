// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O12]
// REFUSES: Fix: use a captureless noexcept lambda over const T&
// REFUSES-FIRST: custody[O12]
#include "demo.hpp"

auto both(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  std::string stolen;
  return custody::join(permit, account.phone, permit, account.nickname,
                       [&](const std::string& a, const std::string& b) noexcept { return stolen = a + b; });
#else
  return custody::join(permit, account.phone, permit, account.nickname,
                       [](const std::string& a, const std::string& b) noexcept { return a + b; });
#endif
}
