// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/keys/key_store.hpp>
#include <custody/words/lazy.hpp>
#include <custody/words/list.hpp>
#include <custody/words/ordered.hpp>

namespace custody::inline v0::detail {

/// Where a durable store keeps the part of a record that erasure overwrites.
struct Place {
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
};

/// The state of a key store in memory, for the stores that keep all of it there. `may_` functions check, the others
/// change and cannot fail but for memory. Wrapped keys and index values are overwritten when they go. Not thread-safe.
template <class Lazy>
class BasicKeyTable {
 public:
  struct KeyId {
    Handle handle;
    std::uint32_t generation = 0;
    Handle holder;
    [[nodiscard]] friend constexpr auto operator<=>(const KeyId&, const KeyId&) noexcept = default;
  };
  struct HeldId {
    Handle holder;
    Handle handle;
    std::uint32_t generation = 0;
    [[nodiscard]] friend constexpr auto operator<=>(const HeldId&, const HeldId&) noexcept = default;
  };
  struct StoredKey {
    WrappedKey key;
    Place place;
  };
  struct RowId {
    std::uint32_t space = 0;
    IndexValue value{};
    std::array<std::byte, 16> row{};
    Handle subject;
    [[nodiscard]] friend constexpr auto operator<=>(const RowId&, const RowId&) noexcept = default;
  };
  struct SubjectRow {
    Handle subject;
    RowId row;
    [[nodiscard]] friend constexpr auto operator<=>(const SubjectRow&, const SubjectRow&) noexcept = default;
  };
  struct CountId {
    Handle handle;
    std::uint32_t generation = 0;
    [[nodiscard]] friend constexpr auto operator<=>(const CountId&, const CountId&) noexcept = default;
  };

