// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L1]
// REFUSES: Fix: raise the level of the target
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
using Copy = custody::Personal<std::string, RealNameVerify>;
#else
using Copy = IdNumber;
#endif

Copy number_of(const Account& account) { return account.id_number; }
