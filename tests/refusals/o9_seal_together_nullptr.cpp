// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O9]
// REFUSES: Fix: call reset() for no value
// REFUSES-FIRST: custody[O9]
#include "card.hpp"
#include "demo.hpp"

auto fill(const custody::Binding& place, Card& card) {
#ifdef CUSTODY_REFUSED
  return custody::seal_together<&Card::name, &Card::motto>(place, card, "Li Lei", nullptr);
#else
  return custody::seal_together<&Card::name, &Card::motto>(place, card, "Li Lei", "");
#endif
}
