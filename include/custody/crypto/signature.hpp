// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <custody/crypto/secret.hpp>
#include <custody/crypto/sodium.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

using PublicKey = std::array<std::byte, 32>;  ///< an Ed25519 public key
using Signature = std::array<std::byte, 64>;  ///< an Ed25519 signature

/// Signs evidence with Ed25519 (RFC 8032). The secret half lies in the arena. Move-only; immutable, so thread-safe.
class SigningKey {
 public:
  /// The key pair of a seed. Errors: no_memory, malformed for an empty seed.
  [[nodiscard]] static Result<SigningKey> from_seed(const SecretKey& seed) noexcept {
    if (seed.empty()) return Errc::malformed;
    SigningKey made;
    made.pair_ = detail::SecretSlot<detail::SlotClass::state>::take();
    if (made.pair_.data() == nullptr) return Errc::no_memory;
    ::crypto_sign_ed25519_seed_keypair(detail::raw_bytes(made.public_.data()), detail::raw_bytes(made.pair_.data()),
                                       detail::raw_bytes(seed.data()));
    return made;
  }
  /// A fresh key pair. Errors: no_memory, no_randomness.
  [[nodiscard]] static Result<SigningKey> random() noexcept {
    auto seed = SecretKey::random();
    if (!seed) return seed.error();
    return from_seed(*seed);
  }
  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_; }
  /// Deterministic; the key must not be moved from.
  [[nodiscard]] Signature sign(ByteView message) const noexcept {
    Signature out;
    ::crypto_sign_ed25519_detached(detail::raw_bytes(out.data()), nullptr, detail::raw_bytes(message.data()),
                                   message.size(), detail::raw_bytes(pair_.data()));
    return out;
  }

 private:
  SigningKey() noexcept = default;
  PublicKey public_{};
  detail::SecretSlot<detail::SlotClass::state> pair_;
};

/// Whether a signature over a message is the key's; false for wrong sizes, non-canonical and small-order input. Pure.
[[nodiscard]] inline bool verify_signature(ByteView message, ByteView signature, ByteView public_key) noexcept {
  if (signature.size() != sizeof(Signature) || public_key.size() != sizeof(PublicKey)) return false;
  return ::crypto_sign_ed25519_verify_detached(detail::raw_bytes(signature.data()), detail::raw_bytes(message.data()),
                                               message.size(), detail::raw_bytes(public_key.data())) == 0;
}

}  // namespace custody::inline v0
