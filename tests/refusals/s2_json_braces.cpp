// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S2]
// REFUSES: Fix: custody::at_rest::write(json, key, field)
// REFUSES-FIRST: custody[S2]
#include <nlohmann/json.hpp>

#include "demo.hpp"

nlohmann::json reply(const Account& account) {
#ifdef CUSTODY_REFUSED
  return {{"uid", account.uid.get()}, {"phone", account.phone}};
#else
  return {{"uid", account.uid.get()}};
#endif
}
