// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S3]
// REFUSES: Fix: custody::at_rest::read(json, key, binding)
// REFUSES-FIRST: custody[S3]
#include <vector>

#include <nlohmann/json.hpp>

#include "demo.hpp"

auto phones(const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  return request.get<std::vector<Phone>>();
#else
  return request.get<std::vector<std::string>>();
#endif
}
