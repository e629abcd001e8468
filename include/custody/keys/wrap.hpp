// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <custody/crypto/entropy.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/crypto/suite.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// The size of a wrapped key: nonce, key, tag.
inline constexpr std::size_t wrapped_key_size =
    XChaCha20Poly1305::nonce_size + SecretKey::size + XChaCha20Poly1305::tag_size;

namespace detail {

/// What a wrap authenticates: a domain tag and the caller's canonical bytes.
[[nodiscard]] inline Bytes wrap_aad(ByteView aad) {
  Bytes bytes;
  Canonical(bytes).part("custody.wrap.1").part(aad);
  return bytes;
}

}  // namespace detail

/// Seals a key under another for one place that `aad` names: XChaCha20-Poly1305 with a nonce from the kernel; libsodium
/// 1.0.12 and later open it everywhere. Thread-safe. Errors: malformed for an empty key, no_randomness.
[[nodiscard]] inline Result<Bytes> wrap_key(const SecretKey& kek, const SecretKey& key, ByteView aad) {
  if (kek.empty() || key.empty()) return Errc::malformed;
  Bytes out(wrapped_key_size);
  if (!draw_nonce({out.data(), XChaCha20Poly1305::nonce_size}, true)) return Errc::no_randomness;
  detail::xchacha_seal(out.data() + XChaCha20Poly1305::nonce_size, key.view(), detail::wrap_aad(aad), out.data(),
                       kek.data());
  return out;
}

/// Opens a wrapped key. Errors: tampered for other bytes, another place or another wrapping key; malformed for a wrong
/// size; no_memory.
[[nodiscard]] inline Result<SecretKey> unwrap_key(const SecretKey& kek, ByteView wrapped, ByteView aad) {
  if (kek.empty() || wrapped.size() != wrapped_key_size) return Errc::malformed;
  auto key = SecretKey::blank();
  if (!key) return key;
  const ByteView sealed = wrapped.subspan(XChaCha20Poly1305::nonce_size);
  const bool good = detail::xchacha_open(key->span().data(), sealed, detail::wrap_aad(aad), wrapped.data(), kek.data());
  if (!good) return Errc::tampered;
  return key;
}

}  // namespace custody::inline v0
