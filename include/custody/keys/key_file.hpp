// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <custody/keys/key_log.hpp>
#include <custody/keys/key_replay.hpp>
#include <custody/keys/key_store.hpp>
#include <custody/keys/key_table.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/law/protection.hpp>
#include <custody/words/mutex.hpp>

namespace custody::inline v0 {

/// A key store in one file for people who keep their own database: an append-only log in which every record is
/// authenticated by the root key, and whose erased bodies are overwritten in place. One process at a time; thread-safe.
/// All of it is kept in memory too. A group (begin to commit) only waits for the disk once; each call in it stands
/// alone. Overwriting in place does not reach what a copy-on-write file system, an SSD or a snapshot keeps.
template <class Lazy>
class BasicKeyFile final : public KeyStore {
 public:
  static constexpr Protection custody_protection{Level::core, "key file"};
  /// What open() does when there is no file.
  enum class Missing : std::uint8_t { create, refuse };

  /// Opens or makes a key file (mode 0600). An empty file is damage, never a new file. Errors: unsafe_permissions,
  /// locked, wrong_root, tampered, truncated, malformed, wrong_schema, not_found when refused, disk_full,
  /// storage_failed.
  [[nodiscard]] static Result<BasicKeyFile> open(const std::string& path, const RootKey& root,
                                                 Missing missing = Missing::create) {
    auto place = detail::SecretPlace::of(path);
    if (!place) return place.error();
    auto file = open_locked(*place);
    if (!file && file.error() == Errc::not_found && missing == Missing::create) {
      if (auto made = create(*place, root); !made && made.error().code != Errc::already_there) return made.error();
      file = open_locked(*place);
    }
    if (!file) return file.error();
    bool wasteful = false;
    auto store = load(std::move(*file), root, wasteful);
    if (store && wasteful) {
      auto fresh = store->rewrite(*place, root);
      if (!fresh) return fresh.error();
      store = load(std::move(*fresh), root, wasteful);
    }
    if (store) store->place_ = std::move(*place);
    return store;
  }
  BasicKeyFile(BasicKeyFile&& other) noexcept
      : KeyStore(),
        place_(std::move(other.place_)),
        log_(std::move(other.log_)),
        table_(std::move(other.table_)),
        grouped_(other.grouped_) {}
  ~BasicKeyFile() override = default;

  [[nodiscard]] Result<void> put_key(const WrappedKey& key) override {
    const Lock guard(mutex_);
    if (auto may = table_.may_put(key); !may) return may;
    auto place = append(record_of(key));
    if (!place) return place.error();
    table_.put(key, *place);
    return {};
  }
  [[nodiscard]] Result<WrappedKey> get_key(Handle handle, Handle holder, std::uint32_t generation) override {
    const Lock guard(mutex_);
    return table_.get(handle, holder, generation);
  }
  [[nodiscard]] Result<std::uint32_t> newest_generation(Handle handle) override {
    const Lock guard(mutex_);
    return table_.newest_generation(handle);
  }
  [[nodiscard]] Result<std::vector<Handle>> holders(Handle handle, std::uint32_t generation) override {
    const Lock guard(mutex_);
    return table_.holders(handle, generation);
  }
  [[nodiscard]] Result<void> drop_wrap(Handle handle, Handle holder) override {
    const Lock guard(mutex_);
    if (!table_.holds(handle, holder)) return log_.sync();  // not fine if overwriting failed before
    if (auto put = append({detail::RecordKind::drop_wrap, handle, holder, 0, 0, {}}, true); !put) return put.error();
    detail::List<detail::Place> freed;
    table_.drop(handle, holder, freed);
    return log_.erase(freed);
  }
  [[nodiscard]] Result<std::vector<WrappedKey>> keys_held(Handle holder, Handle after, std::uint32_t after_generation,
                                                          std::uint64_t limit) override {
    const Lock guard(mutex_);
    return table_.held(holder, after, after_generation, limit);
  }
  [[nodiscard]] Result<std::uint64_t> held_count(Handle holder) override {
    const Lock guard(mutex_);
    return table_.held_count(holder);
  }
  [[nodiscard]] Result<bool> replace_key(const WrappedKey& key, ByteView before) override {
    const Lock guard(mutex_);
    if (table_.dead(key.handle) || table_.dead(key.holder)) return Errc::destroyed;
    if (!table_.is_wrapped_as(key, before)) return false;
    detail::KeyRecord record = record_of(key);
    record.kind = detail::RecordKind::replace_key;
    auto place = append(record, true);
    if (!place) return place.error();
    detail::List<detail::Place> freed;
    table_.replace(key, *place, freed);
    if (auto done = log_.erase(freed); !done) return done.error();
    return true;
  }
  [[nodiscard]] Result<void> drop_key(Handle handle, std::uint32_t generation) override {
    const Lock guard(mutex_);
    auto put = append({detail::RecordKind::drop_generation, handle, {}, generation, 0, {}}, true);
    if (!put) return put.error();
    detail::List<detail::Place> freed;
    table_.drop_generation(handle, generation, freed);
    return log_.erase(freed);
  }
  [[nodiscard]] Result<bool> change_root(const RootKey& root, Handle retired, std::string_view fact,
                                         ByteView value) override {
    const Lock guard(mutex_);
    auto fresh = rewrite(place_, root, true, {retired, fact, value});
    bool wasteful = false;
    auto store = fresh ? load(std::move(*fresh), root, wasteful) : Result<BasicKeyFile>(fresh.error());
    if (!store) {
      if (!in_place(place_, log_.file())) log_.give_up();  // the new file is there, whatever failed then: open that
      return store.error();
    }
    detail::FileHandle before = log_.take_file();
    log_ = std::move(store->log_);
    table_ = std::move(store->table_);
    shred(before);
    return true;
  }

