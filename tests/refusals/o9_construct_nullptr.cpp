// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[O9]
// REFUSES: for an empty one
#include "demo.hpp"

bool empty() {
#ifdef CUSTODY_REFUSED
  const Phone phone(nullptr);
#else
  const Phone phone("");
#endif
  return phone.empty();
}
