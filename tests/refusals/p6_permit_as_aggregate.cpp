// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: could not convert | no matching
// REFUSES: Permit
#include <utility>

#include "demo.hpp"

custody::Permit<AccountService> forge(custody::Permit<AccountService>&& given) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(given);
  return {nullptr};
#else
  return {std::move(given)};
#endif
}
