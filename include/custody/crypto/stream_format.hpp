// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/kdf.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/crypto/xchacha.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// Plaintext bytes of a full chunk of a stream. The last chunk is always shorter, if need be empty: that is how a stream
/// cut at a border shows.
inline constexpr std::size_t stream_chunk = std::size_t{64} * 1024;
/// The longest plaintext of a stream, 256 TiB: every position inside one fits a signed 64-bit file offset.
inline constexpr std::uint64_t largest_stream = std::uint64_t{1} << 48U;
/// What the size functions give where there is no such stream.
inline constexpr std::uint64_t no_stream = ~std::uint64_t{0};

/// The first 70 bytes of a stream: 6 bytes that the caller chose, a random salt, and the commitment to the key (the shape
/// of C2SP chunked-encryption). All of it is authenticated.
struct StreamHead {
  static constexpr std::size_t prefix_size = 6;
  static constexpr std::size_t salt_size = 32;
  static constexpr std::size_t size = prefix_size + salt_size + sizeof(Digest);
  std::array<std::byte, prefix_size> prefix{};
  std::array<std::byte, salt_size> salt{};
  Digest commitment{};

  void write(std::byte* out) const noexcept {
    std::memcpy(out, prefix.data(), prefix_size);
    std::memcpy(out + prefix_size, salt.data(), salt_size);
    std::memcpy(out + prefix_size + salt_size, commitment.data(), commitment.size());
  }
  [[nodiscard]] static StreamHead read(const std::byte* in) noexcept {
    StreamHead head;
    std::memcpy(head.prefix.data(), in, prefix_size);
    std::memcpy(head.salt.data(), in + prefix_size, salt_size);
    std::memcpy(head.commitment.data(), in + prefix_size + salt_size, head.commitment.size());
    return head;
  }
};

namespace detail {
inline constexpr std::size_t sealed_chunk = stream_chunk + aead_tag;
}

/// Bytes of the stream of `plain` bytes; no_stream beyond largest_stream.
[[nodiscard]] constexpr std::uint64_t stream_size(std::uint64_t plain) noexcept {
  if (plain > largest_stream) return no_stream;
  return StreamHead::size + plain + (plain / stream_chunk + 1) * detail::aead_tag;
}

/// Plaintext bytes of a stream of `sealed` bytes; no_stream when no stream has that size, as after a cut at a border.
[[nodiscard]] constexpr std::uint64_t stream_plain_size(std::uint64_t sealed) noexcept {
  if (sealed < StreamHead::size || sealed > stream_size(largest_stream)) return no_stream;
  const std::uint64_t body = sealed - StreamHead::size;
  const std::uint64_t rest = body % detail::sealed_chunk;
  if (rest < detail::aead_tag) return no_stream;
  return body / detail::sealed_chunk * stream_chunk + (rest - detail::aead_tag);
}

namespace detail {

inline constexpr char stream_tag[] = "custody.stream.1";
static_assert(sizeof stream_tag == 17);

/// What one stream is sealed with: derived from a parent key and everything that is bound, and good for this salt only.
struct StreamKeys {
  SecretKey key;
  std::array<std::byte, 24> base{};
  Digest commitment{};

  /// Errors: no_memory, malformed for an empty parent.
  [[nodiscard]] static Result<StreamKeys> derive(const SecretKey& parent, const StreamHead& head, ByteView context) {
    Bytes bound;
    Canonical(bound).part("stream").number(static_cast<std::uint32_t>(stream_chunk));
    Canonical(bound).raw(head.prefix).raw(head.salt).part(context);
    auto root = derive_key(parent, bound);
    if (!root) return root.error();
    Bytes purpose;
    Canonical(purpose).part("chunks");
    auto key = derive_key(*root, purpose);
    if (!key) return key.error();
    StreamKeys made;
    made.key = static_cast<SecretKey&&>(*key);
    const auto both = blake2b<sizeof(Digest) + 24>({as_bytes(stream_tag, 16)}, root->view());
    std::memcpy(made.commitment.data(), both.data(), made.commitment.size());
    std::memcpy(made.base.data(), both.data() + made.commitment.size(), made.base.size());
    return made;
  }

  /// The base nonce with the chunk's number XORed into its last 8 bytes, little-endian.
  [[nodiscard]] std::array<std::byte, 24> nonce(std::uint64_t chunk) const noexcept {
    auto made = base;
    for (std::size_t i = 0; i != 8; ++i) made[16 + i] ^= static_cast<std::byte>(chunk >> (8 * i));
    return made;
  }
};

/// A wiped buffer of one chunk at most; `data()` is null when there is no memory. Move-only.
class ChunkBuffer {
 public:
  ChunkBuffer() noexcept = default;
  explicit ChunkBuffer(std::size_t size) noexcept : data_(new(std::nothrow) std::byte[size]), size_(size) {}
  ChunkBuffer(const ChunkBuffer&) = delete;
  ChunkBuffer& operator=(const ChunkBuffer&) = delete;
  ChunkBuffer(ChunkBuffer&& other) noexcept : data_(other.data_), size_(other.size_) { other.data_ = nullptr; }
  ChunkBuffer& operator=(ChunkBuffer&& other) noexcept {
    if (this == &other) return *this;
    destroy();
    data_ = other.data_;
    size_ = other.size_;
    other.data_ = nullptr;
    return *this;
  }
  ~ChunkBuffer() { destroy(); }
  [[nodiscard]] std::byte* data() const noexcept { return data_; }

 private:
  void destroy() noexcept {
    if (data_ != nullptr) wipe(data_, size_);
    delete[] data_;
    data_ = nullptr;
  }
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace detail
}  // namespace custody::inline v0
