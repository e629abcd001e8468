// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[O1] | custody[O6] | ambiguous overload | is ambiguous | invalid operands
// REFUSES: Personal
#include <sstream>

#include "demo.hpp"

void log_in(const Account& account) {
#ifdef CUSTODY_REFUSED
  std::ostringstream() << account.phone;
#else
  std::ostringstream() << custody::redacted(account.phone);
#endif
}
