// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include <botan/aead.h>

#include <custody/crypto/suite.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0 {
namespace detail {

/// One thread's SM4-GCM in one direction; null when Botan was built without SM4.
[[nodiscard]] inline Botan::AEAD_Mode* sm4_mode(Botan::Cipher_Dir direction) noexcept {
  thread_local const std::unique_ptr<Botan::AEAD_Mode> modes[2] = {
      Botan::AEAD_Mode::create("SM4/GCM", Botan::ENCRYPTION), Botan::AEAD_Mode::create("SM4/GCM", Botan::DECRYPTION)};
  return modes[direction == Botan::ENCRYPTION ? 0 : 1].get();
}

/// Forgets key and message when the call ends.
class Sm4Call {
 public:
  explicit Sm4Call(Botan::AEAD_Mode& mode) noexcept : mode_(&mode) {}
  Sm4Call(const Sm4Call&) = delete;
  Sm4Call& operator=(const Sm4Call&) = delete;
  ~Sm4Call() { mode_->clear(); }
  void start(const std::byte* key, ByteView aad, const std::byte* nonce) {
    mode_->set_key(reinterpret_cast<const std::uint8_t*>(key), 16);
    mode_->set_associated_data(reinterpret_cast<const std::uint8_t*>(aad.data()), aad.size());
    mode_->start(reinterpret_cast<const std::uint8_t*>(nonce), 12);
  }

 private:
  Botan::AEAD_Mode* mode_;
};

}  // namespace detail

/// SM4-GCM (GB/T 32907, RFC 8998) by Botan 2, for products that China's commercial cryptography assessment (GB/T 39786)
/// asks for SM4. The key is the first 16 bytes of the field's; at most 2^32 messages for each, counted by whoever owns
/// it. Botan's exceptions become a failed call. Thread-safe; one Botan object for each thread and direction, which
/// holds no key between calls.
struct Sm4Gcm : SuiteCalls<Sm4Gcm> {
  static constexpr SuiteId id = SuiteId::sm4_gcm;
  static constexpr const char* name = suite_name(id);
  static constexpr std::size_t nonce_size = 12;
  static constexpr std::size_t tag_size = 16;
  static constexpr std::size_t state_size = 0;
  static constexpr std::uint64_t message_limit = std::uint64_t{1} << 32;

  [[nodiscard]] static bool available() noexcept {
    try {
      return detail::sodium_ready() && detail::sm4_mode(Botan::ENCRYPTION) != nullptr;
    } catch (...) {
      return false;
    }
  }
  static void expand(std::byte*, const std::byte*) noexcept {}
  static bool encrypt(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce, const std::byte* key,
                      const std::byte*) noexcept {
    try {
      detail::Sm4Call call(*detail::sm4_mode(Botan::ENCRYPTION));
      call.start(key, aad, nonce);
      const auto* const from = reinterpret_cast<const std::uint8_t*>(plain.data());
      Botan::secure_vector<std::uint8_t> text(from, from + plain.size());  // wiped by its allocator
      detail::sm4_mode(Botan::ENCRYPTION)->finish(text);
      std::memcpy(out, text.data(), text.size());
      return true;
    } catch (...) {
      return false;
    }
  }
  [[nodiscard]] static bool decrypt(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                    const std::byte* key, const std::byte*) noexcept {
    if (sealed.size() < tag_size) return false;
    try {
      detail::Sm4Call call(*detail::sm4_mode(Botan::DECRYPTION));
      call.start(key, aad, nonce);
      const auto* const from = reinterpret_cast<const std::uint8_t*>(sealed.data());
      Botan::secure_vector<std::uint8_t> text(from, from + sealed.size());
      detail::sm4_mode(Botan::DECRYPTION)->finish(text);
      if (!text.empty()) std::memcpy(out, text.data(), text.size());
      return true;
    } catch (...) {
      return false;
    }
  }
};

}  // namespace custody::inline v0
