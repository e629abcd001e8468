// SPDX-License-Identifier: Apache-2.0
// Enough numbers are a phone number.
// REFUSES: custody[O11]: a sink returns something
// REFUSES: Fix: return void, bool, an enum or Result<void>
// REFUSES-FIRST: custody[O11]
#include "demo.hpp"

enum class Delivery { done, later };
struct Reader : custody::Sink<AccountService, "reader"> {
#ifdef CUSTODY_REFUSED
  int operator()(std::string_view text) const { return static_cast<int>(text.size()); }
#else
  Delivery operator()(std::string_view) const { return Delivery::done; }
#endif
};

auto read(const Account& account, const custody::Permit<AccountService>& permit) {
  return account.phone.release(permit, Reader{});
}
