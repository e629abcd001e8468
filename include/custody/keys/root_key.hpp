// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <custody/crypto/base64.hpp>
#include <custody/crypto/kdf.hpp>
#include <custody/crypto/passphrase.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/keys/secret_file.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// The public half of a root key that comes from a passphrase: salt and cost. Keep the text beside the key file;
/// without it the passphrase opens nothing.
struct PassphraseParameters {
  PassphraseSalt salt{};
  PassphraseCost cost;

  /// A fresh salt. Errors: malformed for an unacceptable cost, no_randomness.
  [[nodiscard]] static Result<PassphraseParameters> random(PassphraseCost cost = PassphraseCost::moderate()) noexcept {
    PassphraseParameters made;
    made.cost = cost;
    if (!cost.acceptable()) return Errc::malformed;
    if (!detail::draw_entropy(made.salt)) return Errc::no_randomness;
    return made;
  }
  /// `custody-passphrase-1 argon2id <operations> <memory> <salt>`, one line without an end.
  [[nodiscard]] std::string encode() const {
    return std::string(prefix) + std::to_string(cost.operations) + " " + std::to_string(cost.memory) + " " +
           base64url_encode(salt);
  }
  /// Reads exactly what encode() wrote, one line feed more at most. Errors: malformed, also for a weaker cost than
  /// allowed.
  [[nodiscard]] static Result<PassphraseParameters> decode(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    const std::string_view line = text;
    if (!text.starts_with(prefix)) return Errc::malformed;
    text.remove_prefix(std::string_view(prefix).size());
    PassphraseParameters read;
    if (!number(text, read.cost.operations) || !number(text, read.cost.memory)) return Errc::malformed;
    if (text.size() != base64url_size(read.salt.size()) || !base64url_read(read.salt.data(), text))
      return Errc::malformed;
    if (!read.cost.acceptable() || read.encode() != line) return Errc::malformed;
    return read;
  }

 private:
  static constexpr const char* prefix = "custody-passphrase-1 argon2id ";

  /// Reads a decimal number and the space behind it; 15 digits at most.
  [[nodiscard]] static bool number(std::string_view& text, std::uint64_t& out) noexcept {
    std::size_t digits = 0;
    out = 0;
    while (digits != text.size() && text[digits] >= '0' && text[digits] <= '9' && digits < 16) {
      out = out * 10 + static_cast<std::uint64_t>(text[digits++] - '0');
    }
    if (digits == 0 || digits == 16 || digits == text.size() || text[digits] != ' ') return false;
    text.remove_prefix(digits + 1);
    return true;
  }
};

/// The key above all others: it wraps people's keys and derives index keys, and never touches data itself. Move-only;
/// immutable, so thread-safe. Whoever has it and the key file can open everything that is not erased.
class RootKey {
 public:
  /// A copy of 32 bytes from a key provider; the caller wipes the source. Errors: malformed, also for zeros; no_memory.
  [[nodiscard]] static Result<RootKey> from_bytes(ByteView bytes) noexcept {
    auto key = SecretKey::copy_of(bytes);
    if (!key) return key.error();
    return checked(std::move(*key));
  }
  /// Reads a file of 32 random bytes, mode 0600, owned by us, no symbolic link. Errors: not_found, unsafe_permissions,
  /// truncated or malformed for another size or zeros, storage_failed, no_memory.
  [[nodiscard]] static Result<RootKey> from_key_file(const std::string& path) {
    auto place = detail::SecretPlace::of(path);
    if (!place) return place.error();
    auto file = place->open(O_RDONLY);
    if (!file) return file.error();
    auto key = SecretKey::blank();
    if (!key) return key.error();
    if (auto read = detail::read_at(file->fd(), key->span(), 0); !read) return read.error();
    struct ::stat facts{};
    if (::fstat(file->fd(), &facts) != 0 || facts.st_size != static_cast<::off_t>(SecretKey::size))
      return Errc::malformed;
    return checked(std::move(*key));
  }
  /// Makes such a file, durable when this returns, and the key in it; never touches a file that is there. Errors:
  /// already_there, unsafe_permissions, no_randomness, disk_full, storage_failed.
  [[nodiscard]] static Result<RootKey> create_key_file(const std::string& path) {
    auto place = detail::SecretPlace::of(path);
    if (!place) return place.error();
    auto key = SecretKey::random();
    if (!key) return key.error();
    std::string temporary;
    auto file = place->create_temporary(temporary);
    if (!file) return file.error();
    auto written = detail::write_at(file->fd(), key->view(), 0);
    if (!written) static_cast<void>(::unlinkat(place->directory.fd(), temporary.c_str(), 0));
    if (written) written = place->publish(*file, temporary, false);
    if (!written) return written.error();
    return checked(std::move(*key));
  }
  /// The key of a passphrase and its parameters; takes as long as the cost says. Errors: malformed for an empty
  /// passphrase or an unacceptable cost, no_memory. A wrong passphrase shows as wrong_root when a key file is opened.
  [[nodiscard]] static Result<RootKey> from_passphrase(std::string_view passphrase,
                                                       const PassphraseParameters& parameters) noexcept {
    auto key = key_from_passphrase(passphrase, parameters.salt, parameters.cost);
    if (!key) return key.error();
    return checked(std::move(*key));
  }

  /// A branch of the root, named by what it is for. Errors: no_memory.
  [[nodiscard]] Result<SecretKey> derive(std::string_view label) const {
    Bytes context;
    Canonical(context).part("custody.root.1").part(label);
    return derive_key(key_, context);
  }

 private:
  explicit RootKey(SecretKey key) noexcept : key_(std::move(key)) {}

  /// Zeros are what a lost write leaves behind, never a key.
  [[nodiscard]] static Result<RootKey> checked(SecretKey key) noexcept {
    if (::sodium_is_zero(detail::raw_bytes(key.data()), SecretKey::size) == 1) return Errc::malformed;
    return RootKey(std::move(key));
  }
  SecretKey key_;
};

}  // namespace custody::inline v0
