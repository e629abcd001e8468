// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S4]
// REFUSES: Fix: read it into the declared member
// REFUSES-FIRST: custody[S4]
#include <nlohmann/json.hpp>

#include <custody/edges/json_at_rest.hpp>

#include "demo.hpp"

custody::Result<void> load(const nlohmann::json& row, const custody::Binding& place, Account& account) {
#ifdef CUSTODY_REFUSED
  return custody::at_rest::read<&Account::nickname>(row, "nickname", place, account.phone);
#else
  return custody::at_rest::read<&Account::nickname>(row, "nickname", place, account.nickname);
#endif
}