  [[nodiscard]] Result<void> destroy(Handle subject, Instant when) override {
    const Lock guard(mutex_);
    if (table_.dead(subject)) return log_.sync();  // not fine if overwriting failed before
    const auto time = static_cast<std::uint64_t>(when.ms);
    if (auto put = append({detail::RecordKind::tombstone, subject, {}, 0, time, {}}, true); !put) return put.error();
    detail::List<detail::Place> freed;
    table_.destroy(subject, when, freed);
    return log_.erase(freed);
  }
  [[nodiscard]] Result<bool> destroyed(Handle subject) override {
    const Lock guard(mutex_);
    return table_.dead(subject);
  }
  [[nodiscard]] Result<void> tombstones(std::vector<Handle>& out) override {
    const Lock guard(mutex_);
    for (const auto& [handle, when] : table_.tombs()) out.push_back(handle);
    return {};
  }

  [[nodiscard]] Result<void> put_index(const IndexRow& row) override {
    const Lock guard(mutex_);
    if (table_.dead(row.subject)) return Errc::destroyed;
    if (table_.has_row(row)) return {};
    auto place = append(record_of(row));
    if (!place) return place.error();
    table_.put_row(row, *place);
    return {};
  }
  [[nodiscard]] Result<std::vector<IndexRow>> find_index(std::uint32_t space, const IndexValue& value) override {
    const Lock guard(mutex_);
    return table_.rows(space, value);
  }
  [[nodiscard]] Result<std::vector<IndexRow>> index_rows_of(Handle subject) override {
    const Lock guard(mutex_);
    return table_.rows_of(subject);
  }
  [[nodiscard]] Result<void> drop_index(std::uint32_t space, const IndexValue& value,
                                        const std::array<std::byte, 16>& row) override {
    const Lock guard(mutex_);
    for (const IndexRow& found : table_.rows(space, value)) {
      if (found.row != row) continue;
      const std::uint64_t offset = table_.place_of(found).offset;
      if (auto put = append({detail::RecordKind::drop_index, {}, {}, 0, offset, {}}, true); !put) return put.error();
      detail::List<detail::Place> freed;
      table_.drop_row(found, freed);
      if (auto done = log_.erase(freed); !done) return done;
    }
    return {};
  }

