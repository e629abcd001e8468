// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O11]: a sink returns something
// REFUSES: Fix: return void, bool, an enum or Result<void>
// REFUSES-FIRST: custody[O11]
#include "demo.hpp"

struct Reader : custody::Sink<AccountService, "reader"> {
#ifdef CUSTODY_REFUSED
  custody::Result<std::string> operator()(std::string_view text) const { return std::string(text); }
#else
  custody::Result<void> operator()(std::string_view) const { return {}; }
#endif
};

auto read(const Account& account, const custody::Permit<AccountService>& permit) {
  return account.phone.release(permit, Reader{});
}
