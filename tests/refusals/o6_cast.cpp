// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Personal
#include "demo.hpp"

std::string copied(const Account& account) {
#ifdef CUSTODY_REFUSED
  return static_cast<std::string>(account.phone);
#else
  return static_cast<std::string>(account.uid.get());
#endif
}
