// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is joined without a permit
// REFUSES: Fix: pass two custody::Permit<Purpose>
// REFUSES-FIRST: custody[P6]
#include "demo.hpp"

auto both(const Account& mine, const Account& theirs, const custody::Permit<AccountService>& permit,
          const custody::Permit<AccountService>& their_permit) {
  const auto add = [](const std::string& a, const std::string& b) noexcept { return a + b; };
#ifdef CUSTODY_REFUSED
  static_cast<void>(their_permit);
  return custody::join(permit, mine.phone, nullptr, theirs.phone, add);
#else
  return custody::join(permit, mine.phone, their_permit, theirs.phone, add);
#endif
}
