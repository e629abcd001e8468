// SPDX-License-Identifier: Apache-2.0
// REFUSES: custody[S7]
// REFUSES: Fix: use custody::XChaCha20Poly1305, Aes256Gcm or Aegis256
// REFUSES-FIRST: custody[S7]
#include "demo.hpp"

// A cipher without authentication, as hosts have them.
struct StreamCipher {
  static void encrypt(unsigned char* out, const unsigned char* in, unsigned long size);
};

#ifdef CUSTODY_REFUSED
// snippet: broken
struct App : Product {
  using custody_suite = StreamCipher;
};
// end: broken
#else
// snippet: fixed
struct App : Product {
  using custody_suite = custody::Aes256Gcm;
};
// end: fixed
#endif

bool here(const custody::KeyRing<App>& ring) { return static_cast<bool>(ring.core()); }
