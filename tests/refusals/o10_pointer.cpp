// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O10]: a pointer or a view cannot be sealed
// REFUSES: Fix: guard the owning type, such as std::string
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
custody::Personal<const char*, AccountService> phone;
// end: broken
#else
// snippet: fixed
custody::Personal<std::string, AccountService> phone;
// end: fixed
#endif
