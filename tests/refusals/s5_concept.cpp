// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S5]
// REFUSES: Fix: static constexpr custody::Protection custody_protection
#include "demo.hpp"

struct MailGate {
#ifndef CUSTODY_REFUSED
  static constexpr custody::Protection custody_protection{custody::Level::grade3, "mail over TLS"};
#endif
};

template <custody::DeclaresProtection Channel>
struct Outbox {};
Outbox<MailGate> outbox;
