// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P2]
// REFUSES: or its level lowered
// REFUSES-FIRST: custody[P2]
#include "demo.hpp"

using Low = custody::Personal<std::string, RealNameVerify>;
using High = custody::Classified<custody::Personal<std::string, RealNameVerify>, custody::Level::important>;

auto lower(const Account& account, const custody::Permit<RealNameVerify>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::restrict_to<Low>(permit, account.id_number);
#else
  return custody::restrict_to<High>(permit, account.id_number);
#endif
}
