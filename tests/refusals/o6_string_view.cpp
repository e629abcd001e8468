// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O6]
// REFUSES: Fix: ask empty() or has_value(), or release(permit, sink)
// REFUSES-FIRST: custody[O6]
#include "demo.hpp"

std::size_t length(const Account& account) {
#ifdef CUSTODY_REFUSED
  const std::string_view text = account.phone;
#else
  const std::string_view text = account.uid.get();
#endif
  return text.size();
}
