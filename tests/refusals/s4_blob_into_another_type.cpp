// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S4]
// REFUSES: Fix: read it into the declared member
// REFUSES-FIRST: custody[S4]
#include "demo.hpp"

custody::Result<void> load(Account& account, [[maybe_unused]] std::string& plain, const custody::Binding& place,
                           custody::ByteView column) {
#ifdef CUSTODY_REFUSED
  return custody::at_rest::from_blob<&Account::phone>(place, column, plain);
#else
  return custody::at_rest::from_blob<&Account::phone>(place, column, account.phone);
#endif
}
