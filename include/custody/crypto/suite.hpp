// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <custody/crypto/secret.hpp>
#include <custody/crypto/sodium.hpp>
#include <custody/crypto/xchacha.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// The cipher suites by the number that an envelope's header carries. Numbers are permanent.
enum class SuiteId : std::uint8_t { xchacha20_poly1305 = 1, aes256_gcm = 2 };

/// What a suite adds to a plaintext, in bytes; sizes come from here, never from the data.
struct SuiteFacts {
  bool known = false;
  std::size_t nonce_size = 0;
  std::size_t tag_size = 0;
  [[nodiscard]] constexpr std::size_t overhead() const noexcept { return nonce_size + tag_size; }
};

template <class Suite>
class CipherKey;

/// The default suite: runs everywhere, random nonces without a practical limit (draft-irtf-cfrg-xchacha-03).
/// Stateless; thread-safe. `out` may be the input itself, other overlaps are not allowed.
struct XChaCha20Poly1305 {
  static constexpr SuiteId id = SuiteId::xchacha20_poly1305;
  static constexpr const char* name = "XChaCha20-Poly1305";
  static constexpr std::size_t nonce_size = 24;
  static constexpr std::size_t tag_size = 16;
  static constexpr std::size_t state_size = 0;  ///< expanded key state kept beside the key, in bytes

  [[nodiscard]] static bool available() noexcept { return detail::sodium_ready(); }
  /// Writes `plain.size() + tag_size` bytes.
  static void seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce,
                   const CipherKey<XChaCha20Poly1305>& key) noexcept;
  /// Writes `sealed.size() - tag_size` bytes; false, with `out` untouched or wiped, when the bytes are not authentic.
  [[nodiscard]] static bool open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                 const CipherKey<XChaCha20Poly1305>& key) noexcept;
};

/// AES-256-GCM (NIST SP 800-38D) with the key schedule kept; needs AES instructions. Random 12-byte nonces: at most
/// 2^32 messages for each key, counted by the caller. Stateless; thread-safe. Overlaps as in XChaCha20Poly1305.
struct Aes256Gcm {
  static constexpr SuiteId id = SuiteId::aes256_gcm;
  static constexpr const char* name = "AES-256-GCM";
  static constexpr std::size_t nonce_size = 12;
  static constexpr std::size_t tag_size = 16;
  static constexpr std::size_t state_size = sizeof(::crypto_aead_aes256gcm_state);

  [[nodiscard]] static bool available() noexcept {
    return detail::sodium_ready() && ::crypto_aead_aes256gcm_is_available() == 1;
  }
  /// Writes `plain.size() + tag_size` bytes.
  static void seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce,
                   const CipherKey<Aes256Gcm>& key) noexcept;
  /// Writes `sealed.size() - tag_size` bytes; false, with `out` wiped, when the bytes are not authentic.
  [[nodiscard]] static bool open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                 const CipherKey<Aes256Gcm>& key) noexcept;
};
static_assert(Aes256Gcm::state_size <= detail::slot_size(detail::SlotClass::state));

/// The facts of a suite number; `known` is false for numbers this library does not have.
[[nodiscard]] constexpr SuiteFacts suite_facts(SuiteId id) noexcept {
  switch (id) {
    case SuiteId::xchacha20_poly1305: return {true, XChaCha20Poly1305::nonce_size, XChaCha20Poly1305::tag_size};
    case SuiteId::aes256_gcm: return {true, Aes256Gcm::nonce_size, Aes256Gcm::tag_size};
  }
  return {};
}
/// Whether this machine and this libsodium run a suite.
[[nodiscard]] inline bool suite_available(SuiteId id) noexcept {
  switch (id) {
    case SuiteId::xchacha20_poly1305: return XChaCha20Poly1305::available();
    case SuiteId::aes256_gcm: return Aes256Gcm::available();
  }
  return false;
}

/// A key made ready for the suite with a run-time number: the expanded state, if the suite has one, lies in the arena
/// too. Move-only; immutable, so one key may be used from many threads.
class AnyCipherKey {
 public:
  AnyCipherKey() noexcept = default;

