// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/kdf.hpp>
#include <custody/crypto/passphrase.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/keys/secret_file.hpp>
#include <custody/keys/wrap.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {
namespace detail {

/// What the file of a WrappedRoot says: 184 bytes, little-endian. Title, passes, memory, salt, the fingerprint of the
/// passphrase's key, the wrapped root, a checksum of all that.
struct WrappedRootText {
  static constexpr std::size_t size = 184;
  static constexpr std::size_t told = size - sizeof(Digest);
  static constexpr char title[] = "custody-root-1\n";  // 16 bytes with its zero

  PassphraseParameters parameters;
  Digest check{};
  Bytes wrapped;

  [[nodiscard]] static Bytes place_of(const PassphraseParameters& parameters) {
    Bytes out;
    Canonical(out).part("custody.root.file.1").number(parameters.cost.operations).number(parameters.cost.memory);
    Canonical(out).raw(parameters.salt);
    return out;
  }
  [[nodiscard]] Bytes encode() const {
    Bytes out;
    Canonical to(out);
    to.raw(as_bytes(title, sizeof title)).number(parameters.cost.operations).number(parameters.cost.memory);
    to.raw(parameters.salt).raw(check).raw(wrapped);
    to.raw(blake2b<32>({as_bytes("custody.root.sum.1"), out}));
    return out;
  }
  /// Errors: truncated, malformed for another size, version or an unacceptable cost, tampered for a wrong checksum.
  [[nodiscard]] static Result<WrappedRootText> decode(ByteView all) {
    if (all.size() < size) return Error{Errc::truncated, "wrapped root"};
    CanonicalReader from(all);
    if (all.size() != size ||
        !same_bytes(from.raw(sizeof title), as_bytes(title, sizeof title)))  // public: the first bytes of the format
      return Error{Errc::malformed, "wrapped root"};
    const auto sum = blake2b<32>({as_bytes("custody.root.sum.1"), all.first(told)});
    if (!constant_time_equal(sum, all.last(sizeof sum))) return Error{Errc::tampered, "wrapped root"};
    WrappedRootText read;
    read.parameters.cost.operations = from.number<std::uint64_t>();
    read.parameters.cost.memory = from.number<std::uint64_t>();
    const ByteView salt = from.raw(read.parameters.salt.size());
    std::memcpy(read.parameters.salt.data(), salt.data(), salt.size());
    const ByteView check = from.raw(read.check.size());
    std::memcpy(read.check.data(), check.data(), check.size());
    copy_into(read.wrapped, from.raw(wrapped_key_size));
    if (!read.parameters.cost.acceptable()) return Error{Errc::malformed, "wrapped root"};
    return read;
  }
};
static_assert(16 + 8 + 8 + 16 + 32 + wrapped_key_size == WrappedRootText::told);

}  // namespace detail

/// A random root key in a small file, wrapped under the key of a passphrase (Argon2id): unlike a root that is the
/// passphrase's key, it stays the same when the passphrase or the cost changes. The file is 0600 and replaced in one step:
/// after a crash the old or the new one is there. Whoever has an older copy of the file and the passphrase of that time
/// has the root: rotate the root when a passphrase is known to others. Thread-safe; one process changes it at a time.
class WrappedRoot {
 public:
  /// A new random root in a new file. Errors: already_there; malformed for an empty passphrase or an unacceptable cost;
  /// unsafe_permissions, no_randomness, no_memory, disk_full, storage_failed.
  [[nodiscard]] static Result<RootKey> create(const std::string& path, std::string_view passphrase,
                                              PassphraseCost cost = PassphraseCost::moderate()) {
    auto secret = SecretKey::random();
    if (!secret) return secret.error();
    auto root = RootKey::from_bytes(secret->view());
    if (!root) return root;
    if (auto kept = keep(path, *root, passphrase, cost); !kept) return kept.error();
    return root;
  }
  /// A root that is there already, such as a key file's, in a new file. Errors: those of create(), unknown_key for a root
  /// that stays with its provider, malformed for one that is a passphrase's key.
  [[nodiscard]] static Result<void> keep(const std::string& path, const RootKey& root, std::string_view passphrase,
                                         PassphraseCost cost = PassphraseCost::moderate()) {
    auto place = detail::SecretPlace::of(path);
    if (!place) return place.error();
    if (place->taken()) return Errc::already_there;  // before the passphrase's key is computed
    const auto secret = root.copy_for_escrow();
    if (!secret) return secret.error();
    auto text = wrap(*secret, passphrase, cost);
    if (!text) return text.error();
    return place->write_whole(text->encode(), false);
  }
  /// The root; takes as long as the cost says. Errors: wrong_root for a wrong passphrase, which is not damage; truncated,
  /// malformed, tampered for damage, before any passphrase is tried where a checksum can tell; not_found,
  /// unsafe_permissions, storage_failed, no_memory.
  [[nodiscard]] static Result<RootKey> open(const std::string& path, std::string_view passphrase) {
    auto place = detail::SecretPlace::of(path);
    if (!place) return place.error();
    const auto text = read(*place);
    if (!text) return text.error();
    const auto secret = unwrap(*text, passphrase);
    if (!secret) return secret.error();
    return RootKey::from_bytes(secret->view());
  }
  /// What a guess at the passphrase costs now; needs no passphrase. Errors: those of open() but wrong_root.
  [[nodiscard]] static Result<PassphraseCost> cost(const std::string& path) {
    auto place = detail::SecretPlace::of(path);
    if (!place) return place.error();
    const auto text = read(*place);
    if (!text) return text.error();
    return text->parameters.cost;
  }
  /// Another passphrase, at a cost; the root and all that it protects stay as they are. On an error the old passphrase
  /// opens the file as before; only when the last step failed, the disk's confirmation of the directory, the new one may.
  /// Errors: those of open() and create(), locked while another process changes the file.
  [[nodiscard]] static Result<void> change_passphrase(const std::string& path, std::string_view current,
                                                      std::string_view next,
                                                      PassphraseCost cost = PassphraseCost::moderate()) {
    return rewrap(path, current, next, cost, false);
  }
  /// The same passphrase at a higher cost, say after five years of faster machines. Errors: those of
  /// change_passphrase(), malformed for a cost that is lower in passes or memory.
  [[nodiscard]] static Result<void> raise_cost(const std::string& path, std::string_view passphrase,
                                               PassphraseCost cost) {
    return rewrap(path, passphrase, passphrase, cost, true);
  }

