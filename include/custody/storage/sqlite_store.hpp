// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/storage/sqlite_evidence.hpp>
#include <custody/storage/sqlite_key_store.hpp>
#include <custody/storage/sqlite_rows.hpp>
#include <custody/storage/store.hpp>

namespace custody::inline v0 {

namespace detail {

inline constexpr const char* sqlite_data_tables = R"(
PRAGMA application_id=1668641636; PRAGMA user_version=1;
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE handles(n INTEGER PRIMARY KEY, handle BLOB NOT NULL UNIQUE);
CREATE TABLE rows(id INTEGER PRIMARY KEY, slot INTEGER NOT NULL, rest INTEGER NOT NULL, record INTEGER NOT NULL,
  grp INTEGER NOT NULL, version INTEGER NOT NULL, state INTEGER NOT NULL, collected INTEGER NOT NULL,
  expires INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX rows_found ON rows(slot);
CREATE INDEX rows_expiring ON rows(expires) WHERE expires>0;
CREATE TABLE links(person INTEGER, row INTEGER, record INTEGER NOT NULL, PRIMARY KEY(person,row)) WITHOUT ROWID;
CREATE TABLE leaves(n INTEGER PRIMARY KEY, leaf BLOB NOT NULL);
CREATE TABLE ledger(n INTEGER PRIMARY KEY, subject BLOB NOT NULL, line INTEGER NOT NULL, entry BLOB NOT NULL);
CREATE UNIQUE INDEX ledger_of ON ledger(subject,line);
)";

}  // namespace detail

/// Rows, ledger and log leaves in one SQLite file, keys in another, both of mode 0600, written ahead (WAL). Thread-safe:
/// one connection behind one lock, which begin() takes and the matching commit() or rollback() gives back, so end them on
/// the thread that began. Several processes may share the files. Nothing about one person scans another's rows.
/// Errors of every call: locked, read_only, disk_full, malformed, no_memory, storage_failed.
class SqliteStore {
 public:
  /// `durable`: data is on disk at every commit; otherwise the last commits may be lost with the power, never torn. Keys
  /// are always durable. `busy_ms`: how long to wait for another process before `locked`.
  struct Options {
    std::string data;
    std::string keys;
    bool create = true;
    bool durable = true;
    int busy_ms = 2000;
  };
  static constexpr Protection custody_protection{Level::core, "sqlite"};

  /// Opens both files, or makes both. Data without its keys is never given new keys. Errors: not_found without `create`;
  /// wrong_schema for missing or empty keys, another product, pair or version; unsafe_permissions for keys that others
  /// may read; those above.
  [[nodiscard]] static Result<SqliteStore> open(const Options& options, std::string_view product) {
    const detail::SqliteFile file(options.data);
    const auto length = file.length();
    const bool fresh = length ? *length == 0 : length.error() == Errc::not_found;
    if (!length && !fresh) return Error{length.error().code, "data"};
    if (fresh && !options.create) return Error{Errc::not_found, "data"};
    auto keys = SqliteKeyStore::open({options.keys, fresh, options.busy_ms}, product);
    if (!keys && !fresh && keys.error() == Errc::not_found) return Error{Errc::wrong_schema, "keys"};
    if (!keys) return keys.error();
    auto inside = std::make_unique<Inside>(std::move(*keys));
    if (auto opened = inside->open(file, options, product, fresh); !opened) return opened.error();
    return SqliteStore(std::move(inside));
  }

