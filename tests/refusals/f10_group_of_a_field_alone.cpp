// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F10]: a field that is sealed alone was asked for its group
// REFUSES: Fix: name a member of a sealed_together, or store at_rest::blob of the field
#include "card.hpp"
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Result<custody::Bytes> column(const Card& card) { return custody::at_rest::group<&Card::phone>(card); }
#else
custody::Result<custody::Bytes> column(const Card& card) { return custody::at_rest::group<&Card::name>(card); }
#endif
