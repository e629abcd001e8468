// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/index_shape.hpp>
#include <custody/crypto/kdf.hpp>
#include <custody/crypto/sodium.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// What equality search sees in place of a value.
using IndexValue = std::array<std::byte, 16>;

/// Where an index value may be compared: two contexts that differ anywhere never give comparable values. Borrowed
/// texts.
struct IndexContext {
  std::string_view label;       ///< what the index is for
  std::string_view product;
  std::string_view record;
  std::uint32_t field = 0;
  std::string_view normaliser;  ///< the name of the function that the value went through, frozen with the index
  std::uint32_t generation = 0;
  IndexShape shape{};
};

/// The key of one index: derived from the root, never from a person's key. Move-only; immutable, thread-safe. Whoever
/// has it can list a small value space (docs/blind-index.md says how fast), so it never leaves the arena.
class IndexKey {
 public:
  IndexKey() noexcept = default;

  /// Errors: no_memory, malformed for an empty root and for a shape that is none.
  [[nodiscard]] static Result<IndexKey> derive(const SecretKey& root, const IndexContext& context) {
    if (!context.shape.good()) return Errc::malformed;
    Bytes bytes;
    Canonical(bytes)
        .part("custody.index.1")
        .part(context.label)
        .part(context.product)
        .part(context.record)
        .number(context.field)
        .part(context.normaliser)
        .number(context.generation);
    if (!context.shape.whole_and_fast()) {  // nothing is added otherwise: the first indexes had no shape
      const IndexShape& shape = context.shape;
      Canonical(bytes).number(shape.bits).number(shape.work.passes).number(shape.work.memory_kib);
    }
    auto key = derive_key(root, bytes);
    if (!key) return key.error();
    IndexKey index;
    index.key_ = std::move(*key);
    index.shape_ = context.shape;
    return index;
  }
  /// The value as the index's shape wants it. The value must be normalised already. Errors: no_memory, for an index that
  /// costs memory.
  [[nodiscard]] Result<IndexValue> of(ByteView normalised) const noexcept {
    if (shape_.work == IndexWork{}) return value(normalised, shape_.bits);
    std::array<std::byte, 32> hard{};
    auto done = stretch(normalised, hard);
    const IndexValue out = done ? value(hard, shape_.bits) : IndexValue{};
    wipe(hard);
    if (!done) return done.error();
    return out;
  }
  [[nodiscard]] const IndexShape& shape() const noexcept { return shape_; }
  /// The bare PRF, cut to its first `bits` (1..128, the rest is zero): fewer bits make more strangers share a value and
  /// hide frequencies; compare the plaintext after opening. The value must be normalised already.
  [[nodiscard]] IndexValue value(ByteView normalised, unsigned bits = 128) const noexcept {
    IndexValue out = blake2b<16>({normalised}, key_.view());
    for (std::size_t i = 0; i != out.size(); ++i) {
      const std::size_t kept = bits > i * 8 ? bits - i * 8 : 0;
      if (kept < 8) out[i] &= static_cast<std::byte>(0xFF00U >> kept);
    }
    return out;
  }

 private:
  /// Argon2id over the value. The salt needs the key, so that no table serves two indexes; its text is shorter than what
  /// the PRF sees otherwise.
  [[nodiscard]] Result<void> stretch(ByteView normalised, ByteSpan out) const noexcept {
    auto salt = blake2b<crypto_pwhash_argon2id_SALTBYTES>({as_bytes("custody.index.salt.1")}, key_.view());
    const std::string_view text = as_text(normalised);
    const int failed =
        ::crypto_pwhash_argon2id(detail::raw_bytes(out.data()), out.size(), detail::raw_password(text), text.size(),
                                 detail::raw_bytes(salt.data()), shape_.work.passes,
                                 std::size_t{shape_.work.memory_kib} * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
    wipe(salt);
    return failed == 0 ? Result<void>() : Result<void>(Errc::no_memory);
  }

  SecretKey key_;
  IndexShape shape_{};
};

}  // namespace custody::inline v0
