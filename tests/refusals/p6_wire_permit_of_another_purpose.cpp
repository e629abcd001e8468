// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is written to the wire with something that is no permit for the purpose
// REFUSES: Fix: pass a custody::Permit<Purpose> of the purpose you name
// REFUSES-FIRST: custody[P6]
#include <nlohmann/json.hpp>

#include <custody/edges/json_wire.hpp>

#include "demo.hpp"

struct PeerLink : custody::Channel<"peer-link", custody::Transport::tls> {};

custody::Result<void> send(nlohmann::json& packet, const Account& account,
                           const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::wire::write<PersonalisedPush>(packet, "phone", account.phone, permit, PeerLink{});
#else
  return custody::wire::write<AccountService>(packet, "phone", account.phone, permit, PeerLink{});
#endif
}
