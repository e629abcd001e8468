// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L3]
// REFUSES: Fix: use one of the six custody::Level values
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Classified<std::string, custody::Level{}> report;
#else
custody::Classified<std::string, custody::Level::grade1> report;
#endif
