// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <custody/crypto/base64.hpp>
#include <custody/crypto/kdf.hpp>
#include <custody/crypto/passphrase.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/keys/credential.hpp>
#include <custody/keys/root_provider.hpp>
#include <custody/keys/secret_file.hpp>
#include <custody/law/level.hpp>
#include <custody/law/protection.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/ref.hpp>
#include <custody/words/result.hpp>
#include <custody/words/rule.hpp>

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

/// The key above all others: it wraps people's keys and derives index keys, and never touches data itself. Its bytes lie
/// in locked memory here, or stay with a provider. Move-only; immutable, so thread-safe. Whoever has it and the key file
/// can open everything that is not erased.
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
    if (auto written = place->write_whole(key->view(), false); !written) return written.error();
    return checked(std::move(*key));
  }
  /// Reads a systemd credential, `$CREDENTIALS_DIRECTORY/<name>`: 32 random bytes, or one line of base64url (43
  /// characters, no padding) or hexadecimal (64 digits). Ours or root's, readable by nobody else. Errors: not_found, also
  /// without the directory; unsafe_permissions, truncated, malformed, also for zeros and for 32 typed characters;
  /// storage_failed, no_memory.
  [[nodiscard]] static Result<RootKey> from_credential(const std::string& name) {
    auto file = detail::open_credential(::secure_getenv("CREDENTIALS_DIRECTORY"), name);
    if (!file) return file.error();
    auto key = detail::read_credential(*file);
    if (!key) return key.error();
    return checked(std::move(*key));
  }
  /// Takes 32 bytes of base64url (43 characters, no padding) out of an environment variable, which is overwritten in
  /// place, so that /proc/self/environ loses it, and removed, also when it is malformed. That reaches neither the parent
  /// and what it wrote down, nor children started before, nor copies that others made. Not thread-safe with other uses of
  /// the environment: call it first in main. Errors: not_found, malformed, no_memory.
  [[nodiscard]] static Result<RootKey> from_environment(const char* variable) noexcept {
    auto key = detail::take_from_environment(variable);
    if (!key) return key.error();
    return checked(std::move(*key));
  }
  /// The key of a passphrase and its parameters; takes as long as the cost says. Errors: malformed for an empty
  /// passphrase or an unacceptable cost, no_memory. A wrong passphrase shows as wrong_root when a key file is opened.
  [[nodiscard]] static Result<RootKey> from_passphrase(std::string_view passphrase,
                                                       const PassphraseParameters& parameters) noexcept {
    auto key = key_from_passphrase(passphrase, parameters.salt, parameters.cost);
    if (!key) return key.error();
    auto root = checked(std::move(*key));
    if (root) root->guessable_ = true;
    return root;
  }
  /// A root that stays with its provider, which moves into the key. Errors: no_memory. Rule S5.
  template <class Provider>
    requires detail::declares_protection<Provider>
  [[nodiscard]] static Result<RootKey> from_provider(Provider provider) noexcept {
    auto* const owned = new (std::nothrow) Provider(static_cast<Provider&&>(provider));
    if (owned == nullptr) return Errc::no_memory;
    RootKey root{SecretKey()};
    root.provider_ = detail::Ref<RootProvider>::adopt(owned);
    root.protection_ = Provider::custody_protection;
    return root;
  }
  template <class Provider>
    requires(!detail::declares_protection<Provider>)
  static CUSTODY_DETAIL_REFUSE(
      "custody[S5]: a store, channel or key provider does not declare its protection (PIPL Art. 51). "
      "Fix: static constexpr custody::Protection custody_protection{custody::Level::..., \"name\"};",
      from_provider(Provider));

  /// A branch of the root, named by what it is for. Errors: no_memory, the provider's.
  [[nodiscard]] Result<SecretKey> derive(std::string_view label) const {
    Bytes context;
    Canonical(context).part("custody.root.1").part(label);
    if (!provider_) return derive_key(key_, context);
    auto branch = provider_->branch(context);
    if (!branch) return branch.error();
    return derive_key(*branch, context);
  }
  /// The key itself, to be kept in another protected form (a wrapped file, shares). Errors: unknown_key when the root
  /// stays with its provider; malformed for the key of a passphrase, which others could guess; no_memory.
  [[nodiscard]] Result<SecretKey> copy_for_escrow() const noexcept {
    if (provider_) return Error{Errc::unknown_key, "root key that stays with its provider"};
    if (guessable_) return Error{Errc::malformed, "root key from a passphrase"};
    return SecretKey::copy_of(key_.view());
  }
  /// What keeps the root, as declared.
  [[nodiscard]] Protection protection() const noexcept { return protection_; }

 private:
  explicit RootKey(SecretKey key) noexcept : key_(std::move(key)) {}

  /// Zeros are what a lost write leaves behind, never a key.
  [[nodiscard]] static Result<RootKey> checked(SecretKey key) noexcept {
    if (::sodium_is_zero(detail::raw_bytes(key.data()), SecretKey::size) == 1) return Errc::malformed;
    return RootKey(std::move(key));
  }
  SecretKey key_;
  detail::Ref<RootProvider> provider_;
  Protection protection_{Level::core, "root key in memory"};
  bool guessable_ = false;
};

}  // namespace custody::inline v0