  /// Puts a row in place of the one with its record and tag.
  [[nodiscard]] Result<void> put_row(const StoredRow& row) { return inside_->rows.put(row); }
  /// Errors: not_found.
  [[nodiscard]] Result<StoredRow> get_row(std::uint32_t record, const RowTag& tag) {
    return inside_->rows.get(record, tag);
  }
  /// Errors: not_found.
  [[nodiscard]] Result<void> remove_row(std::uint32_t record, const RowTag& tag) {
    return inside_->rows.remove(record, tag);
  }
  /// A page of a person's rows, oldest first; record 0 for all. Cost: the person's own rows up to the page.
  [[nodiscard]] Result<std::vector<StoredRow>> rows_of(const Handle& who, std::uint32_t record, std::uint64_t offset,
                                                       std::uint64_t limit) {
    return inside_->rows.of(who, record, offset, limit);
  }
  /// Removes what only this person owns, and this person from what others own too; gives the number of rows removed.
  [[nodiscard]] Result<std::uint64_t> remove_rows_of(const Handle& who) { return inside_->rows.remove_of(who); }
  /// Rows whose date has come, earliest first; a damaged one with nothing but record and tag.
  [[nodiscard]] Result<std::vector<StoredRow>> expired_rows(Instant now, std::uint64_t limit) {
    return inside_->rows.expired(now, limit);
  }
  /// The next rows of a person after a place, which moves on; 0 to start. A damaged one with nothing but record and tag.
  [[nodiscard]] Result<std::vector<StoredRow>> rows_after(const Handle& who, std::uint64_t& after,
                                                          std::uint64_t limit) {
    return inside_->rows.after(who, after, limit);
  }
  /// The next rows of the whole store after a place, which moves on; 0 to start. For sweeps.
  [[nodiscard]] Result<std::vector<StoredRow>> scan_rows(std::uint64_t& after, std::uint64_t limit) {
    return inside_->rows.scan(after, limit);
  }
  /// Errors: not_found.
  [[nodiscard]] Result<void> set_state(std::uint32_t record, const RowTag& tag, RowState state) {
    return inside_->rows.set(detail::sql_set_state, static_cast<std::int64_t>(state), record, tag);
  }
  /// Errors: not_found.
  [[nodiscard]] Result<void> set_expiry(std::uint32_t record, const RowTag& tag, Instant expires) {
    return inside_->rows.set(detail::sql_set_expiry, expires.ms, record, tag);
  }
  /// Cost: all rows.
  [[nodiscard]] Result<std::uint64_t> row_count() { return inside_->rows.count(); }

  /// Starts a transaction of the data file, or joins this thread's running one. The key store has its own. Around calls of
  /// a vault only while no other thread uses that vault: they take locks whose holders elsewhere wait for the file.
  [[nodiscard]] Result<void> begin() { return inside_->data.begin(); }
  /// Ends it; the outermost one makes all of it durable or undoes all of it.
  [[nodiscard]] Result<void> commit() { return inside_->data.commit(); }
  /// Undoes it; after an inner one that changed something, the outer commit() fails.
  void rollback() noexcept { inside_->data.rollback(); }

  [[nodiscard]] KeyStore& key_store() noexcept { return *inside_->keys; }
  [[nodiscard]] LeafStore& leaf_store() noexcept { return inside_->leaves; }
  [[nodiscard]] LedgerStore& ledger_store() noexcept { return inside_->ledger; }

  /// Empties the data file's write-ahead log, so that what was removed is in no file. Errors: locked while another reads.
  [[nodiscard]] Result<void> truncate_wal() { return inside_->data.truncate_wal(inside_->data.busy_ms()); }
  /// Rewrites both files from their live rows alone, for a sweep after many removals. Cost: their size.
  [[nodiscard]] Result<void> compact() {
    if (auto done = inside_->data.compact(); !done) return done;
    return inside_->keys->compact();
  }
  /// Ends both connections; every later call fails with storage_failed.
  void close() noexcept {
    inside_->data.close();
    inside_->keys->close();
  }

 private:
  struct Inside {
    explicit Inside(std::unique_ptr<SqliteKeyStore> opened) : keys(std::move(opened)) {}

    [[nodiscard]] Result<void> open(const detail::SqliteFile& file, const Options& options, std::string_view product,
                                    bool fresh) {
      auto pair = keys->pair();
      if (!pair) return pair.error();
      if (fresh) {
        if (auto made = file.create(); !made) return Error{made.error().code, "data"};
      }
      const detail::SqliteShape shape{1668641636,     1, detail::sqlite_data_tables, "data", options.durable,
                                      options.busy_ms};
      if (auto opened = data.open(file.path(), shape); !opened) return opened;
      return detail::claim_sqlite(data, product, *pair, "data");
    }

    std::unique_ptr<SqliteKeyStore> keys;
    detail::SqliteDb data;
    detail::SqliteRows rows{data};
    detail::SqliteLeaves leaves{data};
    detail::SqliteLedger ledger{data};
  };
  explicit SqliteStore(std::unique_ptr<Inside> inside) noexcept : inside_(std::move(inside)) {}

  std::unique_ptr<Inside> inside_;
};

static_assert(Store<SqliteStore>);

}  // namespace custody::inline v0
