// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S2]
// REFUSES: Fix: custody::at_rest::write(json, key, field)
// REFUSES-FIRST: custody[S2]
// REFUSES-SHORT
#include <nlohmann/json.hpp>

#include "demo.hpp"

nlohmann::json reply(const Account& account) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  nlohmann::json json = account.phone;
  // end: broken
#else
  // snippet: fixed
  nlohmann::json json = account.uid.get();
  // end: fixed
#endif
  return json;
}
