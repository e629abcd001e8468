// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <custody/crypto/entropy.hpp>
#include <custody/crypto/stream_format.hpp>

namespace custody::inline v0 {

/// Where the sealed bytes of a stream go, in order. The host's: a file, a socket, a blob.
class StreamTarget {
 public:
  StreamTarget() noexcept = default;
  StreamTarget(const StreamTarget&) = delete;
  StreamTarget& operator=(const StreamTarget&) = delete;
  virtual ~StreamTarget() = default;
  /// Takes all of the bytes, or says why not.
  [[nodiscard]] virtual Result<void> write(ByteView sealed) = 0;
};

/// Where the sealed bytes of a stream are read from, at any position.
class StreamSource {
 public:
  StreamSource() noexcept = default;
  StreamSource(const StreamSource&) = delete;
  StreamSource& operator=(const StreamSource&) = delete;
  virtual ~StreamSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// Fills the whole buffer from a position inside size(), or says why not.
  [[nodiscard]] virtual Result<void> read_at(std::uint64_t offset, ByteSpan out) = 0;
};

/// A stream that lies in memory, borrowed.
class BytesSource final : public StreamSource {
 public:
  explicit BytesSource(ByteView bytes) noexcept : bytes_(bytes) {}
  [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, ByteSpan out) override {
    if (offset > bytes_.size() || out.size() > bytes_.size() - offset) return Errc::truncated;
    if (!out.empty()) std::memcpy(out.data(), bytes_.data() + offset, out.size());
    return {};
  }

 private:
  ByteView bytes_;
};

namespace detail {

template <class Write>
class CalledTarget final : public StreamTarget {
 public:
  explicit CalledTarget(Write write) : write_(std::move(write)) {}
  [[nodiscard]] Result<void> write(ByteView sealed) override { return write_(sealed); }

 private:
  Write write_;
};
template <class Read>
class CalledSource final : public StreamSource {
 public:
  CalledSource(std::uint64_t size, Read read) : size_(size), read_(std::move(read)) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, ByteSpan out) override { return read_(offset, out); }

 private:
  std::uint64_t size_;
  Read read_;
};

}  // namespace detail

/// A target made in place from `Result<void>(ByteView)`.
template <class Write>
[[nodiscard]] auto stream_target(Write write) {
  return detail::CalledTarget<Write>(std::move(write));
}
/// A source made in place from its size and `Result<void>(std::uint64_t offset, ByteSpan out)`.
template <class Read>
[[nodiscard]] auto stream_source(std::uint64_t size, Read read) {
  return detail::CalledSource<Read>(size, std::move(read));
}

/// Seals a stream of any length in constant memory (one chunk): write() as the bytes come, then finish(). What was written
/// before an error, or without finish(), never opens. Move-only; not thread-safe; the target is borrowed and must outlive it.
/// Costs the cipher's own call for each chunk; C2SP chunked-encryption over XChaCha20-Poly1305.
class StreamSealer {
 public:
  /// Draws a salt from the kernel, derives the keys and writes the head. `prefix` are the 6 bytes that stand first;
  /// `context` is bound, not written, and must be unambiguous (Canonical). Errors: malformed (prefix, empty key),
  /// no_randomness, no_memory, those of the target.
  [[nodiscard]] static Result<StreamSealer> start(const SecretKey& parent, ByteView prefix, ByteView context,
                                                  StreamTarget& target) {
    if (prefix.size() != StreamHead::prefix_size) return Errc::malformed;
    StreamHead head;
    std::memcpy(head.prefix.data(), prefix.data(), head.prefix.size());
    if (!draw_nonce(head.salt, true)) return Errc::no_randomness;
    auto keys = detail::StreamKeys::derive(parent, head, context);
    if (!keys) return keys.error();
    head.commitment = keys->commitment;
    StreamSealer made(std::move(*keys), target);
    if (made.buffer_.data() == nullptr) return Errc::no_memory;
    std::byte bytes[StreamHead::size];
    head.write(bytes);
    if (auto written = target.write(bytes); !written) return written.error();
    return made;
  }

