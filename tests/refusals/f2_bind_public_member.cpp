// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F2]: this member is no guarded field of its record
// REFUSES: Fix: list it in custody_fields as field<number
#include "demo.hpp"

auto load(Account& account, const custody::Binding& place, std::string_view column) {
#ifdef CUSTODY_REFUSED
  return custody::at_rest::from_text<&Account::uid>(place, column, account.uid);
#else
  return custody::at_rest::from_text<&Account::phone>(place, column, account.phone);
#endif
}
