// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P2]
// REFUSES: nothing widens
// REFUSES-FIRST: custody[P2]
// REFUSES-SHORT
#include "demo.hpp"

void advertise(const custody::Personal<std::string, MessageDelivery>& delivered,
               custody::Personal<std::string, PersonalisedPush>& pushed) {
#ifdef CUSTODY_REFUSED
  pushed = delivered;
#else
  static_cast<void>(delivered);
  pushed = "a text written for the push";
#endif
}
