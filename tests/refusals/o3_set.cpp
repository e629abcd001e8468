// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O3]
// REFUSES: Fix: order by a public key, or use a custody::Lookup
#include <set>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
using Set = std::set<Phone>;
#else
using Set = std::set<custody::Lookup<std::string>>;
#endif

void add(Set& set, const Set::value_type& value) { set.insert(value); }
