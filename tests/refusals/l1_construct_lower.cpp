// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L1]
// REFUSES: Fix: raise the level of the target
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
using Copy = custody::Personal<std::string, RealNameVerify>;
#else
using Copy = custody::Personal<custody::Classified<std::string, custody::Level::grade4>, RealNameVerify>;
#endif

bool empty(const Account& account) {
  const Copy copy(account.id_number);
  return copy.empty();
}
