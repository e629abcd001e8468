// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <custody/crypto/secret.hpp>
#include <custody/crypto/sodium.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// What one guess at a passphrase costs (Argon2id, RFC 9106): passes over so many bytes of memory.
struct PassphraseCost {
  std::uint64_t operations = crypto_pwhash_argon2id_OPSLIMIT_MODERATE;
  std::uint64_t memory = crypto_pwhash_argon2id_MEMLIMIT_MODERATE;  ///< bytes

  /// 64 MiB, about 60 ms: logins.
  [[nodiscard]] static constexpr PassphraseCost interactive() noexcept {
    return {crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE, crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE};
  }
  /// 256 MiB, about half a second: the default for root keys.
  [[nodiscard]] static constexpr PassphraseCost moderate() noexcept { return {}; }
  /// 1 GiB, some seconds.
  [[nodiscard]] static constexpr PassphraseCost sensitive() noexcept {
    return {crypto_pwhash_argon2id_OPSLIMIT_SENSITIVE, crypto_pwhash_argon2id_MEMLIMIT_SENSITIVE};
  }
  /// Between interactive() and 64 passes over 4 GiB: a file that was tampered with can neither weaken nor stall us.
  [[nodiscard]] constexpr bool acceptable() const noexcept {
    return operations >= interactive().operations && operations <= 64 && memory >= interactive().memory &&
           memory <= std::uint64_t{4} << 30;
  }
};

using PassphraseSalt = std::array<std::byte, crypto_pwhash_argon2id_SALTBYTES>;  ///< 16 random bytes, public

/// A key from a passphrase. The caller wipes the passphrase. Errors: malformed for an unacceptable cost or an empty
/// passphrase, no_memory.
[[nodiscard]] inline Result<SecretKey> key_from_passphrase(std::string_view passphrase, const PassphraseSalt& salt,
                                                           PassphraseCost cost) noexcept {
  if (!cost.acceptable() || passphrase.empty()) return Errc::malformed;
  auto key = SecretKey::blank();
  if (!key) return key;
  const int failed = ::crypto_pwhash(detail::raw_bytes(key->span().data()), SecretKey::size, passphrase.data(),
                                     passphrase.size(), detail::raw_bytes(salt.data()), cost.operations,
                                     static_cast<std::size_t>(cost.memory), crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return Errc::no_memory;
  return key;
}

/// A verifier of a password: a printable text with salt and cost in it, from which the password cannot be read. Takes
/// as long as the cost says. Errors: malformed for an unacceptable cost, no_memory, no_randomness.
[[nodiscard]] inline Result<std::string> hash_password(std::string_view password,
                                                       PassphraseCost cost = PassphraseCost::interactive()) {
  if (!cost.acceptable()) return Errc::malformed;
  PassphraseSalt probe;  // libsodium ends the process without randomness: ask first
  if (!detail::sodium_ready() || !detail::draw_entropy(probe)) return Errc::no_randomness;
  char text[crypto_pwhash_STRBYTES];
  const int failed = ::crypto_pwhash_str(text, detail::raw_password(password), password.size(), cost.operations,
                                         static_cast<std::size_t>(cost.memory));
  if (failed != 0) return Errc::no_memory;
  return std::string(static_cast<const char*>(text));
}

/// Whether a password is the one of a verifier; constant time in the password, false for a malformed verifier.
[[nodiscard]] inline bool verify_password(const std::string& verifier, std::string_view password) noexcept {
  char text[crypto_pwhash_STRBYTES]{};
  if (verifier.size() >= sizeof text || verifier.find('\0') != std::string::npos || !detail::sodium_ready())
    return false;
  std::memcpy(text, verifier.data(), verifier.size());
  return ::crypto_pwhash_str_verify(text, detail::raw_password(password), password.size()) == 0;
}

}  // namespace custody::inline v0
