// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]: data is collected for a purpose
// REFUSES: or name one that it lists
// REFUSES-FIRST: custody[P1]
#include <nlohmann/json.hpp>

#include <custody/edges/json_wire.hpp>

#include "demo.hpp"

custody::Result<void> receive(nlohmann::json& packet, Account& account) {
#ifdef CUSTODY_REFUSED
  return custody::wire::read<MessageDelivery>(packet, "phone", account.phone);
#else
  return custody::wire::read<AccountService>(packet, "phone", account.phone);
#endif
}
