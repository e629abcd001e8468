// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P1]
// REFUSES: Fix: declare the purpose
// REFUSES-FIRST: custody[P1]
#include <nlohmann/json.hpp>

#include <custody/edges/json_wire.hpp>

#include "demo.hpp"

struct PeerLink : custody::Channel<"peer-link", custody::Transport::tls> {};

custody::Result<void> send(nlohmann::json& packet, const Account& account,
                           const custody::Permit<MessageDelivery>& delivery,
                           const custody::Permit<AccountService>& service) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(service);
  return custody::wire::write<MessageDelivery>(packet, "phone", account.phone, delivery, PeerLink{});
#else
  static_cast<void>(delivery);
  return custody::wire::write<AccountService>(packet, "phone", account.phone, service, PeerLink{});
#endif
}
