// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
custody::Sensitive<std::string, std::string> face;
#else
custody::Sensitive<std::string, RealNameVerify> face;
#endif
