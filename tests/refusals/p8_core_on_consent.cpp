// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P8]: a consent purpose claims to be core
// REFUSES: Fix: drop custody::core or name the real basis
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Nearby final : custody::Purpose<"friends.nearby", custody::Basis::separate_consent, custody::core> {};
#else
struct Nearby final : custody::Purpose<"friends.nearby", custody::Basis::separate_consent> {};
#endif
