// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L3]
// REFUSES: Fix: use one of the six custody::Level values
#include <custody/edges/channel.hpp>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct AnyLink : custody::Channel<"any-link", custody::Transport::tls, static_cast<custody::Level>(99)> {};
#else
struct AnyLink : custody::Channel<"any-link", custody::Transport::tls, custody::Level::core> {};
#endif
AnyLink any_link;
