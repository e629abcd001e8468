// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[C2]
// REFUSES: Fix: give the purpose Basis::separate_consent
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
// snippet: broken
custody::Sensitive<std::string, PersonalisedPush> place;
// end: broken
#else
// snippet: fixed
custody::Sensitive<std::string, LocationShare> place;
// end: fixed
#endif
