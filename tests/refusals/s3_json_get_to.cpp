// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S3]
// REFUSES: Fix: custody::at_rest::read(json, key, binding)
// REFUSES-FIRST: custody[S3]
// REFUSES-SHORT
#include <nlohmann/json.hpp>

#include "demo.hpp"

void fill(Account& account, const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  request["phone"].get_to(account.phone);
#else
  account.phone = request["phone"].get<std::string>();
#endif
}
