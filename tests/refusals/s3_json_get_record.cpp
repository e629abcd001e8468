// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S3]
// REFUSES: Fix: custody::at_rest::read(json, key, binding)
// REFUSES-FIRST: custody[S3]
#include <nlohmann/json.hpp>

#include "demo.hpp"

struct Card {
  std::string uid;
  Phone phone;
};

void from_json(const nlohmann::json& json, Card& card) {
  json.at("uid").get_to(card.uid);
#ifdef CUSTODY_REFUSED
  json.at("phone").get_to(card.phone);
#else
  card.phone = json.at("phone").get<std::string>();
#endif
}

Card parse(const nlohmann::json& request) { return request.get<Card>(); }
