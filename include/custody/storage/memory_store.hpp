// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/keys/memory_key_store.hpp>
#include <custody/storage/store.hpp>
#include <custody/words/mutex.hpp>

namespace custody::inline v0 {

namespace detail {

/// The tables of a memory store and the list of what a running transaction must put back. Thread-safe.
class MemoryTables {
 public:
  struct Name {
    std::uint32_t record = 0;
    RowTag tag{};
    [[nodiscard]] friend constexpr auto operator<=>(const Name&, const Name&) noexcept = default;
  };
  struct Kept {
    StoredRow row;
    std::set<Handle> linked;  ///< the owners who have not left
  };

  /// Holds the lock; joins a running transaction.
  void begin() {
    mutex_.lock();
    if (depth_++ != 0) return;
    doomed_ = false;
    leaves_before_ = leaves.size();
    ledger_before_ = ledger.size();
  }
  [[nodiscard]] Result<void> commit() {
    if (!inside()) return Error{Errc::storage_failed, "data"};
    const bool whole = depth_ > 1 || !doomed_;
    if (!whole) undo();
    if (depth_ == 1) before_.clear();
    leave();
    if (!whole) return Error{Errc::storage_failed, "data"};
    return {};
  }
  void rollback() {
    if (!inside()) return;
    doomed_ = true;
    if (depth_ == 1) undo();
    leave();
  }

  [[nodiscard]] const Kept* find(const Name& name) const {
    const auto id = ids_.find(name);
    return id == ids_.end() ? nullptr : &rows_.at(id->second);
  }
  void put(const Name& name, Kept kept) {
    const auto id = ids_.find(name);
    replace(id == ids_.end() ? next_++ : id->second, std::move(kept));
  }
  void remove(const Name& name) { replace(ids_.at(name), std::nullopt); }

  [[nodiscard]] const std::map<std::uint64_t, Kept>& rows() const noexcept { return rows_; }
  [[nodiscard]] const std::set<std::uint64_t>& of(const Handle& who) const {
    static const std::set<std::uint64_t> nothing;
    const auto found = links_.find(who);
    return found == links_.end() ? nothing : found->second;
  }
  [[nodiscard]] const std::set<std::pair<std::int64_t, std::uint64_t>>& expiring() const noexcept { return expiring_; }
  [[nodiscard]] Mutex& mutex() noexcept { return mutex_; }

  std::vector<Bytes> leaves;
  std::vector<LedgerRow> ledger;

 private:
  struct Before {
    std::uint64_t id = 0;
    std::optional<Kept> kept;
  };
  [[nodiscard]] bool inside() {
    const Lock lock(mutex_);
    return depth_ != 0;  // by this thread: another one would hold the lock
  }
  void leave() noexcept {
    --depth_;
    mutex_.unlock();
  }
  void undo() {
    while (!before_.empty()) {
      Before last = std::move(before_.back());
      before_.pop_back();
      set(last.id, std::move(last.kept));
    }
    leaves.resize(leaves_before_);
    ledger.resize(ledger_before_);
  }
  void replace(std::uint64_t id, std::optional<Kept> kept) {
    const auto old = rows_.find(id);
    before_.push_back({id, old == rows_.end() ? std::optional<Kept>() : old->second});
    set(id, std::move(kept));
  }
  void set(std::uint64_t id, std::optional<Kept> kept) {
    if (const auto old = rows_.find(id); old != rows_.end()) {
      ids_.erase({old->second.row.record, old->second.row.tag});
      expiring_.erase({old->second.row.expires.ms, id});
      for (const Handle& who : old->second.linked) unlink(who, id);
      rows_.erase(old);
    }
    if (!kept) return;
    ids_[{kept->row.record, kept->row.tag}] = id;
    if (kept->row.expires.ms > 0) expiring_.insert({kept->row.expires.ms, id});
    for (const Handle& who : kept->linked) links_[who].insert(id);
    rows_.emplace(id, std::move(*kept));
  }
  void unlink(const Handle& who, std::uint64_t id) {
    const auto mine = links_.find(who);
    mine->second.erase(id);
    if (mine->second.empty()) links_.erase(mine);
  }

