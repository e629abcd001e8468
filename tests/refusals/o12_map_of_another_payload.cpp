// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O12]
// REFUSES: does not take the payload
// REFUSES-FIRST: custody[O12]
#include "demo.hpp"

auto next_year(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::map(permit, account.phone, [](int years) noexcept { return years + 1; });
#else
  return custody::map(permit, account.phone, [](const std::string& text) noexcept { return text + "1"; });
#endif
}
