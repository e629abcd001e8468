// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[P4]
// REFUSES: Fix: struct Name final : custody::Purpose
#include "demo.hpp"

struct Login final : custody::Purpose<"account.login", custody::Basis::contract> {
#ifdef CUSTODY_REFUSED
  int attempts = 0;
#else
  static constexpr int attempts = 0;
#endif
};
custody::Personal<std::string, Login> phone;
