// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L2]: data flows into a channel of a lower level
// REFUSES: Fix: declare the channel for the level
// REFUSES-FIRST: custody[L2]
#include <nlohmann/json.hpp>

#include <custody/edges/json_wire.hpp>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct PoliceLink : custody::Channel<"police-link", custody::Transport::tls> {};
#else
struct PoliceLink : custody::Channel<"police-link", custody::Transport::tls, custody::Level::grade4> {};
#endif

custody::Result<void> check(nlohmann::json& packet, const Account& account,
                            const custody::Permit<RealNameVerify>& permit) {
  return custody::wire::write<RealNameVerify>(packet, "id", account.id_number, permit, PoliceLink{});
}
