// SPDX-License-Identifier: Apache-2.0
// Any word of an id counts, and its ending does not.
// REFUSES: custody[P8]: a purpose that may never gate the basic service
// REFUSES: Fix: drop custody::core and ask for consent
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Feed final : custody::Purpose<"feed.recommendation", custody::Basis::contract, custody::core> {};
#else
struct Feed final : custody::Purpose<"feed.chronological", custody::Basis::contract, custody::core> {};
#endif
