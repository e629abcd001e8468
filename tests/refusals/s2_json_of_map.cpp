// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S2]
// REFUSES: Fix: custody::at_rest::write(json, key, field)
// REFUSES-FIRST: custody[S2]
#include <map>

#include <nlohmann/json.hpp>

#include "demo.hpp"

nlohmann::json reply(const std::map<std::string, Phone>& phones) {
#ifdef CUSTODY_REFUSED
  return phones;
#else
  return phones.size();
#endif
}
