// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P2]
// REFUSES: Fix: restrict_to a subset of the purposes
#include "demo.hpp"

using Place = custody::Sensitive<std::string, LocationShare>;
using Plain = custody::Classified<custody::Personal<std::string, LocationShare>, custody::Level::grade4>;
using Higher = custody::Sensitive<custody::Classified<std::string, custody::Level::important>, LocationShare>;

auto declassified(const Place& place, const custody::Permit<LocationShare>& permit) {
#ifdef CUSTODY_REFUSED
  return custody::restrict_to<Plain>(permit, place);
#else
  return custody::restrict_to<Higher>(permit, place);
#endif
}
