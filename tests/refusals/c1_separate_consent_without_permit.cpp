// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C1]
// REFUSES: Fix: ask vault.permit<Purpose>(subject, actor)
// REFUSES-FIRST: custody[C1]
#include "demo.hpp"

using Place = custody::Sensitive<std::string, LocationShare>;

auto share(const Place& place, const custody::Permit<LocationShare>& permit, int& shown) {
  auto map_view = custody::sink<LocationShare, "map", custody::Level::grade4>([&](std::string_view) { ++shown; });
#ifdef CUSTODY_REFUSED
  static_cast<void>(permit);
  return place.release(map_view);
#else
  return place.release(permit, map_view);
#endif
}
