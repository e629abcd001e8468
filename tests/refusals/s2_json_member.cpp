// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S2]
// REFUSES: Fix: custody::at_rest::write(json, key, field)
// REFUSES-FIRST: custody[S2]
// REFUSES-SHORT
#include <nlohmann/json.hpp>

#include "demo.hpp"

nlohmann::json reply(const Account& account) {
  nlohmann::json json;
#ifdef CUSTODY_REFUSED
  json["phone"] = account.phone;
#else
  json["uid"] = account.uid.get();
#endif
  return json;
}