  /// Errors: too_large (nothing is taken), those of the target, which end the stream; already_there after finish(),
  /// moved_from.
  [[nodiscard]] Result<void> write(ByteView plain) {
    if (auto open = still_open(); !open) return open;
    if (plain.size() > largest_stream - size_) return Errc::too_large;
    size_ += plain.size();
    while (!plain.empty()) {
      if (used_ == 0 && plain.size() >= stream_chunk) {  // sealed from where it lies
        if (auto done = seal(plain.first(stream_chunk)); !done) return done;
        plain = plain.subspan(stream_chunk);
        continue;
      }
      const std::size_t room = stream_chunk - used_;
      const std::size_t taken = plain.size() < room ? plain.size() : room;
      std::memcpy(buffer_.data() + used_, plain.data(), taken);
      used_ += taken;
      plain = plain.subspan(taken);
      if (used_ != stream_chunk) continue;
      used_ = 0;
      if (auto done = seal({buffer_.data(), stream_chunk}); !done) return done;
    }
    return {};
  }
  /// Writes the last chunk. Errors: as write.
  [[nodiscard]] Result<void> finish() {
    if (auto open = still_open(); !open) return open;
    auto done = seal({buffer_.data(), used_});
    if (done) ended_ = Errc::already_there;
    return done;
  }
  /// Plaintext bytes taken so far.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  StreamSealer(detail::StreamKeys keys, StreamTarget& target) noexcept
      : keys_(std::move(keys)), buffer_(detail::sealed_chunk), target_(&target) {}

  [[nodiscard]] Result<void> still_open() const noexcept {
    if (buffer_.data() == nullptr) return Errc::moved_from;
    return ended_;
  }
  /// A chunk's number is used up before the target sees the bytes: no failure makes another chunk under the same nonce.
  [[nodiscard]] Result<void> seal(ByteView plain) {
    const auto nonce = keys_.nonce(chunk_++);
    ended_ = Errc::storage_failed;  // for as long as the target does not say better
    detail::xchacha_seal(buffer_.data(), plain, {}, nonce.data(), keys_.key.data());
    ended_ = target_->write({buffer_.data(), plain.size() + detail::aead_tag});
    return ended_;
  }

  detail::StreamKeys keys_;
  detail::ChunkBuffer buffer_;
  StreamTarget* target_;
  std::size_t used_ = 0;
  std::uint64_t chunk_ = 0;
  std::uint64_t size_ = 0;
  Result<void> ended_;
};

/// Reads a stream from the start or at any place, in constant memory (two chunks). No byte of a chunk is given before the
/// chunk is authentic. Move-only; not thread-safe, several readers may share a thread-safe source; the source is borrowed.
class StreamReader {
 public:
  /// The head and, from the source's size, the sizes, all of it still unauthenticated: whoever has several keys picks one by
  /// the prefix. Errors: truncated (also for a size that no stream has), too_large, those of the source.
  [[nodiscard]] static Result<StreamHead> head(StreamSource& source) {
    const std::uint64_t sealed = source.size();
    if (sealed > stream_size(largest_stream)) return Errc::too_large;
    if (stream_plain_size(sealed) == no_stream) return Errc::truncated;
    std::byte bytes[StreamHead::size];
    if (auto read = source.read_at(0, bytes); !read) return read.error();
    return StreamHead::read(bytes);
  }

  /// Checks the commitment, then authenticates the size: by opening the last chunk, or against `size` where the caller
  /// knows it from an authentic place. Errors: tampered (another key, context or head; a changed last chunk), truncated,
  /// too_large, no_memory, malformed (empty key), those of the source.
  [[nodiscard]] static Result<StreamReader> open(const SecretKey& parent, const StreamHead& head, ByteView context,
                                                 StreamSource& source, std::uint64_t size = no_stream) {
    const std::uint64_t sealed = source.size();
    const std::uint64_t plain = stream_plain_size(sealed);
    if (sealed > stream_size(largest_stream)) return Errc::too_large;
    if (plain == no_stream) return Errc::truncated;
    auto keys = detail::StreamKeys::derive(parent, head, context);
    if (!keys) return keys.error();
    if (!constant_time_equal(keys->commitment, head.commitment)) return Errc::tampered;
    if (size != no_stream && size != plain) return plain < size ? Errc::truncated : Errc::tampered;
    StreamReader made(std::move(*keys), source, plain);
    if (made.sealed_.data() == nullptr || made.plain_.data() == nullptr) return Errc::no_memory;
    if (size != no_stream) return made;
    if (auto last = made.load(plain / stream_chunk); !last) return last.error();
    return made;
  }

