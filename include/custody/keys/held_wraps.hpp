// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include <custody/keys/content_key.hpp>
#include <custody/keys/root_wraps.hpp>

namespace custody::inline v0::detail {

/// The last generation that fits the 24 bits of an envelope's header.
inline constexpr std::uint32_t last_generation = 0xFFFFFF;

/// A conversation's key as one member holds it: wrapped under one generation of the member's own key, which stands before
/// the wrapped bytes unless it is the first, and is authenticated.
class HeldWrap {
 public:
  /// The generation of the holder's key that opens it. Errors: malformed.
  [[nodiscard]] static Result<std::uint32_t> under(const WrappedKey& stored) noexcept {
    if (stored.wrapped.size() == wrapped_key_size) return 1U;
    CanonicalReader from(stored.wrapped);
    const auto number = from.number<std::uint32_t>();
    const bool good = from.rest().size() == wrapped_key_size && number > 1 && number <= last_generation;
    return good ? Result<std::uint32_t>(number) : Result<std::uint32_t>(Error{Errc::malformed, "keys"});
  }
  /// Errors: malformed, destroyed, no_randomness.
  [[nodiscard]] static Result<WrappedKey> seal(ContentKey& holder, std::string_view product, const Handle& handle,
                                               std::uint32_t generation, const SecretKey& secret, Instant created) {
    WrappedKey key{handle, holder.handle(), generation, created, {}, fingerprint(secret)};
    auto wrapping = holder.wrapping_key();
    if (!wrapping) return wrapping.error();
    auto wrapped = wrap_key(*wrapping, secret, context(product, key, holder.generation()));
    if (!wrapped) return wrapped.error();
    if (holder.generation() != 1) Canonical(key.wrapped).number(holder.generation());
    Canonical(key.wrapped).raw(*wrapped);
    return key;
  }
  /// Opens with the holder's key of the generation that under() says. Errors: tampered, malformed, destroyed.
  [[nodiscard]] static Result<SecretKey> open(ContentKey& holder, std::string_view product, const WrappedKey& stored) {
    auto wrapping = holder.wrapping_key();
    if (!wrapping) return wrapping;
    const ByteView bytes(stored.wrapped);
    const std::size_t before = holder.generation() == 1 ? 0 : sizeof(std::uint32_t);
    if (bytes.size() != before + wrapped_key_size) return Error{Errc::malformed, "keys"};
    auto secret = unwrap_key(*wrapping, bytes.subspan(before), context(product, stored, holder.generation()));
    if (!secret) return secret;
    if (!constant_time_equal(fingerprint(*secret), stored.fingerprint)) return Errc::tampered;
    return secret;
  }

 private:
  [[nodiscard]] static Bytes context(std::string_view product, const WrappedKey& key, std::uint32_t under) {
    Bytes bytes = wrap_context(product, key);
    if (under != 1) Canonical(bytes).number(under);
    return bytes;
  }
};

}  // namespace custody::inline v0::detail
