// SPDX-License-Identifier: Apache-2.0
// An exception could carry the plaintext out.
// REFUSES: custody[O12]
// REFUSES: Fix: use a captureless noexcept lambda over const T&
// REFUSES-FIRST: custody[O12]
#include <stdexcept>

#include "demo.hpp"

auto checked(const Account& account, const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::map(permit, account.phone, [](const std::string& text) {
    if (text.size() != 14) throw std::runtime_error(text);
    return true;
  });
#else
  return custody::map(permit, account.phone, [](const std::string& text) noexcept { return text.size() == 14; });
#endif
}
