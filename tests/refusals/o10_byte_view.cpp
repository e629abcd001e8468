// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O10]: a pointer or a view cannot be sealed
// REFUSES: Fix: guard the owning type, such as std::string
#include <cstddef>
#include <custody/words/bytes.hpp>
#include <vector>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Personal<custody::ByteView, AccountService> avatar;
#else
custody::Personal<std::vector<std::byte>, AccountService> avatar;
#endif
