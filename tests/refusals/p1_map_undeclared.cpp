// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]: data is computed on
// REFUSES: Fix: declare the purpose
// REFUSES-FIRST: custody[P1]
// REFUSES-SHORT
#include "demo.hpp"

auto length(const Account& account, const custody::Permit<MessageDelivery>& delivery,
            const custody::Permit<AccountService>& service) {
  const auto measure = [](const std::string& text) noexcept { return static_cast<int>(text.size()); };
#ifdef CUSTODY_REFUSED
  static_cast<void>(service);
  return custody::map(delivery, account.phone, measure);
#else
  static_cast<void>(delivery);
  return custody::map(service, account.phone, measure);
#endif
}
