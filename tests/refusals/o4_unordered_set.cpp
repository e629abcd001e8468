// SPDX-License-Identifier: Apache-2.0
// REFUSES: hash
// REFUSES: Personal
#include <unordered_set>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
using Set = std::unordered_set<Phone>;
#else
using Set = std::unordered_set<custody::Lookup<std::string>>;
#endif

void add(Set& set, const Set::value_type& value) { set.insert(value); }
