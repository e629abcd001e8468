// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[F10]: values were given to fields that are not sealed together
// REFUSES: Fix: name members of one sealed_together, each once
#include "card.hpp"
#include "demo.hpp"

bool take(const custody::Binding& place, Card& card) {
#ifdef CUSTODY_REFUSED
  return custody::seal_together<&Card::name, &Card::name>(place, card, "Li Lei", "Han Mei").has_value();
#else
  return custody::seal_together<&Card::name, &Card::motto>(place, card, "Li Lei", "Han Mei").has_value();
#endif
}
