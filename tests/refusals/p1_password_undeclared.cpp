// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]
// REFUSES: Fix: declare the purpose
// REFUSES-FIRST: custody[P1]
#include <custody/data/password.hpp>

#include "demo.hpp"

custody::Result<bool> log_in(const custody::Password<AccountService>& password,
                             const custody::Permit<MessageDelivery>& delivery,
                             const custody::Permit<AccountService>& service, std::string_view typed) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(service);
  return password.matches(delivery, typed);
#else
  static_cast<void>(delivery);
  return password.matches(service, typed);
#endif
}
