// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S5]: a channel does not declare its transport, level and name
// REFUSES: Fix: derive it from custody::Channel
// REFUSES-FIRST: custody[S5]
#include <nlohmann/json.hpp>

#include <custody/edges/json_wire.hpp>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct PeerLink {};
#else
struct PeerLink : custody::Channel<"peer-link", custody::Transport::tls> {};
#endif

custody::Result<void> send(nlohmann::json& packet, const Account& account,
                           const custody::Permit<AccountService>& permit) {
  return custody::wire::write<AccountService>(packet, "phone", account.phone, permit, PeerLink{});
}
