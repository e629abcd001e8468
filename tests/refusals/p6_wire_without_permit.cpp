// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P6]: data is written to the wire without a permit
// REFUSES: Fix: pass a custody::Permit<Purpose> and the channel
// REFUSES-FIRST: custody[P6]
#include <nlohmann/json.hpp>

#include <custody/edges/json_wire.hpp>

#include "demo.hpp"

struct PeerLink : custody::Channel<"peer-link", custody::Transport::tls> {};

custody::Result<void> send(nlohmann::json& packet, const Account& account,
                           const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return custody::wire::write<AccountService>(packet, "phone", account.phone, PeerLink{});
#else
  return custody::wire::write<AccountService>(packet, "phone", account.phone, permit, PeerLink{});
#endif
}
