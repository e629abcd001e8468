// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S6]
// REFUSES: Fix: use custody::wire::read<Purpose>
// REFUSES-FIRST: custody[S6]
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "demo.hpp"

void fill(Account& account, nlohmann::json&& request) {
#ifdef CUSTODY_REFUSED
  account.phone = std::move(request["phone"]);
#else
  account.phone = std::move(request["phone"].get_ref<std::string&>());
#endif
}
