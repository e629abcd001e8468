// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: could not convert | no viable | no matching
// REFUSES: Permit
#include <utility>

#include "demo.hpp"

custody::Permit<PersonalisedPush> as_push(custody::Permit<AccountService>&& service,
                                          custody::Permit<PersonalisedPush>&& push) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(push);
  return std::move(service);
#else
  static_cast<void>(service);
  return std::move(push);
#endif
}
