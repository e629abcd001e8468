// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S5]: data is written to the wire without a channel
// REFUSES: Fix: pass an object of a class derived from custody::Channel
// REFUSES-FIRST: custody[S5]
#include <nlohmann/json.hpp>

#include <custody/edges/json_wire.hpp>

#include "demo.hpp"

struct PeerLink : custody::Channel<"peer-link", custody::Transport::tls> {};

custody::Result<void> send(nlohmann::json& packet, const Account& account,
                           const custody::Permit<AccountService>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::wire::write<AccountService>(packet, "phone", account.phone, permit);
#else
  return custody::wire::write<AccountService>(packet, "phone", account.phone, permit, PeerLink{});
#endif
}
