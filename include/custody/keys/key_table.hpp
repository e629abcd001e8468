// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/keys/key_store.hpp>
#include <custody/words/lazy.hpp>

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
  struct CountId {
    Handle handle;
    std::uint32_t generation = 0;
    [[nodiscard]] friend constexpr auto operator<=>(const CountId&, const CountId&) noexcept = default;
  };

  [[nodiscard]] Result<void> may_put(const WrappedKey& key) const {
    if (dead(key.handle) || dead(key.holder)) return Errc::destroyed;
    if (keys_.contains({key.handle, key.generation, key.holder})) return Errc::already_there;
    return {};
  }
  void put(const WrappedKey& key, Place place) {
    keys_.emplace(KeyId{key.handle, key.generation, key.holder}, StoredKey{key, place});
    held_.insert({key.holder, key.handle, key.generation});
    saw_generation(key.handle, key.generation);
  }
  void saw_generation(Handle handle, std::uint32_t generation) {
    std::uint32_t& newest = newest_[handle];
    if (generation > newest) newest = generation;
  }
  [[nodiscard]] Result<WrappedKey> get(Handle handle, Handle holder, std::uint32_t generation) const {
    if (dead(handle) || dead(holder)) return Errc::destroyed;
    const auto found = keys_.find({handle, generation, holder});
    if (found == keys_.end()) return Errc::unknown_key;
    return found->second.key;
  }
  [[nodiscard]] Result<std::uint32_t> newest_generation(Handle handle) const {
    if (dead(handle)) return Errc::destroyed;
    const auto found = newest_.find(handle);
    return found == newest_.end() ? 0 : found->second;
  }
  [[nodiscard]] Result<std::vector<Handle>> holders(Handle handle, std::uint32_t generation) const {
    if (dead(handle)) return Errc::destroyed;
    std::vector<Handle> out;
    for (auto at = keys_.lower_bound({handle, generation, {}}); at != keys_.end(); ++at) {
      if (at->first.handle != handle || at->first.generation != generation) break;
      out.push_back(at->first.holder);
    }
    return out;
  }
  /// `freed` gets the places of what went, here and below.
  void drop(Handle handle, Handle holder, std::vector<Place>& freed) {
    auto at = held_.lower_bound({holder, handle, 0});
    while (at != held_.end() && at->holder == holder && at->handle == handle) {
      remove_key({handle, at->generation, holder}, freed);
      at = held_.erase(at);
    }
  }
  void destroy(Handle subject, Instant when, std::vector<Place>& freed) {
    dead_.emplace(subject, when);
    for (auto at = keys_.lower_bound({subject, 0, {}}); at != keys_.end() && at->first.handle == subject;) {
      held_.erase({at->first.holder, subject, at->first.generation});
      const KeyId id = at->first;
      ++at;
      remove_key(id, freed);
    }
    for (auto at = held_.lower_bound({subject, {}, 0}); at != held_.end() && at->holder == subject;) {
      remove_key({at->handle, at->generation, subject}, freed);
      at = held_.erase(at);
    }
    for (const IndexRow& row : rows_of(subject)) drop_row(row, freed);
    counts_.erase(counts_.lower_bound({subject, 0}), counts_.upper_bound({subject, ~std::uint32_t{0}}));
    newest_.erase(subject);
    epochs_.erase(subject);
  }
  /// Whether a holder has a wrap of any generation.
  [[nodiscard]] bool holds(Handle handle, Handle holder) const {
    const auto at = held_.lower_bound({holder, handle, 0});
    return at != held_.end() && at->holder == holder && at->handle == handle;
  }
  [[nodiscard]] bool dead(Handle handle) const { return dead_.contains(handle); }
  [[nodiscard]] const std::map<later<Handle, Lazy>, Instant>& tombs() const noexcept { return dead_; }

  [[nodiscard]] bool has_row(const IndexRow& row) const { return rows_.contains(id_of(row)); }
  void put_row(const IndexRow& row, Place place) {
    rows_.emplace(id_of(row), place);
    rows_by_subject_[row.subject].insert(id_of(row));
  }
  [[nodiscard]] Place place_of(const IndexRow& row) const {
    const auto found = rows_.find(id_of(row));
    return found == rows_.end() ? Place{} : found->second;
  }
  [[nodiscard]] std::vector<IndexRow> rows(std::uint32_t space, const IndexValue& value) const {
    std::vector<IndexRow> out;
    for (auto at = rows_.lower_bound({space, value, {}, {}}); at != rows_.end(); ++at) {
      if (at->first.space != space || at->first.value != value) break;
      out.push_back(row_of(at->first));
    }
    return out;
  }
  [[nodiscard]] std::vector<IndexRow> rows_of(Handle subject) const {
    std::vector<IndexRow> out;
    const auto found = rows_by_subject_.find(subject);
    if (found == rows_by_subject_.end()) return out;
    for (const RowId& id : found->second) out.push_back(row_of(id));
    return out;
  }
  void drop_row(const IndexRow& row, std::vector<Place>& freed) {
    const auto found = rows_.find(id_of(row));
    if (found == rows_.end()) return;
    freed.push_back(found->second);
    rows_.erase(found);
    const auto mine = rows_by_subject_.find(row.subject);
    mine->second.erase(id_of(row));
    if (mine->second.empty()) rows_by_subject_.erase(mine);
  }

  void put_fact(std::string_view name, ByteView value) {
    facts_.insert_or_assign(std::string(name), Bytes(value.begin(), value.end()));
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

  [[nodiscard]] const std::map<KeyId, StoredKey>& keys() const noexcept { return keys_; }
  [[nodiscard]] const std::map<RowId, Place>& all_rows() const noexcept { return rows_; }
  [[nodiscard]] const std::map<later<Handle, Lazy>, std::uint32_t>& generations() const noexcept { return newest_; }
  [[nodiscard]] const std::map<later<std::string, Lazy>, Bytes, std::less<>>& facts() const noexcept { return facts_; }
  [[nodiscard]] const std::map<CountId, std::uint64_t>& counts() const noexcept { return counts_; }
  [[nodiscard]] const std::map<later<Handle, Lazy>, std::uint64_t>& epochs() const noexcept { return epochs_; }

  [[nodiscard]] static IndexRow row_of(const RowId& id) noexcept { return {id.space, id.value, id.subject, id.row}; }
  [[nodiscard]] static RowId id_of(const IndexRow& row) noexcept {
    return {row.space, row.value, row.row, row.subject};
  }

 private:
  void remove_key(const KeyId& id, std::vector<Place>& freed) {
    const auto found = keys_.find(id);
    if (found == keys_.end()) return;
    wipe(found->second.key.wrapped);
    freed.push_back(found->second.place);
    keys_.erase(found);
  }
  std::map<KeyId, StoredKey> keys_;
  std::set<HeldId> held_;
  std::map<later<Handle, Lazy>, std::uint32_t> newest_;
  std::map<later<Handle, Lazy>, Instant> dead_;
  std::map<RowId, Place> rows_;
  std::map<later<Handle, Lazy>, std::set<RowId>> rows_by_subject_;
  std::map<later<std::string, Lazy>, Bytes, std::less<>> facts_;
  std::map<CountId, std::uint64_t> counts_;
  std::map<later<Handle, Lazy>, std::uint64_t> epochs_;
};
using KeyTable = BasicKeyTable<void>;

}  // namespace custody::inline v0::detail
