// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: name a purpose tag of the product
#include "demo.hpp"

struct Login {};
#ifdef CUSTODY_REFUSED
struct LoginDesk : custody::Sink<Login, "login-desk"> {
#else
struct LoginDesk : custody::Sink<AccountService, "login-desk"> {
#endif
  void operator()(std::string_view) const {}
};
