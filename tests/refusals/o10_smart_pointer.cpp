// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O10]: a pointer or a view cannot be sealed
// REFUSES: Fix: guard the owning type, such as std::string
#include <memory>

#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Personal<std::unique_ptr<std::string>, AccountService> phone;
#else
custody::Personal<std::string, AccountService> phone;
#endif
