// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S3]
// REFUSES: Fix: custody::at_rest::read(json, key, binding)
#include <nlohmann/json.hpp>

#include "demo.hpp"

void fill(Account& account, const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  account.phone = request.value("phone", Phone{});
#else
  account.phone = request.value("phone", "");
#endif
}
