// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O16]
// REFUSES: Fix: matches(permit, candidate) compares
// REFUSES-FIRST: custody[O16]
#include <custody/data/password.hpp>

#include "demo.hpp"

custody::Result<bool> log_in(const custody::Password<AccountService>& password,
                             const custody::Permit<AccountService>& permit, const std::string& typed) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  return password.release(permit,
                          custody::sink<AccountService, "login">([&](std::string_view text) { return text == typed; }));
  // end: broken
#else
  // snippet: fixed
  return password.matches(permit, typed);
  // end: fixed
#endif
}
