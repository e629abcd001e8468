// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S6]
// REFUSES: or take the string out first
// REFUSES-FIRST: custody[S6]
#include <nlohmann/json.hpp>

#include <custody/data/password.hpp>

#include "demo.hpp"

void choose(custody::Password<AccountService>& password, const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  password = request["password"];
#else
  password = request["password"].get<std::string>();
#endif
}
