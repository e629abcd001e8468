// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L3]
// REFUSES: Fix: use one of the six custody::Level values
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
custody::Classified<std::string, static_cast<custody::Level>(7)> report;
// end: broken
#else
// snippet: fixed
custody::Classified<std::string, custody::Level::core> report;
// end: fixed
#endif
