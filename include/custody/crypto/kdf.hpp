// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstring>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {
namespace detail {

// The first bytes of a hashed message say what it is for; each tag is its own length (16), so none is another's prefix.
inline constexpr char derive_tag[] = "custody.derive.1";
inline constexpr char fingerprint_tag[] = "custody.finger.1";
static_assert(sizeof derive_tag == 17 && sizeof fingerprint_tag == 17);

}  // namespace detail

/// A key that depends on the parent and on every byte of the context: BLAKE2b-256 keyed by the parent over a domain tag
/// and the context. The context must be unambiguous (Canonical). Errors: no_memory, malformed for an empty parent.
[[nodiscard]] inline Result<SecretKey> derive_key(const SecretKey& parent, ByteView context) noexcept {
  if (parent.empty()) return Errc::malformed;
  auto child = SecretKey::blank();
  if (!child) return child;
  blake2b_into(child->span(), {as_bytes(detail::derive_tag, 16), context}, parent.view());
  ::sodium_stackzero(1024);  // libsodium leaves the hash on its stack
  return child;
}

/// The public name of a key: stored beside it, so that no two keys pass for one another. Reveals nothing else about a
/// random key. The key must not be empty.
[[nodiscard]] inline Digest fingerprint(const SecretKey& key) noexcept {
  return blake2b<32>({as_bytes(detail::fingerprint_tag, 16)}, key.view());
}

}  // namespace custody::inline v0