  /// Errors: suite_unavailable (also for an unknown number), no_memory, malformed for an empty key.
  [[nodiscard]] static Result<AnyCipherKey> from(SuiteId suite, SecretKey key) noexcept {
    if (key.empty()) return Errc::malformed;
    if (!suite_available(suite)) return Errc::suite_unavailable;
    AnyCipherKey ready;
    ready.suite_ = suite;
    if (suite == SuiteId::aes256_gcm) {
      ready.state_ = detail::SecretSlot<detail::SlotClass::state>::take();
      if (ready.state_.data() == nullptr) return Errc::no_memory;
      auto* const state = reinterpret_cast<::crypto_aead_aes256gcm_state*>(ready.state_.data());
      ::crypto_aead_aes256gcm_beforenm(state, detail::raw_bytes(key.data()));
    }
    ready.key_ = std::move(key);
    return ready;
  }
  [[nodiscard]] bool empty() const noexcept { return key_.empty(); }
  [[nodiscard]] SuiteId suite() const noexcept { return suite_; }
  [[nodiscard]] const SecretKey& secret() const noexcept { return key_; }
  [[nodiscard]] const ::crypto_aead_aes256gcm_state* gcm_state() const noexcept {
    return reinterpret_cast<const ::crypto_aead_aes256gcm_state*>(state_.data());
  }

 private:
  SecretKey key_;
  detail::SecretSlot<detail::SlotClass::state> state_;
  SuiteId suite_ = SuiteId::xchacha20_poly1305;
};

/// A key made ready for one suite; see AnyCipherKey.
template <class Suite>
class CipherKey {
 public:
  CipherKey() noexcept = default;

  /// Errors: suite_unavailable, no_memory, malformed for an empty key.
  [[nodiscard]] static Result<CipherKey> from(SecretKey key) noexcept {
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

/// AES-256-GCM with an expanded key; as Aes256Gcm::seal.
inline void gcm_seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce,
                     const ::crypto_aead_aes256gcm_state* state) noexcept {
  ::crypto_aead_aes256gcm_encrypt_afternm(raw_bytes(out), nullptr, raw_bytes(plain.data()), plain.size(),
                                          raw_bytes(aad.data()), aad.size(), nullptr, raw_bytes(nonce), state);
}
/// AES-256-GCM with an expanded key; as Aes256Gcm::open.
[[nodiscard]] inline bool gcm_open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                   const ::crypto_aead_aes256gcm_state* state) noexcept {
  if (sealed.size() < Aes256Gcm::tag_size) return false;
  return ::crypto_aead_aes256gcm_decrypt_afternm(raw_bytes(out), nullptr, nullptr, raw_bytes(sealed.data()),
                                                 sealed.size(), raw_bytes(aad.data()), aad.size(), raw_bytes(nonce),
                                                 state) == 0;
}

/// Seals with the suite of a run-time number; false, with nothing written, when it is not the suite of the key.
[[nodiscard]] inline bool suite_seal(SuiteId suite, std::byte* out, ByteView plain, ByteView aad,
                                     const std::byte* nonce, const AnyCipherKey& key) noexcept {
  if (suite != key.suite() || key.empty()) return false;
  switch (suite) {
    case SuiteId::xchacha20_poly1305: xchacha_seal(out, plain, aad, nonce, key.secret().data()); return true;
    case SuiteId::aes256_gcm: gcm_seal(out, plain, aad, nonce, key.gcm_state()); return true;
  }
  return false;
}
/// Opens with the suite of a run-time number; false when it is not the suite of the key or the bytes are not authentic.
[[nodiscard]] inline bool suite_open(SuiteId suite, std::byte* out, ByteView sealed, ByteView aad,
                                     const std::byte* nonce, const AnyCipherKey& key) noexcept {
  if (suite != key.suite() || key.empty()) return false;
  switch (suite) {
    case SuiteId::xchacha20_poly1305: return xchacha_open(out, sealed, aad, nonce, key.secret().data());
    case SuiteId::aes256_gcm: return gcm_open(out, sealed, aad, nonce, key.gcm_state());
  }
  return false;
}

}  // namespace detail

inline void XChaCha20Poly1305::seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce,
                                    const CipherKey<XChaCha20Poly1305>& key) noexcept {
  detail::xchacha_seal(out, plain, aad, nonce, key.secret().data());
}
inline bool XChaCha20Poly1305::open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                    const CipherKey<XChaCha20Poly1305>& key) noexcept {
  return detail::xchacha_open(out, sealed, aad, nonce, key.secret().data());
}
inline void Aes256Gcm::seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce,
                            const CipherKey<Aes256Gcm>& key) noexcept {
  detail::gcm_seal(out, plain, aad, nonce, key.any().gcm_state());
}
inline bool Aes256Gcm::open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                            const CipherKey<Aes256Gcm>& key) noexcept {
  return detail::gcm_open(out, sealed, aad, nonce, key.any().gcm_state());
}

}  // namespace custody::inline v0
