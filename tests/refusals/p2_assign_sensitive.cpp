// SPDX-License-Identifier: Apache-2.0
// What is sensitive stays sensitive, at any level.
// REFUSES: custody[P2]
// REFUSES: nothing widens
#include "demo.hpp"

using Place = custody::Sensitive<std::string, LocationShare>;
using PlainPlace = custody::Classified<custody::Personal<std::string, LocationShare>, custody::Level::grade4>;

void share([[maybe_unused]] PlainPlace& plain, [[maybe_unused]] Place& other, const Place& place) {
#ifdef CUSTODY_REFUSED
  plain = place;
#else
  other = place;
#endif
}
