// SPDX-License-Identifier: Apache-2.0
// REFUSES-ANY: custody[O2] | deleted
// REFUSES: Card
#include "demo.hpp"

struct Card {
  std::string uid;
  Phone phone;
#ifdef CUSTODY_REFUSED
  bool operator==(const Card&) const = default;
#else
  bool operator==(const Card& other) const { return uid == other.uid; }
#endif
};

bool same(const Card& one, const Card& other) { return one == other; }
