// SPDX-License-Identifier: Apache-2.0
// Variadic functions take the object itself: clang always refuses, g++ with the flags of custody::strict.
// REFUSES: non-trivial
// REFUSES-FIRST: Personal
// FLAGS-GCC: -Werror=conditionally-supported
#include <cstdio>

#include "demo.hpp"

void log_in(const Account& account) {
#ifdef CUSTODY_REFUSED
  std::printf("login of %s\n", account.phone);
#else
  std::printf("login of %s\n", custody::redacted(account.phone));
#endif
}
