// SPDX-License-Identifier: Apache-2.0
// The macro is what linking the CMake target custody::declassify defines.
// REFUSES: custody[D2]
// REFUSES: Fix: link custody::declassify
// REFUSES-FIRST: custody[D2]
#ifndef CUSTODY_REFUSED
#define CUSTODY_DECLASSIFY_LINKED 1
#endif
#include <custody/declassify/declassify.hpp>
