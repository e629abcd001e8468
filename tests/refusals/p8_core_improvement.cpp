// SPDX-License-Identifier: Apache-2.0
// A purpose below a forbidden one is as forbidden.
// REFUSES: custody[P8]: a purpose that may never gate the basic service
// REFUSES: Fix: drop custody::core and ask for consent
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Spelling final : custody::Purpose<"improve.spelling", custody::Basis::legal_duty, custody::core> {};
#else
struct Spelling final : custody::Purpose<"improve.spelling", custody::Basis::consent> {};
#endif
