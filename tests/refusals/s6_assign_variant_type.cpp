// SPDX-License-Identifier: Apache-2.0
// Variants of user interface libraries convert to anything too.
// REFUSES: custody[S6]
// REFUSES: or take the string out first
// REFUSES-FIRST: custody[S6]
#include "demo.hpp"

class UiValue {
 public:
  [[nodiscard]] bool canConvert(int) const { return true; }
  [[nodiscard]] int userType() const { return 0; }
  operator std::string() const { return "typed into a form"; }
};

void fill(Account& account, const UiValue& typed) {
#ifdef CUSTODY_REFUSED
  account.phone = typed;
#else
  account.phone = std::string(typed);
#endif
}
