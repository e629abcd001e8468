// SPDX-License-Identifier: Apache-2.0
// A guarded type cannot be a base, so nothing can add to its conversions.
// REFUSES: final
// REFUSES: Personal
#include "demo.hpp"

#ifdef CUSTODY_REFUSED
struct LoudPhone : Phone {};
#else
struct LoudPhone {
  Phone phone;
};
#endif
LoudPhone loud;
