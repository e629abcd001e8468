// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C1]: data is written to the wire for a consent purpose
// REFUSES: Fix: ask vault.permit<Purpose>(subject, actor)
// REFUSES-FIRST: custody[C1]
#include <nlohmann/json.hpp>

#include <custody/edges/json_wire.hpp>

#include "demo.hpp"

struct PushLink : custody::Channel<"push-link", custody::Transport::tls> {};

custody::Result<void> push(nlohmann::json& packet, const Account& account,
                           const custody::Permit<PersonalisedPush>& permit) {
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return custody::wire::write<PersonalisedPush>(packet, "phone", account.phone, PushLink{});
#else
  return custody::wire::write<PersonalisedPush>(packet, "phone", account.phone, permit, PushLink{});
#endif
}
