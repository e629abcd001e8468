// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S2]
// REFUSES: Fix: custody::at_rest::write(json, key, field)
// REFUSES-FIRST: custody[S2]
#include <nlohmann/json.hpp>

#include "demo.hpp"

void append(nlohmann::json& list, const Account& account) {
#ifdef CUSTODY_REFUSED
  list.push_back(account.phone);
#else
  list.push_back(account.uid.get());
#endif
}