  [[nodiscard]] Result<void> put_fact(std::string_view name, ByteView value) override {
    const Lock guard(mutex_);
    if (auto put = append(record_of(name, value)); !put) return put.error();
    table_.put_fact(name, value);
    return {};
  }
  [[nodiscard]] Result<Bytes> get_fact(std::string_view name) override {
    const Lock guard(mutex_);
    return table_.fact(name);
  }
  [[nodiscard]] Result<std::uint64_t> reserve(Handle handle, std::uint32_t generation, std::uint64_t count,
                                              std::uint64_t limit) override {
    const Lock guard(mutex_);
    auto before = table_.may_reserve({handle, generation}, count, limit);
    if (!before || count == 0) return before;
    auto put = append({detail::RecordKind::count, handle, {}, generation, *before + count, {}});
    if (!put) return put.error();
    table_.set_count({handle, generation}, *before + count);
    return before;
  }
  [[nodiscard]] Result<std::uint64_t> raise_epoch(Handle subject) override {
    const Lock guard(mutex_);
    auto epoch = table_.epoch(subject);
    if (!epoch) return epoch;
    if (auto put = append({detail::RecordKind::epoch, subject, {}, 0, ++*epoch, {}}); !put) return put.error();
    table_.set_epoch(subject, *epoch);
    return epoch;
  }
  [[nodiscard]] Result<std::uint64_t> epoch(Handle subject) override {
    const Lock guard(mutex_);
    return table_.epoch(subject);
  }

  [[nodiscard]] std::uint64_t change_count() noexcept override { return 0; }
  [[nodiscard]] Result<void> begin() override {
    const Lock guard(mutex_);
    ++grouped_;
    return {};
  }
  [[nodiscard]] Result<void> commit() override {
    const Lock guard(mutex_);
    if (grouped_ != 0) --grouped_;
    return grouped_ != 0 ? Result<void>() : log_.sync();
  }
  /// Ends the group; the calls in it stand.
  void rollback() noexcept override {
    const Lock guard(mutex_);
    if (grouped_ != 0) --grouped_;
    if (grouped_ == 0) static_cast<void>(log_.sync());
  }
  [[nodiscard]] Result<void> flush() override {
    const Lock guard(mutex_);
    return log_.sync();
  }

 private:
  BasicKeyFile() = default;

