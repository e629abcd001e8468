// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P5]
// REFUSES: Fix: name the purposes it serves
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Sensitive<std::string> face;
#else
custody::Sensitive<std::string, RealNameVerify> face;
#endif
