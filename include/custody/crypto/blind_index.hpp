// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/kdf.hpp>
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
};

/// The key of one index: derived from the root, never from a person's key. Move-only; immutable, thread-safe. Whoever
/// has it can list a small value space (all mobile numbers: about an hour on one core), so it never leaves the arena.
class IndexKey {
 public:
  IndexKey() noexcept = default;

  /// Errors: no_memory, malformed for an empty root.
  [[nodiscard]] static Result<IndexKey> derive(const SecretKey& root, const IndexContext& context) {
    Bytes bytes;
    Canonical(bytes)
        .part("custody.index.1")
        .part(context.label)
        .part(context.product)
        .part(context.record)
        .number(context.field)
        .part(context.normaliser)
        .number(context.generation);
    auto key = derive_key(root, bytes);
    if (!key) return key.error();
    IndexKey index;
    index.key_ = std::move(*key);
    return index;
  }
  /// The value's PRF, cut to its first `bits` (1..128, the rest is zero): fewer bits make more strangers share a value
  /// and hide frequencies; compare the plaintext after opening. The value must be normalised already.
  [[nodiscard]] IndexValue value(ByteView normalised, unsigned bits = 128) const noexcept {
    IndexValue out = blake2b<16>({normalised}, key_.view());
    for (std::size_t i = 0; i != out.size(); ++i) {
      const std::size_t kept = bits > i * 8 ? bits - i * 8 : 0;
      if (kept < 8) out[i] &= static_cast<std::byte>(0xFF00U >> kept);
    }
    return out;
  }

 private:
  SecretKey key_;
};

}  // namespace custody::inline v0
