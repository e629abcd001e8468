// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O3]
// REFUSES: Fix: order by a public key, or use a custody::Lookup
#include <map>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
using Map = std::map<Phone, int>;
#else
using Map = std::map<custody::Lookup<std::string>, int>;
#endif

int count(Map& map, const Map::key_type& key) { return map[key]; }