  [[nodiscard]] Result<void> may_put(const WrappedKey& key) const {
    if (dead(key.handle) || dead(key.holder)) return Errc::destroyed;
    if (keys_.contains(KeyId{key.handle, key.generation, key.holder})) return Errc::already_there;
    return {};
  }
  void put(const WrappedKey& key, Place place) {
    keys_.insert(KeyId{key.handle, key.generation, key.holder}, StoredKey{key, place});
    held_.insert({key.holder, key.handle, key.generation});
    saw_generation(key.handle, key.generation);
  }
  void saw_generation(Handle handle, std::uint32_t generation) {
    std::uint32_t& newest = newest_[handle];
    if (generation > newest) newest = generation;
  }
  [[nodiscard]] Result<WrappedKey> get(Handle handle, Handle holder, std::uint32_t generation) const {
    if (dead(handle) || dead(holder)) return Errc::destroyed;
    const auto found = keys_.find(KeyId{handle, generation, holder});
    if (found == keys_.end()) return Errc::unknown_key;
    return found->second.key;
  }
  [[nodiscard]] Result<std::uint32_t> newest_generation(Handle handle) const {
    if (dead(handle)) return Errc::destroyed;
    const auto found = newest_.find(handle);
    return found == newest_.end() ? 0 : found->second;
  }
  [[nodiscard]] Result<std::vector<later<Handle, Lazy>>> holders(Handle handle, std::uint32_t generation) const {
    if (dead(handle)) return Errc::destroyed;
    std::vector<later<Handle, Lazy>> out;
    for (auto at = keys_.lower_bound(KeyId{handle, generation, {}}); at != keys_.end(); ++at) {
      if (at->first.handle != handle || at->first.generation != generation) break;
      out.push_back(at->first.holder);
    }
    return out;
  }
  /// `freed` gets the places of what went, here and below.
  void drop(Handle handle, Handle holder, List<Place>& freed) {
    auto at = held_.lower_bound(HeldId{holder, handle, 0});
    while (at != held_.end() && at->first.holder == holder && at->first.handle == handle) {
      remove_key({handle, at->first.generation, holder}, freed);
      at = held_.erase(at);
    }
  }
  void destroy(Handle subject, Instant when, List<Place>& freed) {
    dead_.insert(subject, when);
    for (auto at = keys_.lower_bound(KeyId{subject, 0, {}}); at != keys_.end() && at->first.handle == subject;) {
      held_.erase({at->first.holder, subject, at->first.generation});
      at = remove_key(at, freed);
    }
    for (auto at = held_.lower_bound(HeldId{subject, {}, 0}); at != held_.end() && at->first.holder == subject;) {
      remove_key({at->first.handle, at->first.generation, subject}, freed);
      at = held_.erase(at);
    }
    for (const later<IndexRow, Lazy>& row : rows_of(subject)) drop_row(row, freed);
    for (auto at = counts_.lower_bound(CountId{subject, 0}); at != counts_.end() && at->first.handle == subject;) {
      at = counts_.erase(at);
    }
    newest_.erase(subject);
    epochs_.erase(subject);
  }
  /// Drops every wrap of one generation.
  void drop_generation(Handle handle, std::uint32_t generation, List<Place>& freed) {
    auto at = keys_.lower_bound(KeyId{handle, generation, {}});
    while (at != keys_.end() && at->first.handle == handle && at->first.generation == generation) {
      held_.erase({at->first.holder, handle, generation});
      at = remove_key(at, freed);
    }
  }
  /// Whether these bytes stand in a key's place.
  [[nodiscard]] bool is_wrapped_as(const WrappedKey& key, ByteView bytes) const {
    const auto found = keys_.find(KeyId{key.handle, key.generation, key.holder});
    return !(found == keys_.end()) && same_bytes(found->second.key.wrapped, bytes);  // public: ciphertext
  }
  /// Puts a key in the place of one that is there.
  void replace(const WrappedKey& key, Place place, List<Place>& freed) {
    const auto found = keys_.find(KeyId{key.handle, key.generation, key.holder});
    wipe(found->second.key.wrapped);
    freed.push_back(found->second.place);
    found->second.key = key;
    found->second.place = place;
  }
  [[nodiscard]] std::vector<later<WrappedKey, Lazy>> held(Handle holder, Handle after, std::uint32_t after_generation,
                                                          std::uint64_t limit) const {
    std::vector<later<WrappedKey, Lazy>> out;
    for (auto at = held_.lower_bound(HeldId{holder, after, after_generation}); at != held_.end(); ++at) {
      if (at->first.holder != holder || out.size() >= limit) break;
      if (at->first.handle == after && at->first.generation == after_generation) continue;
      out.push_back(keys_.find(KeyId{at->first.handle, at->first.generation, holder})->second.key);
    }
    return out;
  }
  [[nodiscard]] std::uint64_t held_count(Handle holder) const {
    std::uint64_t count = 0;
    for (auto at = held_.lower_bound(HeldId{holder, {}, 0}); at != held_.end(); ++at) {
      if (at->first.holder != holder) break;
      ++count;
    }
    return count;
  }
  /// Whether a holder has a wrap of any generation.
  [[nodiscard]] bool holds(Handle handle, Handle holder) const {
    const auto at = held_.lower_bound(HeldId{holder, handle, 0});
    return at != held_.end() && at->first.holder == holder && at->first.handle == handle;
  }
  [[nodiscard]] bool dead(Handle handle) const { return dead_.contains(handle); }
  [[nodiscard]] const Ordered<later<Handle, Lazy>, Instant>& tombs() const noexcept { return dead_; }

  [[nodiscard]] bool has_row(const IndexRow& row) const { return rows_.contains(id_of(row)); }
  void put_row(const IndexRow& row, Place place) {
    rows_.insert(id_of(row), place);
    rows_by_subject_.insert({row.subject, id_of(row)});
  }
  [[nodiscard]] Place place_of(const IndexRow& row) const {
    const auto found = rows_.find(id_of(row));
    return found == rows_.end() ? Place{} : found->second;
  }
  [[nodiscard]] std::vector<later<IndexRow, Lazy>> rows(std::uint32_t space, const IndexValue& value) const {
    std::vector<later<IndexRow, Lazy>> out;
    for (auto at = rows_.lower_bound(RowId{space, value, {}, {}}); at != rows_.end(); ++at) {
      if (at->first.space != space || at->first.value != value) break;
      out.push_back(row_of(at->first));
    }
    return out;
  }
  [[nodiscard]] std::vector<later<IndexRow, Lazy>> rows_of(Handle subject) const {
    std::vector<later<IndexRow, Lazy>> out;
    for (auto at = rows_by_subject_.lower_bound(SubjectRow{subject, {}}); at != rows_by_subject_.end(); ++at) {
      if (at->first.subject != subject) break;
      out.push_back(row_of(at->first.row));
    }
    return out;
  }
  void drop_row(const IndexRow& row, List<Place>& freed) {
    const auto found = rows_.find(id_of(row));
    if (found == rows_.end()) return;
    freed.push_back(found->second);
    rows_.erase(found);
    rows_by_subject_.erase({row.subject, id_of(row)});
  }

