// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: a password is compared without a permit
// REFUSES: Fix: pass a custody::Permit<Purpose> first
// REFUSES-FIRST: custody[P6]
#include <custody/data/password.hpp>

#include "demo.hpp"

custody::Result<bool> log_in(const custody::Password<AccountService>& password,
                             const custody::Permit<AccountService>& permit, const std::string& typed) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return password.matches(typed);
#else
  return password.matches(permit, typed);
#endif
}
