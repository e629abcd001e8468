// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L1]
// REFUSES: levels never fall
// REFUSES-FIRST: custody[L1]
#include "demo.hpp"

using Report = custody::Classified<std::string, custody::Level::important>;
using Leaflet = custody::Classified<std::string, custody::Level::grade2>;

void publish([[maybe_unused]] Leaflet& leaflet, [[maybe_unused]] Report& other, const Report& report) {
#ifdef CUSTODY_REFUSED
  leaflet = report;
#else
  other = report;
#endif
}
