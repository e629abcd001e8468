// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O7]
// REFUSES: Fix: bind the record, then release the field
#include "demo.hpp"

bool look(const Account& account) {
#ifdef CUSTODY_REFUSED
  const auto& [cell] = account.id_number;
#else
  const auto& cell = account.id_number;
#endif
  return sizeof cell != 0;
}
