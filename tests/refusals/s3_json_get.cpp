// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S3]
// REFUSES: Fix: custody::at_rest::read(json, key, binding)
// REFUSES-FIRST: custody[S3]
// REFUSES-LINES: 13
#include <nlohmann/json.hpp>

#include "demo.hpp"

void fill(Account& account, const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  account.phone = request["phone"].get<Phone>();
  // end: broken
#else
  // snippet: fixed
  account.phone = request["phone"].get<std::string>();
  // end: fixed
#endif
}
