// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <custody/crypto/secret.hpp>
#include <custody/crypto/sodium.hpp>
#include <custody/crypto/suite_ops.hpp>
#include <custody/crypto/xchacha.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

template <class Suite>
class CipherKey;

/// What a suite gets from naming itself as the parameter: sealing and opening with a key made ready. Thread-safe.
template <class Suite>
class SuiteCalls {
 public:
  /// Writes `plain.size() + tag_size` bytes. `out` may be the input itself; other overlaps are not allowed. The nonce
  /// must never come twice for a key. False, with nothing of use written, when the suite's library fails.
  static bool seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce,
                   const CipherKey<Suite>& key) noexcept {
    return Suite::encrypt(out, plain, aad, nonce, key.secret().data(), key.any().state());
  }
  /// Writes `sealed.size() - tag_size` bytes; false, with `out` untouched or wiped, when the bytes are not authentic.
  [[nodiscard]] static bool open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                 const CipherKey<Suite>& key) noexcept {
    return Suite::decrypt(out, sealed, aad, nonce, key.secret().data(), key.any().state());
  }

 private:
  friend Suite;
  SuiteCalls() noexcept = default;
};

/// The default suite: runs everywhere, random nonces without a practical limit (draft-irtf-cfrg-xchacha-03).
struct XChaCha20Poly1305 : SuiteCalls<XChaCha20Poly1305> {
  static constexpr SuiteId id = SuiteId::xchacha20_poly1305;
  static constexpr const char* name = suite_name(id);
  static constexpr std::size_t nonce_size = 24;
  static constexpr std::size_t tag_size = 16;
  static constexpr std::size_t state_size = 0;
  static constexpr std::uint64_t message_limit = 0;

  [[nodiscard]] static bool available() noexcept { return detail::sodium_ready(); }
  static void expand(std::byte*, const std::byte*) noexcept {}
  static bool encrypt(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce, const std::byte* key,
                      const std::byte*) noexcept {
    detail::xchacha_seal(out, plain, aad, nonce, key);
    return true;
  }
  [[nodiscard]] static bool decrypt(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                    const std::byte* key, const std::byte*) noexcept {
    return detail::xchacha_open(out, sealed, aad, nonce, key);
  }
};

/// AES-256-GCM (NIST SP 800-38D) with the key schedule kept; needs AES instructions. Random 12-byte nonces: at most
/// 2^32 messages for each key (8.3), counted by whoever owns the key.
struct Aes256Gcm : SuiteCalls<Aes256Gcm> {
  static constexpr SuiteId id = SuiteId::aes256_gcm;
  static constexpr const char* name = suite_name(id);
  static constexpr std::size_t nonce_size = 12;
  static constexpr std::size_t tag_size = 16;
  static constexpr std::size_t state_size = sizeof(::crypto_aead_aes256gcm_state);
  static constexpr std::uint64_t message_limit = std::uint64_t{1} << 32;

  [[nodiscard]] static bool available() noexcept {
    return detail::sodium_ready() && ::crypto_aead_aes256gcm_is_available() == 1;
  }
  static void expand(std::byte* state, const std::byte* key) noexcept {
    ::crypto_aead_aes256gcm_beforenm(reinterpret_cast<::crypto_aead_aes256gcm_state*>(state), detail::raw_bytes(key));
  }
  static bool encrypt(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce, const std::byte*,
                      const std::byte* state) noexcept {
    return ::crypto_aead_aes256gcm_encrypt_afternm(detail::raw_bytes(out), nullptr, detail::raw_bytes(plain.data()),
                                                   plain.size(), detail::raw_bytes(aad.data()), aad.size(), nullptr,
                                                   detail::raw_bytes(nonce),
                                                   reinterpret_cast<const ::crypto_aead_aes256gcm_state*>(state)) == 0;
  }
  [[nodiscard]] static bool decrypt(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                    const std::byte*, const std::byte* state) noexcept {
    if (sealed.size() < tag_size) return false;
    const bool good = ::crypto_aead_aes256gcm_decrypt_afternm(
                          detail::raw_bytes(out), nullptr, nullptr, detail::raw_bytes(sealed.data()), sealed.size(),
                          detail::raw_bytes(aad.data()), aad.size(), detail::raw_bytes(nonce),
                          reinterpret_cast<const ::crypto_aead_aes256gcm_state*>(state)) == 0;
#ifdef CUSTODY_DETAIL_HAS_AEGIS
    ::sodium_stackzero(1024);  // these versions leave plaintext in their frames
#endif
    if (!good) wipe(out, sealed.size() - tag_size);
    return good;
  }
};

#ifdef CUSTODY_DETAIL_HAS_AEGIS
/// AEGIS-256 (draft-irtf-cfrg-aegis-aead): 256-bit nonce and tag, ten times the speed with AES instructions. There only
/// when libsodium is 1.0.19 or newer; data sealed with it cannot be read by a program with an older one.
struct Aegis256 : SuiteCalls<Aegis256> {
  static constexpr SuiteId id = SuiteId::aegis256;
  static constexpr const char* name = suite_name(id);
  static constexpr std::size_t nonce_size = 32;
  static constexpr std::size_t tag_size = 32;
  static constexpr std::size_t state_size = 0;
  static constexpr std::uint64_t message_limit = 0;

