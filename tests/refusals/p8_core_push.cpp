// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P8]: a purpose that may never gate the basic service
// REFUSES: Fix: drop custody::core and ask for consent
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
struct Push final : custody::Purpose<"push.personalised", custody::Basis::contract, custody::core> {};
// end: broken
#else
// snippet: fixed
struct Push final : custody::Purpose<"push.personalised", custody::Basis::consent> {};
// end: fixed
#endif
