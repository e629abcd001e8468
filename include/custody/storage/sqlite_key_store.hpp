// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <custody/keys/key_store.hpp>
#include <custody/law/protection.hpp>
#include <custody/storage/sqlite_key_file.hpp>
#include <custody/storage/sqlite_key_sql.hpp>

namespace custody::inline v0 {

/// Keys in an SQLite database of their own, of mode 0600, always durable. Thread-safe; several processes may share it.
/// What is destroyed is overwritten, deleted, and the write-ahead log emptied; when another process reads at that moment
/// the log keeps the wrapped bytes until the next change or flush(), and shredding() says so.
class SqliteKeyStore final : public KeyStore {
 public:
  static constexpr Protection custody_protection{Level::core, "sqlite keys"};
  struct Options {
    std::string keys;
    bool create = true;
    int busy_ms = 2000;
  };

  /// Errors: not_found without `create`; wrong_schema for an empty file, another product's or another version's;
  /// unsafe_permissions; malformed; read_only; locked; disk_full; storage_failed.
  [[nodiscard]] static Result<std::unique_ptr<SqliteKeyStore>> open(const Options& options, std::string_view product) {
    const detail::SqliteFile file(options.keys);
    auto length = file.length();
    if (!length && length.error() == Errc::not_found && options.create) {
      auto made = detail::create_sqlite_keys(file, product, options.busy_ms);
      if (!made) return made.error();
      length = file.length();
    }
    if (!length) return Error{length.error().code, "keys"};
    if (*length == 0) return Error{Errc::wrong_schema, "keys"};
    if (auto safe = file.check_secret(); !safe) return safe.error();
    std::unique_ptr<SqliteKeyStore> store(new SqliteKeyStore);
    if (auto done = store->db_.open(file.path(), detail::sqlite_key_shape(options.busy_ms)); !done) return done.error();
    if (auto ours = detail::check_sqlite_claim(store->db_, product, {}, "keys"); !ours) {
      return Error{ours.error() == Errc::not_found ? Errc::wrong_schema : ours.error().code, "keys"};
    }
    store->settle();
    return store;
  }

