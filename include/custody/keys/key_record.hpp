// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/kdf.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/law/handle.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// What a record of a key file says. Numbers are permanent.
enum class RecordKind : std::uint32_t {
  key = 1,  ///< `a` handle, `b` holder, `number` generation, `value` created; body: fingerprint and wrapped key
  drop_wrap = 2,  ///< `a` handle, `b` holder
  tombstone = 3,  ///< `a` subject, `value` time
  index_row = 4,  ///< `a` subject, `number` space; body: value and row
  drop_index = 5,  ///< `value`: offset of the index_row record
  fact = 6,  ///< body: name as a part, then the value
  count = 7,  ///< `a` handle, `number` generation, `value` total
  epoch = 8,  ///< `a` subject, `value` epoch
  generation = 9,  ///< `a` handle, `number`: the highest generation ever used
  replace_key = 11,  ///< as `key`, in place of the one of the same names; 10, a line feed, is what editors append
  drop_generation = 12,  ///< `a` handle, `number` generation
};

[[nodiscard]] constexpr bool is_record_kind(std::uint32_t number) noexcept {
  return number >= 1 && number <= static_cast<std::uint32_t>(RecordKind::drop_generation) && number != 10;
}

/// One record: a head that stays for ever and a body that erasure overwrites. Each half has its own tag.
struct KeyRecord {
  RecordKind kind = RecordKind::fact;
  Handle a;
  Handle b;
  std::uint32_t number = 0;
  std::uint64_t value = 0;
  Bytes body;
  std::uint64_t offset = 0;  ///< where it was read
  bool body_authentic = true;  ///< false: overwritten, or damaged
};

/// Whether bytes were overwritten, or never written.
[[nodiscard]] inline bool all_zero(ByteView bytes) noexcept {
  for (const std::byte each : bytes) {
    if (each != std::byte{0}) return false;
  }
  return true;
}

/// The bytes of records and of the file's first page, authenticated by a key that depends on the root and the file. A
/// tag covers the offset, so that records cannot be moved, repeated or taken from another file. Immutable, thread-safe.
template <class Lazy>
class BasicRecordCodec {
 public:
  static constexpr std::size_t head_size = 80;
  static constexpr std::size_t tag_size = 16;
  using Tag = std::array<std::byte, tag_size>;
  using FileId = std::array<std::byte, 16>;

  BasicRecordCodec() noexcept = default;

  /// Errors: no_memory.
  [[nodiscard]] static Result<BasicRecordCodec> of(const RootKey& root, const FileId& id) {
    auto branch = root.derive("key-file");
    if (!branch) return branch.error();
    auto key = derive_key(*branch, id);
    if (!key) return key.error();
    BasicRecordCodec codec;
    codec.key_ = std::move(*key);
    return codec;
  }
  /// What the first page says about the root: equal only for the same root and file.
  [[nodiscard]] Digest root_check() const noexcept { return fingerprint(key_); }

  /// The tag of some bytes at an offset. `what` tells apart heads, bodies and slots.
  [[nodiscard]] Tag tag(char what, std::uint64_t offset, ByteView first, ByteView second = {}) const {
    Bytes prefix;
    Canonical(prefix).number(static_cast<std::uint8_t>(what)).number(offset).number(std::uint64_t{first.size()});
    return blake2b<tag_size>({prefix, first, second}, key_.view());
  }
  [[nodiscard]] static constexpr std::uint64_t padded(std::uint64_t length) noexcept { return (length + 15) / 16 * 16; }
  /// The body's room in the file, tag included. Everything is a multiple of 16.
  [[nodiscard]] static constexpr std::uint64_t body_room(std::uint64_t length) noexcept {
    return length == 0 ? 0 : padded(length) + tag_size;
  }

  [[nodiscard]] Bytes write(const KeyRecord& record, std::uint64_t offset) const {
    Bytes out;
    Canonical to(out);
    to.number(static_cast<std::uint32_t>(record.kind)).number(static_cast<std::uint32_t>(record.body.size()));
    to.raw(record.a.bytes).raw(record.b.bytes).number(record.number).number(std::uint32_t{0});
    to.number(record.value).number(std::uint64_t{0});
    const Tag head = tag('h', offset, out);
    to.raw(head);
    if (record.body.empty()) return out;
    Bytes body = record.body;
    body.resize(static_cast<std::size_t>(padded(body.size())));
    to.raw(body).raw(tag('b', offset, head, body));
    wipe(body);
    return out;
  }
  /// Reads a head and gives the length of the body. Errors: tampered, malformed for an authentic but unknown record.
  [[nodiscard]] Result<std::uint32_t> read_head(ByteView head, std::uint64_t offset, KeyRecord& out) const {
    const ByteView told = head.first(head_size - tag_size);
    if (!constant_time_equal(tag('h', offset, told), head.last(tag_size)))
      return Error{Errc::tampered, "key file", offset};
    CanonicalReader from(told);
    out.kind = static_cast<RecordKind>(from.number<std::uint32_t>());
    const auto length = from.number<std::uint32_t>();
    read_handle(from, out.a);
    read_handle(from, out.b);
    out.number = from.number<std::uint32_t>();
    static_cast<void>(from.number<std::uint32_t>());
    out.value = from.number<std::uint64_t>();
    out.offset = offset;
    const bool known = is_record_kind(static_cast<std::uint32_t>(out.kind));
    if (!known) return Error{Errc::malformed, "key file", offset};
    return length;
  }
  /// Reads a body of `length` bytes from its room; an unauthentic one is marked, since erasure may have overwritten it.
  void read_body(ByteView head, ByteView room, std::uint32_t length, KeyRecord& out) const {
    out.body.clear();
    out.body_authentic = true;
    if (length == 0) return;
    const ByteView told = room.first(room.size() - tag_size);
    out.body_authentic = constant_time_equal(tag('b', out.offset, head.last(tag_size), told), room.last(tag_size));
    out.body.assign(told.begin(), told.begin() + length);
  }

 private:
  static void read_handle(CanonicalReader& from, Handle& out) noexcept {
    const ByteView bytes = from.raw(out.bytes.size());
    for (std::size_t i = 0; i != bytes.size(); ++i) out.bytes[i] = bytes[i];
  }
  SecretKey key_;
};
using RecordCodec = BasicRecordCodec<void>;

}  // namespace custody::inline v0::detail
