// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <sodium/core.h>
#include <sodium/crypto_aead_aes256gcm.h>
#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <sodium/crypto_core_hchacha20.h>
#include <sodium/crypto_generichash.h>
#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_onetimeauth_poly1305.h>
#include <sodium/crypto_pwhash.h>
#include <sodium/crypto_sign.h>
#include <sodium/crypto_stream_chacha20.h>
#include <sodium/crypto_verify_16.h>
#include <sodium/utils.h>
#if __has_include(<sodium/crypto_aead_aegis256.h>)
#include <sodium/crypto_aead_aegis256.h>
#define CUSTODY_DETAIL_HAS_AEGIS 1
#endif

#include <string_view>

#include <custody/words/atomic.hpp>

namespace custody::inline v0::detail {

/// Bytes as libsodium spells them. Borrowed.
[[nodiscard]] inline unsigned char* raw_bytes(std::byte* bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes);
}
[[nodiscard]] inline const unsigned char* raw_bytes(const std::byte* bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes);
}
/// What is a password to libsodium, which takes no null pointer, not even for an empty one. Borrowed.
[[nodiscard]] inline const char* raw_password(std::string_view text) noexcept {
  return text.empty() ? "" : text.data();
}

/// Starts libsodium once; it is fine if the host has started it already. False when libsodium cannot run here.
/// Thread-safe; one load after the first call.
[[nodiscard]] inline bool sodium_ready() noexcept {
  static constinit Atomic<bool> ready{false};
  if (ready.load(Order::acquire)) [[likely]]
    return true;
  if (::sodium_init() < 0) return false;
  ready.store(true, Order::release);
  return true;
}

}  // namespace custody::inline v0::detail
