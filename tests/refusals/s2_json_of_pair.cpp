// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S2]
// REFUSES: Fix: custody::at_rest::write(json, key, field)
// REFUSES-FIRST: custody[S2]
#include <utility>

#include <nlohmann/json.hpp>

#include "demo.hpp"

nlohmann::json reply(const std::pair<std::string, Phone>& entry) {
#ifdef CUSTODY_REFUSED
  return entry;
#else
  return entry.first;
#endif
}