  Mutex mutex_;
  int depth_ = 0;
  bool doomed_ = false;
  std::vector<Before> before_;
  std::size_t leaves_before_ = 0;
  std::size_t ledger_before_ = 0;
  std::uint64_t next_ = 1;
  std::map<std::uint64_t, Kept> rows_;
  std::map<Name, std::uint64_t> ids_;
  std::map<Handle, std::set<std::uint64_t>> links_;
  std::set<std::pair<std::int64_t, std::uint64_t>> expiring_;
};

class MemoryLeaves final : public LeafStore {
 public:
  explicit MemoryLeaves(MemoryTables& tables) noexcept : tables_(&tables) {}
  [[nodiscard]] Result<void> append_leaves(std::uint64_t first, std::span<const Bytes> leaves) override {
    const Lock lock(tables_->mutex());
    if (tables_->leaves.size() != first) return Errc::already_there;
    tables_->leaves.insert(tables_->leaves.end(), leaves.begin(), leaves.end());
    return {};
  }
  [[nodiscard]] Result<std::uint64_t> leaf_count() override {
    const Lock lock(tables_->mutex());
    return std::uint64_t{tables_->leaves.size()};
  }
  [[nodiscard]] Result<std::vector<Bytes>> read_leaves(std::uint64_t first, std::uint64_t count) override {
    const Lock lock(tables_->mutex());
    std::vector<Bytes> some;
    for (std::uint64_t at = first; at < tables_->leaves.size() && some.size() < count; ++at) {
      some.push_back(tables_->leaves[static_cast<std::size_t>(at)]);
    }
    return some;
  }

 private:
  MemoryTables* tables_;
};

class MemoryLedger final : public LedgerStore {
 public:
  explicit MemoryLedger(MemoryTables& tables) noexcept : tables_(&tables) {}
  [[nodiscard]] Result<void> append_ledger(std::span<const LedgerRow> rows) override {
    const Lock lock(tables_->mutex());
    auto& all = tables_->ledger;
    const std::size_t before = all.size();
    for (const LedgerRow& row : rows) {
      const auto same = [&row](const LedgerRow& old) { return old.line == row.line && old.subject == row.subject; };
      if (std::find_if(all.begin(), all.end(), same) != all.end()) {
        all.resize(before);
        return Errc::already_there;
      }
      all.push_back(row);
    }
    return {};
  }
  [[nodiscard]] Result<std::vector<LedgerRow>> ledger_of(const Handle& subject) override {
    const Lock lock(tables_->mutex());
    std::vector<LedgerRow> mine;
    for (const LedgerRow& row : tables_->ledger) {
      if (row.subject == subject) mine.push_back(row);
    }
    return mine;
  }

 private:
  MemoryTables* tables_;
};

}  // namespace detail

/// A store that ends with the process and behaves like the SQLite one: for tests, rehearsals and short-lived programs.
/// Thread-safe; begin() holds the lock until the matching commit() or rollback() on the same thread.
class MemoryStore {
 public:
  struct Options {};
  static constexpr Protection custody_protection{Level::core, "memory"};

  [[nodiscard]] static Result<MemoryStore> open(const Options&, std::string_view) { return MemoryStore(); }
  MemoryStore() : inside_(std::make_unique<Inside>()) {}

