// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <custody/keys/key_record.hpp>
#include <custody/keys/key_table.hpp>

namespace custody::inline v0::detail {

/// Builds the table of a key file from its records, and remembers what erasure has still to overwrite because a crash
/// came between.
template <class Lazy>
class BasicKeyReplay {
 public:
  explicit BasicKeyReplay(BasicKeyTable<Lazy>& table) noexcept : table_(&table) {}

  /// Errors: malformed for a record that no KeyFile writes.
  [[nodiscard]] Result<void> apply(const KeyRecord& record) {
    ++records_;
    switch (record.kind) {
      case RecordKind::key:
      case RecordKind::replace_key: return apply_key(record);
      case RecordKind::drop_generation:
        table_->drop_generation(record.a, record.number, pending_);
        ended_[{record.a, record.number, {}}] = record.offset;
        return {};
      case RecordKind::drop_wrap:
        table_->drop(record.a, record.b, pending_);
        dropped_[{record.a, 0, record.b}] = record.offset;
        return {};
      case RecordKind::tombstone:
        table_->destroy(record.a, {static_cast<std::int64_t>(record.value)}, pending_);
        return {};
      case RecordKind::index_row: return apply_row(record);
      case RecordKind::drop_index: return apply_drop(record.value);
      case RecordKind::fact: return apply_fact(record);
      case RecordKind::count: table_->set_count({record.a, record.number}, record.value); return {};
      case RecordKind::epoch: table_->set_epoch(record.a, record.value); return {};
      case RecordKind::generation: table_->saw_generation(record.a, record.number); return {};
    }
    return Errc::malformed;
  }
  /// The bodies to overwrite now. Errors: tampered when an unreadable body was never erased.
  [[nodiscard]] Result<List<Place>> finish() {
    for (const auto& [offset, lost] : lost_) {
      const bool key = lost.kind != RecordKind::index_row;
      const bool gone = table_->dead(lost.a) || dropped_rows_.contains(offset) ||
                        (key && (table_->dead(lost.b) || later_than(dropped_, {lost.a, 0, lost.b}, offset) ||
                                 later_than(ended_, {lost.a, lost.number, {}}, offset) ||
                                 later_than(replaced_, {lost.a, lost.number, lost.b}, offset)));
      if (!gone) return Error{Errc::tampered, "key file", offset};
      if (!all_zero(lost.body)) pending_.push_back(place_of(lost));
    }
    return static_cast<List<Place>&&>(pending_);
  }
  /// Whether most records say what no longer matters, so that the file should be written anew.
  [[nodiscard]] bool wasteful() const {
    const std::size_t live = table_->keys().size() + table_->all_rows().size() + table_->tombs().size() +
                             table_->facts().size() + table_->counts().size() + table_->epochs().size();
    return records_ > 4096 && live * 2 < records_;
  }
  [[nodiscard]] static Place place_of(const KeyRecord& record) noexcept {
    return {record.offset, static_cast<std::uint32_t>(BasicRecordCodec<Lazy>::body_room(record.body.size()))};
  }
  static constexpr std::size_t fingerprint_size = 32;

 private:
  using KeyId = typename BasicKeyTable<Lazy>::KeyId;

  /// Whether a record behind an offset says that the keys of these names went.
  [[nodiscard]] static bool later_than(const Ordered<KeyId, std::uint64_t>& ends, const KeyId& id,
                                       std::uint64_t offset) {
    const auto end = ends.find(id);
    return !(end == ends.end()) && end->second > offset;
  }
  [[nodiscard]] Result<void> apply_key(const KeyRecord& record) {
    const bool again = record.kind == RecordKind::replace_key;
    if (again) replaced_[{record.a, record.number, record.b}] = record.offset;
    if (!record.body_authentic || table_->dead(record.a) || table_->dead(record.b)) {
      if (!table_->dead(record.a)) table_->saw_generation(record.a, record.number);
      lost_.insert(record.offset, record);
      return {};
    }
    WrappedKey key{record.a, record.b, record.number, {static_cast<std::int64_t>(record.value)}, {}, {}};
    if (record.body.size() < fingerprint_size || (!again && !table_->may_put(key)))
      return Error{Errc::malformed, "key file", record.offset};
    std::memcpy(key.fingerprint.data(), record.body.data(), fingerprint_size);
    key.wrapped.assign(record.body.begin() + fingerprint_size, record.body.end());
    if (again && !table_->may_put(key))
      table_->replace(key, place_of(record), pending_);
    else
      table_->put(key, place_of(record));
    return {};
  }
  [[nodiscard]] Result<void> apply_row(const KeyRecord& record) {
    IndexRow row{record.number, {}, record.a, {}};
    if (record.body.size() != sizeof row.value + sizeof row.row)
      return Error{Errc::malformed, "key file", record.offset};
    if (!record.body_authentic || table_->dead(record.a)) {
      lost_.insert(record.offset, record);
      return {};
    }
    std::memcpy(row.value.data(), record.body.data(), sizeof row.value);
    std::memcpy(row.row.data(), record.body.data() + sizeof row.value, sizeof row.row);
    table_->put_row(row, place_of(record));
    rows_.insert(record.offset, row);
    return {};
  }
  [[nodiscard]] Result<void> apply_drop(std::uint64_t offset) {
    const auto found = rows_.find(offset);
    if (found != rows_.end()) table_->drop_row(found->second, pending_);
    if (found == rows_.end() && !lost_.contains(offset)) return Error{Errc::malformed, "key file", offset};
    dropped_rows_.insert(offset);
    return {};
  }
  [[nodiscard]] Result<void> apply_fact(const KeyRecord& record) {
    CanonicalReader from(record.body);
    const ByteView name = from.part();
    if (!record.body_authentic) return Error{Errc::tampered, "key file", record.offset};
    if (!from.ok()) return Error{Errc::malformed, "key file", record.offset};
    table_->put_fact(as_text(name), from.rest());
    return {};
  }

  BasicKeyTable<Lazy>* table_;
  std::size_t records_ = 0;
  List<Place> pending_;
  Ordered<later<std::uint64_t, Lazy>, KeyRecord>
      lost_;  ///< bodies that cannot be read, until a later record explains why
  Ordered<KeyId, std::uint64_t> dropped_;  ///< a leaver's wraps of every generation
  Ordered<KeyId, std::uint64_t> ended_;  ///< a generation, whoever held it
  Ordered<KeyId, std::uint64_t> replaced_;
  Ordered<later<std::uint64_t, Lazy>, IndexRow> rows_;
  Ordered<later<std::uint64_t, Lazy>> dropped_rows_;
};
using KeyReplay = BasicKeyReplay<void>;

}  // namespace custody::inline v0::detail