  void put_fact(std::string_view name, ByteView value) {
    facts_.insert_or_assign(std::string(name), later<Bytes, Lazy>(value.begin(), value.end()));
  }
  [[nodiscard]] Result<Bytes> fact(std::string_view name) const {
    const auto found = facts_.find(name);
    if (found == facts_.end()) return Errc::not_found;
    return found->second;
  }
  /// The count before; errors as KeyStore::reserve. Changes nothing.
  [[nodiscard]] Result<std::uint64_t> may_reserve(CountId id, std::uint64_t count, std::uint64_t limit) const {
    if (dead(id.handle)) return Errc::destroyed;
    const auto found = counts_.find(id);
    const std::uint64_t before = found == counts_.end() ? 0 : found->second;
    if (before > limit || count > limit - before) return Errc::budget_exhausted;
    return before;
  }
  void set_count(CountId id, std::uint64_t total) { counts_[id] = total; }
  [[nodiscard]] Result<std::uint64_t> epoch(Handle subject) const {
    if (dead(subject)) return Errc::destroyed;
    const auto found = epochs_.find(subject);
    return found == epochs_.end() ? 0 : found->second;
  }
  void set_epoch(Handle subject, std::uint64_t epoch) { epochs_[subject] = epoch; }

  [[nodiscard]] const Ordered<KeyId, StoredKey>& keys() const noexcept { return keys_; }
  [[nodiscard]] const Ordered<RowId, Place>& all_rows() const noexcept { return rows_; }
  [[nodiscard]] const Ordered<later<Handle, Lazy>, std::uint32_t>& generations() const noexcept { return newest_; }
  [[nodiscard]] const Ordered<later<std::string, Lazy>, Bytes>& facts() const noexcept { return facts_; }
  [[nodiscard]] const Ordered<CountId, std::uint64_t>& counts() const noexcept { return counts_; }
  [[nodiscard]] const Ordered<later<Handle, Lazy>, std::uint64_t>& epochs() const noexcept { return epochs_; }

  [[nodiscard]] static IndexRow row_of(const RowId& id) noexcept { return {id.space, id.value, id.subject, id.row}; }
  [[nodiscard]] static RowId id_of(const IndexRow& row) noexcept {
    return {row.space, row.value, row.row, row.subject};
  }

 private:
  void remove_key(const KeyId& id, List<Place>& freed) {
    const auto found = keys_.find(id);
    if (!(found == keys_.end())) remove_key(found, freed);
  }
  auto remove_key(typename Ordered<KeyId, StoredKey>::iterator at, List<Place>& freed) {
    wipe(at->second.key.wrapped);
    freed.push_back(at->second.place);
    return keys_.erase(at);
  }
  Ordered<KeyId, StoredKey> keys_;
  Ordered<HeldId> held_;
  Ordered<later<Handle, Lazy>, std::uint32_t> newest_;
  Ordered<later<Handle, Lazy>, Instant> dead_;
  Ordered<RowId, Place> rows_;
  Ordered<SubjectRow> rows_by_subject_;
  Ordered<later<std::string, Lazy>, Bytes> facts_;
  Ordered<CountId, std::uint64_t> counts_;
  Ordered<later<Handle, Lazy>, std::uint64_t> epochs_;
};
using KeyTable = BasicKeyTable<void>;

}  // namespace custody::inline v0::detail
