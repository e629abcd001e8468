// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: trivially_copyable | trivially copyable
// REFUSES: Permit
#include <array>
#include <bit>
#include <cstddef>
#include <utility>

#include "demo.hpp"

custody::Permit<AccountService> forge(std::array<std::byte, sizeof(custody::Permit<AccountService>)> bits,
                                      custody::Permit<AccountService>&& given) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(given);
  return std::bit_cast<custody::Permit<AccountService>>(bits);
#else
  static_cast<void>(bits);
  return std::move(given);
#endif
}
