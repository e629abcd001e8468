// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O2]
// REFUSES: Fix: Password::matches for secrets
// REFUSES-FIRST: custody[O2]
#include <custody/data/password.hpp>

#include "demo.hpp"

bool log_in(const custody::Password<AccountService>& password, const custody::Permit<AccountService>& permit,
            const std::string& typed) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return password == typed;
#else
  const auto same = password.matches(permit, typed);
  return same && *same;
#endif
}
