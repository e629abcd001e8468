// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S6]
// REFUSES: Fix: use custody::wire::read<Purpose>
// REFUSES-FIRST: custody[S6]
// REFUSES-SHORT
#include <nlohmann/json.hpp>

#include "demo.hpp"

void fill(Account& account, const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  account.phone = request["phone"];
  // end: broken
#else
  // snippet: fixed
  account.phone = request["phone"].get<std::string>();
  // end: fixed
#endif
}
