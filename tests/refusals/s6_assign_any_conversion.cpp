// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S6]
// REFUSES: or take the string out first
// REFUSES-FIRST: custody[S6]
#include "demo.hpp"

struct ColumnValue {
  template <class Type>
  operator Type() const {
    return Type(0);
  }
  [[nodiscard]] std::string text() const { return "a column"; }
};

void fill(Account& account, const ColumnValue& column) {
#ifdef CUSTODY_REFUSED
  account.phone = column;
#else
  account.phone = column.text();
#endif
}
