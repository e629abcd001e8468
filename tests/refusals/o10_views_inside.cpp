// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O10]: this payload type has no codec
// REFUSES: Fix: list its members in custody_codec
#include <vector>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Personal<std::vector<std::string_view>, AccountService> friends;
#else
custody::Personal<std::vector<std::string>, AccountService> friends;
#endif