  /// Puts a row in place of the one with its record and tag. An owner that had left stays away.
  [[nodiscard]] Result<void> put_row(const StoredRow& row) {
    const Step step(tables());
    Tables::Kept kept{row, {row.owners.begin(), row.owners.end()}};
    if (const auto* old = tables().find({row.record, row.tag}); old != nullptr) {
      for (const Handle& owner : old->row.owners) {
        if (!old->linked.contains(owner)) kept.linked.erase(owner);
      }
    }
    tables().put({row.record, row.tag}, std::move(kept));
    return {};
  }
  /// Errors: not_found.
  [[nodiscard]] Result<StoredRow> get_row(std::uint32_t record, const RowTag& tag) {
    const Lock lock(tables().mutex());
    const auto* kept = tables().find({record, tag});
    if (kept == nullptr) return Errc::not_found;
    return kept->row;
  }
  /// Errors: not_found.
  [[nodiscard]] Result<void> remove_row(std::uint32_t record, const RowTag& tag) {
    const Step step(tables());
    if (tables().find({record, tag}) == nullptr) return Errc::not_found;
    tables().remove({record, tag});
    return {};
  }
  /// A page of a person's rows, oldest first; record 0 for all.
  [[nodiscard]] Result<std::vector<StoredRow>> rows_of(const Handle& who, std::uint32_t record, std::uint64_t offset,
                                                       std::uint64_t limit) {
    const Lock lock(tables().mutex());
    std::vector<StoredRow> page;
    for (const std::uint64_t id : tables().of(who)) {
      const StoredRow& row = tables().rows().at(id).row;
      if (record != 0 && row.record != record) continue;
      if (offset != 0) {
        --offset;
        continue;
      }
      if (page.size() >= limit) break;
      page.push_back(row);
    }
    return page;
  }
  /// Removes what only this person owns, and this person from what others own too; gives the number of rows removed.
  [[nodiscard]] Result<std::uint64_t> remove_rows_of(const Handle& who) {
    const Step step(tables());
    const std::set<std::uint64_t> mine = tables().of(who);
    std::uint64_t removed = 0;
    for (const std::uint64_t id : mine) {
      Tables::Kept kept = tables().rows().at(id);
      const Tables::Name name{kept.row.record, kept.row.tag};
      kept.linked.erase(who);
      if (kept.linked.empty()) {
        tables().remove(name);
        ++removed;
      } else {
        tables().put(name, std::move(kept));
      }
    }
    return removed;
  }
  /// Rows whose date has come, earliest first.
  [[nodiscard]] Result<std::vector<StoredRow>> expired_rows(Instant now, std::uint64_t limit) {
    const Lock lock(tables().mutex());
    std::vector<StoredRow> due;
    for (const auto& [when, id] : tables().expiring()) {
      if (when > now.ms || due.size() >= limit) break;
      due.push_back(tables().rows().at(id).row);
    }
    return due;
  }
  /// The next rows of a person after a place, which moves on; 0 to start.
  [[nodiscard]] Result<std::vector<StoredRow>> rows_after(const Handle& who, std::uint64_t& after,
                                                          std::uint64_t limit) {
    const Lock lock(tables().mutex());
    std::vector<StoredRow> page;
    const std::set<std::uint64_t>& mine = tables().of(who);
    for (auto at = mine.upper_bound(after); at != mine.end() && page.size() < limit; ++at) {
      page.push_back(tables().rows().at(*at).row);
      after = *at;
    }
    return page;
  }
  /// The next rows of the whole store after a place, which moves on; 0 to start. For sweeps.
  [[nodiscard]] Result<std::vector<StoredRow>> scan_rows(std::uint64_t& after, std::uint64_t limit) {
    const Lock lock(tables().mutex());
    std::vector<StoredRow> page;
    for (auto at = tables().rows().upper_bound(after); at != tables().rows().end() && page.size() < limit; ++at) {
      page.push_back(at->second.row);
      after = at->first;
    }
    return page;
  }
  /// Errors: not_found.
  [[nodiscard]] Result<void> set_state(std::uint32_t record, const RowTag& tag, RowState state) {
    return change(record, tag, [state](StoredRow& row) { row.state = state; });
  }
  /// Errors: not_found.
  [[nodiscard]] Result<void> set_expiry(std::uint32_t record, const RowTag& tag, Instant expires) {
    return change(record, tag, [expires](StoredRow& row) { row.expires = expires; });
  }
  [[nodiscard]] Result<std::uint64_t> row_count() {
    const Lock lock(tables().mutex());
    return std::uint64_t{tables().rows().size()};
  }

  [[nodiscard]] Result<void> begin() {
    tables().begin();
    return {};
  }
  [[nodiscard]] Result<void> commit() { return tables().commit(); }
  void rollback() { tables().rollback(); }

  [[nodiscard]] KeyStore& key_store() noexcept { return inside_->keys; }
  [[nodiscard]] LeafStore& leaf_store() noexcept { return inside_->leaves; }
  [[nodiscard]] LedgerStore& ledger_store() noexcept { return inside_->ledger; }

  [[nodiscard]] static Result<void> truncate_wal() { return {}; }
  [[nodiscard]] static Result<void> compact() { return {}; }
  void close() noexcept {}

 private:
  using Tables = detail::MemoryTables;
  struct Inside {
    MemoryKeyStore keys;
    Tables tables;
    detail::MemoryLeaves leaves{tables};
    detail::MemoryLedger ledger{tables};
  };
  /// One call as a transaction of its own, or as a step of the running one; it fails before it changes anything.
  class Step {
   public:
    explicit Step(Tables& tables) : tables_(&tables) { tables_->begin(); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() { static_cast<void>(tables_->commit()); }

   private:
    Tables* tables_;
  };
  [[nodiscard]] Tables& tables() noexcept { return inside_->tables; }
  template <class Change>
  [[nodiscard]] Result<void> change(std::uint32_t record, const RowTag& tag, Change change_row) {
    const Step step(tables());
    const auto* old = tables().find({record, tag});
    if (old == nullptr) return Errc::not_found;
    Tables::Kept kept = *old;
    change_row(kept.row);
    tables().put({record, tag}, std::move(kept));
    return {};
  }
  std::unique_ptr<Inside> inside_;
};

static_assert(Store<MemoryStore>);

}  // namespace custody::inline v0