  /// Plaintext bytes, authenticated.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// Copies what stands at a place; gives the number of bytes, less than asked only at the end, none at or past it. Opens
  /// only the chunks that it touches. Errors: tampered (`at` is the chunk), those of the source, moved_from; `out` is then
  /// wiped.
  [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, ByteSpan out) {
    if (plain_.data() == nullptr) return Errc::moved_from;
    if (offset >= size_) return std::size_t{0};
    const std::uint64_t left = size_ - offset;
    const std::size_t wanted = left < out.size() ? static_cast<std::size_t>(left) : out.size();
    for (std::size_t done = 0; done != wanted;) {
      const Place place = place_of(offset + done, wanted - done);
      const bool whole = place.length == length_of(place.chunk) && place.chunk != loaded_;
      auto opened = whole ? open_into(out.data() + done, place.chunk) : load(place.chunk);
      if (!opened) {
        wipe(out.first(wanted));
        return opened.error();
      }
      if (!whole) std::memcpy(out.data() + done, plain_.data() + place.from, place.length);
      done += place.length;
    }
    return wanted;
  }

  /// Calls `use(ByteView) -> Result<void>` with the parts of a range, chunk by chunk and in order; an error of `use` ends it.
  /// A part lives as long as the call. Errors: as read; parts before the error have been used.
  template <class Use>
  [[nodiscard]] Result<void> each(std::uint64_t offset, std::uint64_t length, Use&& use) {
    if (plain_.data() == nullptr) return Errc::moved_from;
    if (offset >= size_) return {};
    std::uint64_t left = size_ - offset < length ? size_ - offset : length;
    while (left != 0) {
      const Place place = place_of(offset, left);
      if (auto opened = load(place.chunk); !opened) return opened;
      if (Result<void> used = use(ByteView{plain_.data() + place.from, place.length}); !used) return used;
      offset += place.length;
      left -= place.length;
    }
    return {};
  }
  /// The whole stream, an empty last chunk included.
  template <class Use>
  [[nodiscard]] Result<void> each(Use&& use) {
    if (auto done = each(0, size_, use); !done) return done;
    return length_of(size_ / stream_chunk) != 0 ? Result<void>() : load(size_ / stream_chunk);
  }

 private:
  struct Place {
    std::uint64_t chunk;
    std::size_t from;
    std::size_t length;
  };

  StreamReader(detail::StreamKeys keys, StreamSource& source, std::uint64_t size) noexcept
      : keys_(std::move(keys)), source_(&source), size_(size) {
    const std::size_t longest = size < stream_chunk ? static_cast<std::size_t>(size) : stream_chunk;
    sealed_ = detail::ChunkBuffer(longest + detail::aead_tag);
    plain_ = detail::ChunkBuffer(longest + 1);
  }

  [[nodiscard]] std::size_t length_of(std::uint64_t chunk) const noexcept {
    return chunk == size_ / stream_chunk ? static_cast<std::size_t>(size_ % stream_chunk) : stream_chunk;
  }
  /// Where an offset inside the stream lies, and how much of `wanted` lies in the same chunk.
  [[nodiscard]] Place place_of(std::uint64_t offset, std::uint64_t wanted) const noexcept {
    Place place{offset / stream_chunk, static_cast<std::size_t>(offset % stream_chunk), 0};
    const std::size_t rest = length_of(place.chunk) - place.from;
    place.length = wanted < rest ? static_cast<std::size_t>(wanted) : rest;
    return place;
  }
  /// Reads and opens a chunk; `out` has room for its plaintext.
  [[nodiscard]] Result<void> open_into(std::byte* out, std::uint64_t chunk) {
    const ByteSpan sealed{sealed_.data(), length_of(chunk) + detail::aead_tag};
    if (auto read = source_->read_at(StreamHead::size + chunk * detail::sealed_chunk, sealed); !read) return read;
    const auto nonce = keys_.nonce(chunk);
    if (detail::xchacha_open(out, sealed, {}, nonce.data(), keys_.key.data())) return {};
    return Error{Errc::tampered, "", chunk};
  }
  [[nodiscard]] Result<void> load(std::uint64_t chunk) {
    if (chunk == loaded_) return {};
    loaded_ = no_stream;
    auto opened = open_into(plain_.data(), chunk);
    if (opened) loaded_ = chunk;
    return opened;
  }

  detail::StreamKeys keys_;
  StreamSource* source_;
  detail::ChunkBuffer sealed_;
  detail::ChunkBuffer plain_;
  std::uint64_t size_;
  std::uint64_t loaded_ = no_stream;  ///< the chunk whose plaintext is at hand
};

}  // namespace custody::inline v0
