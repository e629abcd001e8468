// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P7]
// REFUSES: callable taking the payload
// REFUSES-FIRST: custody[P7]
#include "demo.hpp"

struct Birthday : custody::Sink<AccountService, "birthday"> {
#ifdef CUSTODY_REFUSED
  void operator()(int) const {}
#else
  void operator()(std::string_view) const {}
#endif
};

auto tell(const Account& account, const custody::Permit<AccountService>& permit) {
  return account.phone.release(permit, Birthday{});
}