  [[nodiscard]] static bool available() noexcept { return detail::sodium_ready(); }
  static void expand(std::byte*, const std::byte*) noexcept {}
  static bool encrypt(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce, const std::byte* key,
                      const std::byte*) noexcept {
    return ::crypto_aead_aegis256_encrypt(detail::raw_bytes(out), nullptr, detail::raw_bytes(plain.data()),
                                          plain.size(), detail::raw_bytes(aad.data()), aad.size(), nullptr,
                                          detail::raw_bytes(nonce), detail::raw_bytes(key)) == 0;
  }
  [[nodiscard]] static bool decrypt(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                    const std::byte* key, const std::byte*) noexcept {
    if (sealed.size() < tag_size) return false;
    const bool good =
        ::crypto_aead_aegis256_decrypt(detail::raw_bytes(out), nullptr, nullptr, detail::raw_bytes(sealed.data()),
                                       sealed.size(), detail::raw_bytes(aad.data()), aad.size(),
                                       detail::raw_bytes(nonce), detail::raw_bytes(key)) == 0;
    if (!good) wipe(out, sealed.size() - tag_size);
    return good;
  }
};
#endif

namespace detail {

static_assert(CipherSuite<XChaCha20Poly1305> && CipherSuite<Aes256Gcm>);
static_assert(Aes256Gcm::state_size <= slot_size(SlotClass::state));

inline constexpr const SuiteOps* own_suites[] = {&suite_ops<XChaCha20Poly1305>, &suite_ops<Aes256Gcm>,
#ifdef CUSTODY_DETAIL_HAS_AEGIS
                                                 &suite_ops<Aegis256>
#endif
};

__attribute__((visibility("default"))) inline SuiteTable& suite_table() noexcept {
  static constinit SuiteTable table(own_suites);
  return table;
}

/// The suite of a header; null when this program does not have it.
[[nodiscard]] inline const SuiteOps* find_suite(SuiteId id) noexcept { return suite_table().find(id); }

}  // namespace detail

/// Makes a suite from another library known to this process, so that envelopes which name it open. Key rings and vaults
/// do it for their own suite. Errors: already_there when the number is another suite's, suite_unavailable.
template <class Suite>
  requires CipherSuite<Suite>
[[nodiscard]] Result<void> use_suite() noexcept {
  if (!Suite::available()) return Error{Errc::suite_unavailable, Suite::name};
  if (!detail::suite_table().add(detail::suite_ops<Suite>)) return Error{Errc::already_there, Suite::name};
  return {};
}

/// Whether this program, this machine and this libsodium run a suite.
[[nodiscard]] inline bool suite_available(SuiteId id) noexcept {
  const detail::SuiteOps* const ops = detail::find_suite(id);
  return ops != nullptr && ops->available();
}

/// A key made ready for a suite that is known at run time: the expanded state, if the suite has one, lies in the arena
/// too. Move-only; immutable, so one key may be used from many threads.
class AnyCipherKey {
 public:
  AnyCipherKey() noexcept = default;

  /// Errors: suite_unavailable (naming it; also for an unknown number), no_memory, malformed for an empty key.
  [[nodiscard]] static Result<AnyCipherKey> from(SuiteId suite, SecretKey key) noexcept {
    if (key.empty()) return Errc::malformed;
    const detail::SuiteOps* const ops = detail::find_suite(suite);
    if (ops == nullptr || !ops->available()) return Error{Errc::suite_unavailable, suite_name(suite)};
    AnyCipherKey ready;
    ready.ops_ = ops;
    if (ops->state_size != 0) {
      ready.state_ = detail::SecretSlot<detail::SlotClass::state>::take();
      if (ready.state_.data() == nullptr) return Errc::no_memory;
      ops->expand(ready.state_.data(), key.data());
    }
    ready.key_ = std::move(key);
    return ready;
  }
  [[nodiscard]] bool empty() const noexcept { return key_.empty(); }
  /// Of a key that is not empty.
  [[nodiscard]] SuiteId suite() const noexcept { return ops_->id; }
  [[nodiscard]] const detail::SuiteOps& ops() const noexcept { return *ops_; }
  [[nodiscard]] const SecretKey& secret() const noexcept { return key_; }
  [[nodiscard]] const std::byte* state() const noexcept { return state_.data(); }

 private:
  SecretKey key_;
  detail::SecretSlot<detail::SlotClass::state> state_;
  const detail::SuiteOps* ops_ = &detail::suite_ops<XChaCha20Poly1305>;
};

/// A key made ready for one suite; see AnyCipherKey.
template <class Suite>
class CipherKey {
 public:
  CipherKey() noexcept = default;

  /// Errors: suite_unavailable, already_there (another suite has the number), no_memory, malformed for an empty key.
  [[nodiscard]] static Result<CipherKey> from(SecretKey key) noexcept {
    if (auto known = use_suite<Suite>(); !known) return known.error();
    auto any = AnyCipherKey::from(Suite::id, std::move(key));
    if (!any) return any.error();
    CipherKey ready;
    ready.any_ = std::move(*any);
    return ready;
  }
  /// A key from the kernel's random bytes. Errors: those of from(), no_randomness.
  [[nodiscard]] static Result<CipherKey> random() noexcept {
    auto key = SecretKey::random();
    if (!key) return key.error();
    return from(std::move(*key));
  }
  [[nodiscard]] bool empty() const noexcept { return any_.empty(); }
  [[nodiscard]] const AnyCipherKey& any() const noexcept { return any_; }
  [[nodiscard]] const SecretKey& secret() const noexcept { return any_.secret(); }

 private:
  AnyCipherKey any_;
};

namespace detail {

/// Seals with a key of whatever suite; false when its library fails.
[[nodiscard]] inline bool suite_seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce,
                                     const AnyCipherKey& key) noexcept {
  return !key.empty() && key.ops().encrypt(out, plain, aad, nonce, key.secret().data(), key.state());
}
/// Opens with a key of whatever suite; false when the bytes are not authentic.
[[nodiscard]] inline bool suite_open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                     const AnyCipherKey& key) noexcept {
  return !key.empty() && key.ops().decrypt(out, sealed, aad, nonce, key.secret().data(), key.state());
}

}  // namespace detail
}  // namespace custody::inline v0
