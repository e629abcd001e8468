// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P8]: a purpose that may never gate the basic service
// REFUSES: Fix: drop custody::core and ask for consent
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Offers final : custody::Purpose<"marketing", custody::Basis::contract, custody::core> {};
#else
struct Offers final : custody::Purpose<"marketing", custody::Basis::consent> {};
#endif
