// SPDX-License-Identifier: Apache-2.0
// A tag is final, so that no second tag can pass for it.
// REFUSES: final
// REFUSES: AccountService
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct Login final : AccountService {};
#else
struct Login final : custody::Purpose<"account.login", custody::Basis::contract> {};
#endif
custody::Personal<std::string, Login> phone;