  /// Errors: locked also when another process has just put a new file in place: try again.
  [[nodiscard]] static Result<detail::FileHandle> open_locked(const detail::SecretPlace& place) {
    auto file = place.open(O_RDWR);
    if (!file) return file;
    if (auto held = detail::BasicKeyLog<Lazy>::lock(*file); !held) return held.error();
    if (!in_place(place, *file)) return Errc::locked;
    return file;
  }
  /// Whether an open file is the one that has the name; what is written to another is lost.
  [[nodiscard]] static bool in_place(const detail::SecretPlace& place, const detail::FileHandle& file) noexcept {
    struct ::stat here{};
    struct ::stat there{};
    return ::fstat(file.fd(), &here) == 0 &&
           ::fstatat(place.directory.fd(), place.name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           here.st_ino == there.st_ino && here.st_dev == there.st_dev;
  }
  /// What is different in a file that is written anew for another root.
  struct Change {
    Handle retired;
    std::string_view fact;
    ByteView value;
  };
  /// Overwrites a file that has lost its name, as far as that reaches the disk.
  static void shred(const detail::FileHandle& file) noexcept {
    struct ::stat facts{};
    if (::fstat(file.fd(), &facts) != 0) return;
    const std::array<std::byte, 4096> zeros{};
    for (::off_t at = 0; at < facts.st_size; at += static_cast<::off_t>(zeros.size())) {
      if (!detail::write_at(file.fd(), zeros, static_cast<std::uint64_t>(at))) return;
    }
    static_cast<void>(detail::sync_data(file.fd()));
  }
  [[nodiscard]] static Result<void> create(const detail::SecretPlace& place, const RootKey& root) {
    BasicKeyFile empty;
    auto file = empty.rewrite(place, root, false);
    if (!file) return file.error();
    return {};
  }
  [[nodiscard]] static Result<BasicKeyFile> load(detail::FileHandle file, const RootKey& root, bool& wasteful) {
    auto log = detail::BasicKeyLog<Lazy>::load(std::move(file), root);
    if (!log) return log.error();
    BasicKeyFile store;
    store.log_ = std::move(*log);
    detail::BasicKeyReplay<Lazy> replay(store.table_);
    detail::KeyRecord record;
    while (true) {
      auto more = store.log_.next(record);
      if (!more) return more.error();
      if (!*more) break;
      if (auto done = replay.apply(record); !done) return done.error();
    }
    auto pending = replay.finish();
    if (!pending) {
      store.log_.give_up();
      return pending.error();
    }
    if (auto done = store.log_.recover(); !done) return done.error();
    if (auto done = store.log_.erase(*pending); !done) return done.error();
    wasteful = replay.wasteful();
    return store;
  }
  /// Writes what still matters to a new file and puts it in place; the old one is replaced only when the new one is on
  /// disk.
  [[nodiscard]] Result<detail::FileHandle> rewrite(const detail::SecretPlace& place, const RootKey& root,
                                                   bool replace = true, const Change& change = {}) const {
    std::string temporary;
    auto file = place.create_temporary(temporary);
    if (!file) return file;
    auto held = detail::BasicKeyLog<Lazy>::lock(*file);
    if (!held) return held.error();
    auto log = detail::BasicKeyLog<Lazy>::start(std::move(*file), root);
    Result<void> done = log ? write_all(*log, change) : Result<void>(log.error());
    if (done) done = log->settle();
    if (done) done = place.publish(log->file(), temporary, replace);
    if (done) return log->take_file();
    static_cast<void>(::unlinkat(place.directory.fd(), temporary.c_str(), 0));
    return done.error();
  }
  [[nodiscard]] Result<void> write_all(detail::BasicKeyLog<Lazy>& log, const Change& change) const {
    Result<void> done;
    const auto put = [&](const detail::KeyRecord& record) {
      if (!done) return;
      if (auto placed = log.append(record, false); !placed) done = placed.error();
    };
    const bool other = !change.fact.empty();
    for (const auto& [id, stored] : table_.keys()) {
      if (!other || id.holder != change.retired) put(record_of(stored.key));
    }
    for (const auto& [handle, newest] : table_.generations()) {
      put({detail::RecordKind::generation, handle, {}, newest, 0, {}});
    }
    for (const auto& [id, place] : table_.all_rows()) put(record_of(detail::BasicKeyTable<Lazy>::row_of(id)));
    for (const auto& [name, value] : table_.facts()) {
      if (!other || name != change.fact) put(record_of(name, value));
    }
    if (other) put(record_of(change.fact, change.value));
    for (const auto& [id, total] : table_.counts()) {
      put({detail::RecordKind::count, id.handle, {}, id.generation, total, {}});
    }
    for (const auto& [handle, value] : table_.epochs()) put({detail::RecordKind::epoch, handle, {}, 0, value, {}});
    for (const auto& [handle, when] : table_.tombs()) {
      put({detail::RecordKind::tombstone, handle, {}, 0, static_cast<std::uint64_t>(when.ms), {}});
    }
    return done;
  }
  [[nodiscard]] static detail::KeyRecord record_of(const WrappedKey& key) {
    detail::KeyRecord record{detail::RecordKind::key,
                             key.handle,
                             key.holder,
                             key.generation,
                             static_cast<std::uint64_t>(key.created.ms),
                             {}};
    Canonical(record.body).raw(key.fingerprint).raw(key.wrapped);
    return record;
  }
  [[nodiscard]] static detail::KeyRecord record_of(const IndexRow& row) {
    detail::KeyRecord record{detail::RecordKind::index_row, row.subject, {}, row.space, 0, {}};
    Canonical(record.body).raw(row.value).raw(row.row);
    return record;
  }
  [[nodiscard]] static detail::KeyRecord record_of(std::string_view name, ByteView value) {
    detail::KeyRecord record;
    Canonical(record.body).part(name).raw(value);
    return record;
  }
  [[nodiscard]] Result<detail::Place> append(const detail::KeyRecord& record, bool sync = false) {
    return log_.append(record, sync || grouped_ == 0);
  }

  Mutex mutex_;
  detail::SecretPlace place_;
  detail::BasicKeyLog<Lazy> log_;
  detail::BasicKeyTable<Lazy> table_;
  int grouped_ = 0;
};
using KeyFile = BasicKeyFile<void>;

}  // namespace custody::inline v0
