// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S1]
// REFUSES: or model the custody::Store concept
#include <map>

#include <custody/storage/memory_store.hpp>
#include <custody/storage/store.hpp>

#include "demo.hpp"

template <custody::Store Rows>
struct Archive {};

#ifdef CUSTODY_REFUSED
using Rows = std::map<std::string, std::string>;
#else
using Rows = custody::MemoryStore;
#endif
Archive<Rows> archive;
