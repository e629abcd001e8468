// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L3]
// REFUSES: Fix: use one of the six custody::Level values
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Anything : custody::Sink<AccountService, "anything", static_cast<custody::Level>(99)> {
#else
struct Anything : custody::Sink<AccountService, "anything", custody::Level::core> {
#endif
  void operator()(std::string_view) const {}
};
