// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S3]
// REFUSES: Fix: custody::at_rest::read(json, key, binding)
// REFUSES-FIRST: custody[S3]
#include <nlohmann/json.hpp>

#include "demo.hpp"

struct Card {
  std::string uid;
  Phone phone;
#ifdef CUSTODY_REFUSED
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Card, uid, phone)
#else
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Card, uid)
#endif
};

Card parse(const nlohmann::json& request) { return request.get<Card>(); }
