// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P5]: nested declarations share no purpose
// REFUSES: Fix: name a purpose that both list
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Sensitive<custody::Personal<std::string, AccountService>, LocationShare> place;
#else
custody::Sensitive<custody::Personal<std::string, AccountService, LocationShare>, LocationShare> place;
#endif