  [[nodiscard]] Result<void> put_key(const WrappedKey& key) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    if (auto alive = check_alive(key.handle, key.holder); !alive) return alive;
    auto there = slot_of(key.handle, key.generation, key.holder);
    if (there) return Errc::already_there;
    if (there.error().code != Errc::unknown_key) return there.error();
    auto slot = fill_slot(detail::slot_bytes(key));
    if (!slot) return slot.error();
    auto put =
        db_.query(detail::sql_put_wrap).blob(key.handle).number(key.generation).blob(key.holder).number(*slot).run();
    if (!put) return put;
    if (auto seen = db_.query(detail::sql_raise_newest).blob(key.handle).number(key.generation).run(); !seen)
      return seen;
    return finish(work);
  }
  [[nodiscard]] Result<WrappedKey> get_key(Handle handle, Handle holder, std::uint32_t generation) override {
    const Lock lock(db_.mutex());
    if (auto alive = check_alive(handle, holder); !alive) return alive.error();
    auto query = db_.query(detail::sql_get_wrap);
    auto row = query.blob(handle).number(generation).blob(holder).row();
    if (!row) return row.error();
    if (!*row) return Errc::unknown_key;
    WrappedKey key{handle, holder, generation, {}, {}, {}};
    if (auto read = detail::read_slot(query.blob_at(0), key); !read) return read.error();
    return key;
  }
  [[nodiscard]] Result<std::uint32_t> newest_generation(Handle handle) override {
    auto found = number_for(detail::sql_newest, handle);
    if (!found) return found.error();
    return static_cast<std::uint32_t>(*found);
  }
  [[nodiscard]] Result<std::vector<Handle>> holders(Handle handle, std::uint32_t generation) override {
    const Lock lock(db_.mutex());
    if (auto alive = check_alive(handle, {}); !alive) return alive.error();
    auto query = db_.query(detail::sql_holders);
    query.blob(handle).number(generation);
    return handles_in(query);
  }
  [[nodiscard]] Result<void> drop_wrap(Handle handle, Handle holder) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    auto emptied = empty_slots(db_.query(detail::sql_slots_of_wrap).blob(holder).blob(handle));
    if (!emptied) return emptied;
    if (auto done = db_.query(detail::sql_drop_wrap).blob(holder).blob(handle).run(); !done) return done;
    return finish(work);
  }
  [[nodiscard]] Result<std::vector<WrappedKey>> keys_held(Handle holder, Handle after, std::uint32_t after_generation,
                                                          std::uint64_t limit) override {
    const Lock lock(db_.mutex());
    auto query = db_.query(detail::sql_held);
    query.blob(holder).blob(after).number(after_generation).number(detail::sql_number(limit));
    std::vector<WrappedKey> page;
    auto row = query.row();
    for (; row && *row; row = query.row()) {
      WrappedKey key{{}, holder, static_cast<std::uint32_t>(query.number_at(1)), {}, {}, {}};
      if (!query.handle_at(0, key.handle)) return Error{Errc::malformed, "keys"};
      if (auto read = detail::read_slot(query.blob_at(2), key); !read) return read.error();
      page.push_back(std::move(key));
    }
    if (!row) return row.error();
    return page;
  }
  [[nodiscard]] Result<std::uint64_t> held_count(Handle holder) override {
    const Lock lock(db_.mutex());
    auto query = db_.query(detail::sql_held_count);
    auto row = query.blob(holder).row();
    if (!row) return row.error();
    return *row ? detail::from_sql(query.number_at(0)) : 0;
  }
  [[nodiscard]] Result<bool> replace_key(const WrappedKey& key, ByteView before) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    auto now = get_key(key.handle, key.holder, key.generation);
    if (!now && !(now.error() == Errc::unknown_key)) return now.error();
    if (!now || !detail::same_bytes(now->wrapped, before)) return false;
    auto old = slot_of(key.handle, key.generation, key.holder);
    auto slot = old ? fill_slot(detail::slot_bytes(key)) : old;
    if (!slot) return slot.error();
    auto query = db_.query(detail::sql_move_wrap);
    query.number(*slot).blob(key.handle).number(key.generation).blob(key.holder);
    if (auto moved = query.run(); !moved) return moved.error();
    if (auto emptied = empty_slot(*old); !emptied) return emptied.error();
    if (auto done = finish(work); !done) return done.error();
    return true;
  }
  [[nodiscard]] Result<void> drop_key(Handle handle, std::uint32_t generation) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    auto emptied = empty_slots(db_.query(detail::sql_slots_of_generation).blob(handle).number(generation));
    if (!emptied) return emptied;
    auto gone = db_.query(detail::sql_drop_generation).blob(handle).number(generation).run();
    return gone ? finish(work) : gone;
  }

  [[nodiscard]] Result<void> destroy(Handle subject, Instant when) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    if (auto dead = db_.query(detail::sql_bury).blob(subject).number(when.ms).run(); !dead) return dead;
    auto emptied = empty_slots(db_.query(detail::sql_slots_of).blob(subject).blob(subject));
    if (!emptied) return emptied;
    if (auto rows = index_rows_of(subject); rows) {
      for (const IndexRow& row : *rows) {
        if (auto gone = remove_entry(row); !gone) return gone;
      }
    } else {
      return rows.error();
    }
    for (const detail::Sql& sql : {detail::sql_drop_keys, detail::sql_drop_held, detail::sql_drop_newest,
                                   detail::sql_drop_counters, detail::sql_drop_epoch}) {
      if (auto gone = db_.query(sql).blob(subject).run(); !gone) return gone;
    }
    return finish(work);
  }
  [[nodiscard]] Result<bool> destroyed(Handle subject) override {
    const Lock lock(db_.mutex());
    return db_.query(detail::sql_is_dead).blob(subject).blob(subject).row();
  }
  [[nodiscard]] Result<void> tombstones(std::vector<Handle>& out) override {
    const Lock lock(db_.mutex());
    auto query = db_.query(detail::sql_tombstones);
    auto all = handles_in(query);
    if (!all) return all.error();
    out.insert(out.end(), all->begin(), all->end());
    return {};
  }

  [[nodiscard]] Result<void> put_index(const IndexRow& row) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    if (auto alive = check_alive(row.subject, {}); !alive) return alive;
    const auto by_value = detail::value_entry(row);
    const auto by_subject = detail::subject_entry(row);
    if (auto done = db_.query(detail::sql_put_by_value).blob(by_value).run(); !done) return done;
    if (auto done = db_.query(detail::sql_put_by_subject).blob(by_subject).run(); !done) return done;
    return finish(work);
  }
  [[nodiscard]] Result<std::vector<IndexRow>> find_index(std::uint32_t space, const IndexValue& value) override {
    return entries(detail::sql_by_value, {space, value, {}, {}}, false);
  }
  [[nodiscard]] Result<std::vector<IndexRow>> index_rows_of(Handle subject) override {
    return entries(detail::sql_by_subject, {0, {}, subject, {}}, true);
  }
  [[nodiscard]] Result<void> drop_index(std::uint32_t space, const IndexValue& value,
                                        const std::array<std::byte, 16>& row) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    auto found = find_index(space, value);
    if (!found) return found.error();
    for (const IndexRow& entry : *found) {
      if (entry.row != row) continue;
      if (auto gone = remove_entry(entry); !gone) return gone;
    }
    return finish(work);
  }

  [[nodiscard]] Result<void> put_fact(std::string_view name, ByteView value) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    if (auto put = db_.query(detail::sql_put_fact).text(name).blob(value).run(); !put) return put;
    return finish(work);
  }
  [[nodiscard]] Result<Bytes> get_fact(std::string_view name) override {
    const Lock lock(db_.mutex());
    auto query = db_.query(detail::sql_get_fact);
    auto row = query.text(name).row();
    if (!row) return row.error();
    if (!*row) return Errc::not_found;
    const ByteView value = query.blob_at(0);
    return Bytes(value.begin(), value.end());
  }

  [[nodiscard]] Result<std::uint64_t> reserve(Handle handle, std::uint32_t generation, std::uint64_t count,
                                              std::uint64_t limit) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    if (auto alive = check_alive(handle, {}); !alive) return alive.error();
    auto before = used(handle, generation);
    if (!before) return before;
    if (*before > limit || count > limit - *before) return Errc::budget_exhausted;
    const std::int64_t after = detail::sql_number(*before + count);
    auto put = db_.query(detail::sql_put_count).blob(handle).number(generation).number(after).run();
    if (!put) return put.error();
    if (auto done = finish(work); !done) return done.error();
    return before;
  }
  [[nodiscard]] Result<std::uint64_t> raise_epoch(Handle subject) override {
    detail::SqliteWork work(db_);
    if (!work) return work.error();
    auto now = epoch(subject);
    if (!now) return now;
    const std::uint64_t next = *now + 1;
    auto put = db_.query(detail::sql_put_epoch).blob(subject).number(detail::sql_number(next)).run();
    if (!put) return put.error();
    if (auto done = finish(work); !done) return done.error();
    return next;
  }
  [[nodiscard]] Result<std::uint64_t> epoch(Handle subject) override { return number_for(detail::sql_epoch, subject); }

  [[nodiscard]] std::uint64_t change_count() noexcept override { return db_.data_version(); }
  [[nodiscard]] Result<void> begin() override { return db_.begin(); }
  [[nodiscard]] Result<void> commit() override {
    const Lock lock(db_.mutex());
    auto done = db_.commit();
    if (done) settle();
    return done;
  }
  void rollback() noexcept override { db_.rollback(); }
  /// Also empties the write-ahead log of destroyed keys. Errors: locked while another process reads.
  [[nodiscard]] Result<void> flush() override {
    const Lock lock(db_.mutex());
    if (!shredding_) return {};
    auto done = db_.truncate_wal(db_.busy_ms());
    if (done) shredding_ = false;
    return done;
  }
  /// Whether overwritten keys may still stand in the write-ahead log.
  [[nodiscard]] bool shredding() noexcept {
    const Lock lock(db_.mutex());
    return shredding_;
  }
  /// Rewrites the file from its live rows alone, for a sweep after many erasures. Cost: its size.
  [[nodiscard]] Result<void> compact() { return db_.compact(); }
  /// The number shared with the data file of this pair.
  [[nodiscard]] Result<Bytes> pair() { return detail::sqlite_meta(db_, "pair"); }
  void close() noexcept { db_.close(); }

 private:
  SqliteKeyStore() = default;

  [[nodiscard]] Result<void> finish(detail::SqliteWork& work) {
    const Lock lock(db_.mutex());
    auto done = work.finish();
    if (done) settle();
    return done;
  }
  /// Empties the write-ahead log after a destruction, if nobody reads it just now.
  void settle() noexcept {
    const Lock lock(db_.mutex());
    if (shredding_ && !db_.in_transaction() && db_.truncate_wal(0)) shredding_ = false;
  }
  [[nodiscard]] Result<void> check_alive(const Handle& handle, const Handle& holder) {
    auto dead = db_.query(detail::sql_is_dead).blob(handle).blob(holder).row();
    if (!dead) return dead.error();
    if (*dead) return Errc::destroyed;
    return {};
  }
  [[nodiscard]] Result<std::int64_t> slot_of(const Handle& handle, std::uint32_t generation, const Handle& holder) {
    auto query = db_.query(detail::sql_slot_of);
    auto row = query.blob(handle).number(generation).blob(holder).row();
    if (!row) return row.error();
    if (!*row) return Errc::unknown_key;
    return query.number_at(0);
  }
  [[nodiscard]] Result<std::int64_t> fill_slot(ByteView bytes) {
    std::int64_t id = 0;
    const auto size = static_cast<std::int64_t>(bytes.size());
    {
      auto query = db_.query(detail::sql_free_slot);
      auto row = query.number(size).row();
      if (!row) return row.error();
      if (*row) id = query.number_at(0);
    }
    if (id == 0) {
      if (auto put = db_.query(detail::sql_new_slot).blob(bytes).run(); !put) return put.error();
      return db_.last_id();
    }
    if (auto put = db_.query(detail::sql_fill_slot).blob(bytes).number(id).run(); !put) return put.error();
    if (auto taken = db_.query(detail::sql_take_slot).number(size).number(id).run(); !taken) return taken.error();
    return id;
  }
  /// Overwrites the slots that a query names, and ends the query first.
  template <class Query>
  [[nodiscard]] Result<void> empty_slots(Query&& query) {
    std::vector<std::int64_t> places;
    auto row = query.row();
    for (; row && *row; row = query.row()) places.push_back(query.number_at(0));
    if (!row) return row.error();
    for (const std::int64_t slot : places) {
      if (auto done = empty_slot(slot); !done) return done;
    }
    return {};
  }
  [[nodiscard]] Result<void> empty_slot(std::int64_t slot) {
    if (auto done = db_.query(detail::sql_wipe_slot).number(slot).run(); !done) return done;
    shredding_ = true;
    return db_.query(detail::sql_give_slot).number(slot).run();
  }
  [[nodiscard]] Result<void> remove_entry(const IndexRow& row) {
    const auto by_value = detail::value_entry(row);
    const auto by_subject = detail::subject_entry(row);
    if (auto done = db_.query(detail::sql_drop_by_value).blob(by_value).run(); !done) return done;
    shredding_ = true;
    return db_.query(detail::sql_drop_by_subject).blob(by_subject).run();
  }
  [[nodiscard]] Result<std::vector<IndexRow>> entries(const detail::Sql& sql, const IndexRow& like, bool of_subject) {
    const Lock lock(db_.mutex());
    auto low = of_subject ? detail::subject_entry(like) : detail::value_entry(like);
    auto high = low;
    const std::size_t fixed = of_subject ? sizeof like.subject.bytes : 4 + sizeof like.value;
    std::memset(high.data() + fixed, 0xff, high.size() - fixed);
    auto query = db_.query(sql);
    std::vector<IndexRow> rows;
    auto row = query.blob(low).blob(high).row();
    for (; row && *row; row = query.row()) {
      IndexRow read;
      if (!detail::read_entry(query.blob_at(0), of_subject, read)) return Error{Errc::malformed, "keys"};
      rows.push_back(read);
    }
    if (!row) return row.error();
    return rows;
  }
  [[nodiscard]] Result<std::uint64_t> used(const Handle& handle, std::uint32_t generation) {
    auto query = db_.query(detail::sql_count);
    auto row = query.blob(handle).number(generation).row();
    if (!row) return row.error();
    return *row ? detail::from_sql(query.number_at(0)) : 0;
  }
  [[nodiscard]] Result<std::uint64_t> number_for(const detail::Sql& sql, const Handle& handle) {
    const Lock lock(db_.mutex());
    if (auto alive = check_alive(handle, {}); !alive) return alive.error();
    auto query = db_.query(sql);
    auto row = query.blob(handle).row();
    if (!row) return row.error();
    return *row ? detail::from_sql(query.number_at(0)) : 0;
  }
  [[nodiscard]] static Result<std::vector<Handle>> handles_in(detail::SqliteQuery& query) {
    std::vector<Handle> all;
    auto row = query.row();
    for (; row && *row; row = query.row()) {
      Handle handle;
      if (!query.handle_at(0, handle)) return Error{Errc::malformed, "keys"};
      all.push_back(handle);
    }
    if (!row) return row.error();
    return all;
  }

  detail::SqliteDb db_;
  bool shredding_ = true;  // what an earlier process left behind counts too
};

}  // namespace custody::inline v0
