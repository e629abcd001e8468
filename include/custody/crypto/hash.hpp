// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>

#include <custody/crypto/sodium.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0 {

/// BLAKE2b as below, straight into 16 to 64 bytes of the caller's: for keys.
inline void blake2b_into(ByteSpan out, std::initializer_list<ByteView> parts, ByteView key = {}) noexcept {
  unsigned char* const to = detail::raw_bytes(out.data());
  if (parts.size() == 1) {
    const ByteView part = *parts.begin();
    ::crypto_generichash(to, out.size(), detail::raw_bytes(part.data()), part.size(), detail::raw_bytes(key.data()),
                         key.size());
    return;
  }
  ::crypto_generichash_state state;
  ::crypto_generichash_init(&state, detail::raw_bytes(key.data()), key.size(), out.size());
  for (const ByteView part : parts) ::crypto_generichash_update(&state, detail::raw_bytes(part.data()), part.size());
  ::crypto_generichash_final(&state, to, out.size());
  wipe(&state, sizeof state);
}

/// BLAKE2b (RFC 7693) over the concatenation of the parts, to 16..64 bytes; keyed when a key of 16..64 bytes is given.
/// The parts are not delimited: use Canonical where their borders matter. Thread-safe.
template <std::size_t Size>
[[nodiscard]] std::array<std::byte, Size> blake2b(std::initializer_list<ByteView> parts, ByteView key = {}) noexcept {
  static_assert(Size >= crypto_generichash_BYTES_MIN && Size <= crypto_generichash_BYTES_MAX);
  std::array<std::byte, Size> out;
  blake2b_into(out, parts, key);
  return out;
}

using Digest = std::array<std::byte, 32>;  ///< a 256-bit hash value

/// SHA-256 (FIPS 180-4), piece by piece; for evidence that other people's tools verify. Not thread-safe.
class Sha256 {
 public:
  Sha256() noexcept { ::crypto_hash_sha256_init(&state_); }
  Sha256& update(ByteView part) noexcept {
    ::crypto_hash_sha256_update(&state_, detail::raw_bytes(part.data()), part.size());
    return *this;
  }
  /// The digest of everything so far; the object starts anew.
  [[nodiscard]] Digest finish() noexcept {
    Digest out;
    ::crypto_hash_sha256_final(&state_, detail::raw_bytes(out.data()));
    ::crypto_hash_sha256_init(&state_);
    return out;
  }

 private:
  ::crypto_hash_sha256_state state_;
};

/// SHA-256 of one buffer.
[[nodiscard]] inline Digest sha256(ByteView bytes) noexcept {
  Digest out;
  ::crypto_hash_sha256(detail::raw_bytes(out.data()), detail::raw_bytes(bytes.data()), bytes.size());
  return out;
}

/// Compares without telling by its time where the bytes differ; the lengths are public.
[[nodiscard]] inline bool constant_time_equal(ByteView left, ByteView right) noexcept {
  return left.size() == right.size() && ::sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace custody::inline v0
