// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S5]: a channel is neither under TLS nor local
// REFUSES: Fix: use custody::Transport::tls or custody::Transport::local
#include <custody/edges/channel.hpp>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct PeerLink : custody::Channel<"peer-link", static_cast<custody::Transport>(3)> {};
#else
struct PeerLink : custody::Channel<"peer-link", custody::Transport::tls> {};
#endif
PeerLink peer_link;
