// SPDX-License-Identifier: Apache-2.0
// REFUSES: hash
// REFUSES: Personal
#include <functional>

#include "demo.hpp"

std::size_t bucket(const Account& account) {
#ifdef CUSTODY_REFUSED
  return std::hash<Phone>()(account.phone);
#else
  return std::hash<std::string>()(account.uid.get());
#endif
}
