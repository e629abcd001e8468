// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O12]
// REFUSES: Fix: use a captureless noexcept lambda over const T&
// REFUSES-FIRST: custody[O12]
#include "demo.hpp"

auto masked(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  std::string stolen;
  return custody::map(permit, account.phone, [&](const std::string& text) noexcept {
    stolen = text;
    return text.substr(0, 3);
  });
  // end: broken
#else
  // snippet: fixed
  return custody::map(permit, account.phone, [](const std::string& text) noexcept { return text.substr(0, 3); });
  // end: fixed
#endif
}
