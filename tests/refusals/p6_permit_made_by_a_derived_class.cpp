// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: is private within this context | calling a private constructor | has private default constructor |
// inaccessible default constructor REFUSES: Permit
#include <utility>

#include "demo.hpp"

struct AdminPermit : custody::Permit<AccountService> {
#ifdef CUSTODY_REFUSED
  AdminPermit() : custody::Permit<AccountService>() {}
#else
  explicit AdminPermit(custody::Permit<AccountService>&& given) : custody::Permit<AccountService>(std::move(given)) {}
#endif
};
