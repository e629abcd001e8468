// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P5]
// REFUSES: Fix: name the purposes it serves
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
custody::Personal<std::string> phone;
// end: broken
#else
// snippet: fixed
custody::Personal<std::string, AccountService> phone;
// end: fixed
#endif
