// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L2]
// REFUSES: Fix: declare the sink for the level
// REFUSES-FIRST: custody[L2]
#include "demo.hpp"

auto check(const Account& account, const custody::Permit<RealNameVerify>& permit, int& asked) {
  const auto ask = [&](std::string_view) { ++asked; };
#ifdef CUSTODY_REFUSED
  return account.id_number.release(permit, custody::sink<RealNameVerify, "police">(ask));
#else
  return account.id_number.release(permit, custody::sink<RealNameVerify, "police", custody::Level::grade4>(ask));
#endif
}
