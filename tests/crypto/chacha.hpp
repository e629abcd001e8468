// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sodium.h>

#include <custody/crypto/xchacha.hpp>

#include "crypto/support.hpp"

/// The parts of XChaCha20-Poly1305 as tests call them: ChaCha20-Poly1305 (RFC 8439) and HChaCha20.
namespace test {

inline void chacha_seal(custody::Bytes& out, custody::ByteView plain, custody::ByteView aad,
                        const custody::Bytes& nonce, const custody::Bytes& key) {
  using custody::detail::raw_bytes;
  crypto_aead_chacha20poly1305_ietf_encrypt(raw_bytes(out.data()), nullptr, raw_bytes(plain.data()), plain.size(),
                                            raw_bytes(aad.data()), aad.size(), nullptr, raw_bytes(nonce.data()),
                                            raw_bytes(key.data()));
}
[[nodiscard]] inline bool chacha_open(custody::Bytes& out, custody::ByteView sealed, custody::ByteView aad,
                                      const custody::Bytes& nonce, const custody::Bytes& key) {
  using custody::detail::raw_bytes;
  return crypto_aead_chacha20poly1305_ietf_decrypt(raw_bytes(out.data()), nullptr, nullptr, raw_bytes(sealed.data()),
                                                   sealed.size(), raw_bytes(aad.data()), aad.size(),
                                                   raw_bytes(nonce.data()), raw_bytes(key.data())) == 0;
}
[[nodiscard]] inline custody::Bytes hchacha(const custody::Bytes& nonce, const custody::Bytes& key) {
  using custody::detail::raw_bytes;
  custody::Bytes out(32);
  crypto_core_hchacha20(raw_bytes(out.data()), raw_bytes(nonce.data()), raw_bytes(key.data()), nullptr);
  return out;
}

}  // namespace test
