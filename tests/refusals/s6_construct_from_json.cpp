// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[S6] | custody[S3] | is ambiguous
#include <nlohmann/json.hpp>

#include "demo.hpp"

bool given(const nlohmann::json& request) {
#ifdef CUSTODY_REFUSED
  const Phone phone = request["phone"];
#else
  const Phone phone = request["phone"].get<std::string>();
#endif
  return !phone.empty();
}
