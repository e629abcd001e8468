// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L2]
// REFUSES: Fix: declare the sink for the level
// REFUSES-FIRST: custody[L2]
// REFUSES-SHORT
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
struct PoliceDesk : custody::Sink<RealNameVerify, "police-desk"> {
// end: broken
#else
// snippet: fixed
struct PoliceDesk : custody::Sink<RealNameVerify, "police-desk", custody::Level::grade4> {
// end: fixed
#endif
  void operator()(std::string_view) const {}
};

auto check(const Account& account, const custody::Permit<RealNameVerify>& permit) {
  return account.id_number.release(permit, PoliceDesk{});
}
