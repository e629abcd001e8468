// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sodium.h>

#include <custody/crypto/xchacha.hpp>

#include "crypto/support.hpp"

/// The parts of XChaCha20-Poly1305 as tests call them: ChaCha20-Poly1305 (RFC 8439) and HChaCha20.
namespace test {

/// Whether custody's own functions take a message of this size; libsodium has the longer ones, as in the suite.
inline bool is_short(std::size_t length, std::size_t aad) {
  return length <= custody::detail::short_limit && aad <= custody::detail::short_aad_limit;
}
inline void chacha_seal(custody::Bytes& out, custody::ByteView plain, custody::ByteView aad,
                        const custody::Bytes& nonce, const custody::Bytes& key) {
  using custody::detail::raw_bytes;
  if (is_short(plain.size(), aad.size()))
    return custody::detail::chacha_seal(out.data(), plain, aad, nonce.data(), key.data());
  crypto_aead_chacha20poly1305_ietf_encrypt(raw_bytes(out.data()), nullptr, raw_bytes(plain.data()), plain.size(),
                                            raw_bytes(aad.data()), aad.size(), nullptr, raw_bytes(nonce.data()),
                                            raw_bytes(key.data()));
}
[[nodiscard]] inline bool chacha_open(custody::Bytes& out, custody::ByteView sealed, custody::ByteView aad,
                                      const custody::Bytes& nonce, const custody::Bytes& key) {
  using custody::detail::raw_bytes;
  if (sealed.size() < 16) return false;
  if (is_short(sealed.size() - 16, aad.size()))
    return custody::detail::chacha_open(out.data(), sealed, aad, nonce.data(), key.data());
  return crypto_aead_chacha20poly1305_ietf_decrypt(raw_bytes(out.data()), nullptr, nullptr, raw_bytes(sealed.data()),
                                                   sealed.size(), raw_bytes(aad.data()), aad.size(),
                                                   raw_bytes(nonce.data()), raw_bytes(key.data())) == 0;
}
[[nodiscard]] inline custody::Bytes hchacha(const custody::Bytes& nonce, const custody::Bytes& key) {
  custody::Bytes out(32);
  custody::detail::hchacha(out.data(), nonce.data(), key.data());
  return out;
}

}  // namespace test
