// SPDX-License-Identifier: Apache-2.0
// A log is a sink of a low level.
// REFUSES: custody[L2]
// REFUSES: a sink or log of a lower level
// REFUSES-FIRST: custody[L2]
#include <iostream>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
constexpr auto level = custody::Level::grade1;
#else
constexpr auto level = custody::Level::grade3;
#endif
struct DebugLog : custody::Sink<AccountService, "debug-log", level> {
  void operator()(std::string_view text) const { std::clog << text; }
};

auto debug(const Account& account, const custody::Permit<AccountService>& permit) {
  return account.phone.release(permit, DebugLog{});
}
