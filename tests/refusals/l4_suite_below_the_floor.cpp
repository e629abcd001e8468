// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[L4]
// REFUSES: Fix: pin a suite of custody_suite_floor
// REFUSES-FIRST: custody[L4]
#include "demo.hpp"

struct App : Product {
#ifdef CUSTODY_REFUSED
  // snippet: broken
  using custody_suite = custody::Aes256Gcm;
  using custody_suite_floor = custody::suite_floor<custody::Level::grade4, custody::XChaCha20Poly1305>;
  // end: broken
#else
  // snippet: fixed
  using custody_suite = custody::XChaCha20Poly1305;
  using custody_suite_floor = custody::suite_floor<custody::Level::grade4, custody::XChaCha20Poly1305>;
  // end: fixed
#endif
};

custody::Result<custody::Binding> place(custody::KeyRing<App>& ring, const custody::Subject& person) {
  return ring.binding<Account>("row", person);
}