 private:
  using Text = detail::WrappedRootText;

  [[nodiscard]] static Result<SecretKey> key_of(std::string_view passphrase, const PassphraseParameters& parameters) {
    auto slow = key_from_passphrase(passphrase, parameters.salt, parameters.cost);
    if (!slow) return slow;
    return derive_key(*slow, as_bytes("custody.root.kek.1"));
  }
  [[nodiscard]] static Result<Text> wrap(const SecretKey& secret, std::string_view passphrase, PassphraseCost cost) {
    auto parameters = PassphraseParameters::random(cost);
    if (!parameters) return parameters.error();
    const auto key = key_of(passphrase, *parameters);
    if (!key) return key.error();
    auto wrapped = wrap_key(*key, secret, Text::place_of(*parameters));
    if (!wrapped) return wrapped.error();
    Text text;
    text.parameters = *parameters;
    text.check = fingerprint(*key);
    text.wrapped = std::move(*wrapped);
    return text;
  }
  [[nodiscard]] static Result<SecretKey> unwrap(const Text& text, std::string_view passphrase) {
    const auto key = key_of(passphrase, text.parameters);
    if (!key) return key.error();
    if (!constant_time_equal(fingerprint(*key), text.check)) return Error{Errc::wrong_root, "passphrase"};
    return unwrap_key(*key, text.wrapped, Text::place_of(text.parameters));
  }
  [[nodiscard]] static Result<Text> read(const detail::FileHandle& file) {
    struct ::stat facts{};
    if (::fstat(file.fd(), &facts) != 0) return Errc::storage_failed;
    if (facts.st_size > static_cast<::off_t>(Text::size)) return Error{Errc::malformed, "wrapped root"};
    std::byte all[Text::size];
    if (auto got = detail::read_at(file.fd(), all, 0); !got) return got.error();
    return Text::decode(all);
  }
  /// Reads once more when the file was replaced while it was read: its old bytes are overwritten then.
  [[nodiscard]] static Result<Text> read(const detail::SecretPlace& place) {
    for (int tries = 0;; ++tries) {
      auto file = place.open(O_RDONLY);
      if (!file) return file.error();
      auto text = read(*file);
      if (text || tries == 16 || place.names(*file)) return text;
    }
  }
  [[nodiscard]] static Result<void> rewrap(const std::string& path, std::string_view current, std::string_view next,
                                           PassphraseCost cost, bool only_higher) {
    auto place = detail::SecretPlace::of(path);
    if (!place) return place.error();
    auto file = place->open(O_RDWR);
    if (!file) return file.error();
    if (::flock(file->fd(), LOCK_EX | LOCK_NB) != 0) return errno == EWOULDBLOCK ? Errc::locked : Errc::storage_failed;
    if (!place->names(*file)) return Errc::locked;  // another process has just replaced it: try again
    const auto old = read(*file);
    if (!old) return old.error();
    const PassphraseCost& before = old->parameters.cost;
    if (only_higher && (cost.operations < before.operations || cost.memory < before.memory))
      return Error{Errc::malformed, "lower cost"};
    const auto secret = unwrap(*old, current);
    if (!secret) return secret.error();
    const auto text = wrap(*secret, next, cost);
    if (!text) return text.error();
    if (auto put = place->write_whole(text->encode(), true); !put) return put;
    static constexpr std::byte nothing[Text::size]{};  // what the old passphrase opens; as far as the disk lets it go
    if (detail::write_at(file->fd(), nothing, 0)) static_cast<void>(detail::sync_data(file->fd()));
    return {};
  }
};

}  // namespace custody::inline v0
