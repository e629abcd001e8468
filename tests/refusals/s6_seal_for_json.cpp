// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S6]
// REFUSES-FIRST: custody[S6]
// REFUSES: Fix: use custody::wire::read<Purpose>
#include <nlohmann/json.hpp>

#include "demo.hpp"

auto fill(const custody::Binding& place, const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  return custody::seal_for<&Account::phone>(place, request["phone"]);
#else
  return custody::seal_for<&Account::phone>(place, request["phone"].get<std::string>());
#endif
}
