// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <unistd.h>

#include <custody/crypto/entropy.hpp>
#include <custody/keys/secret_file.hpp>
#include <custody/storage/sqlite_db.hpp>

namespace custody::inline v0::detail {

/// The random number that a data file and its key file share, so that one of another pair is noticed.
using PairId = std::array<std::byte, 16>;

inline constexpr Sql sql_get_meta{4, "SELECT value FROM meta WHERE name=?"};
inline constexpr Sql sql_put_meta{5,
                                  "INSERT INTO meta(name,value) VALUES(?,?) ON CONFLICT(name) "
                                  "DO UPDATE SET value=excluded.value"};

[[nodiscard]] inline Result<Bytes> sqlite_meta(SqliteDb& db, std::string_view name) {
  const Lock lock(db.mutex());
  auto query = db.query(sql_get_meta);
  auto row = query.text(name).row();
  if (!row) return row.error();
  if (!*row) return Errc::not_found;
  const ByteView value = query.blob_at(0);
  return Bytes(value.begin(), value.end());
}
[[nodiscard]] inline Result<void> put_sqlite_meta(SqliteDb& db, std::string_view name, ByteView value) {
  const Lock lock(db.mutex());
  return db.query(sql_put_meta).text(name).blob(value).run();
}

/// Whether a database was made for this product, and for this pair unless `pair` is empty. Errors: wrong_schema.
[[nodiscard]] inline Result<void> check_sqlite_claim(SqliteDb& db, std::string_view product, ByteView pair,
                                                     const char* name) {
  auto owner = sqlite_meta(db, "product");
  if (!owner) return owner.error();
  auto twin = sqlite_meta(db, "pair");
  if (!twin) return twin.error();
  const bool same = as_text(*owner) == product && (pair.empty() || as_text(*twin) == as_text(pair));
  if (!same) return Error{Errc::wrong_schema, name};
  return {};
}
/// The same, but an unmarked database is marked.
[[nodiscard]] inline Result<void> claim_sqlite(SqliteDb& db, std::string_view product, ByteView pair,
                                               const char* name) {
  auto known = check_sqlite_claim(db, product, pair, name);
  if (known || known.error().code != Errc::not_found) return known;
  SqliteWork work(db);
  if (!work) return work.error();
  known = check_sqlite_claim(db, product, pair, name);
  if (known || known.error().code != Errc::not_found) return known;
  if (auto put = put_sqlite_meta(db, "pair", pair); !put) return put;
  if (auto put = put_sqlite_meta(db, "product", as_bytes(product)); !put) return put;
  return work.finish();
}

/// Wrapped keys lie in `slots`, in rows that are appended, overwritten in place and used again, never moved or deleted:
/// SQLite may leave copies behind of what it moves. Entries of the index are of one size for the same reason.
inline constexpr const char* sqlite_key_tables = R"(
PRAGMA application_id=1668641643; PRAGMA user_version=1;
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE facts(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE slots(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE free_slots(size INTEGER, id INTEGER, PRIMARY KEY(size,id)) WITHOUT ROWID;
CREATE TABLE wraps(handle BLOB, generation INTEGER, holder BLOB, slot INTEGER NOT NULL,
  PRIMARY KEY(handle,generation,holder)) WITHOUT ROWID;
CREATE INDEX wraps_held ON wraps(holder,handle);
CREATE TABLE newest(handle BLOB PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE tombstones(handle BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE found_by_value(entry BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE found_by_subject(entry BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE counters(handle BLOB, generation INTEGER, used INTEGER NOT NULL, PRIMARY KEY(handle,generation)) WITHOUT ROWID;
CREATE TABLE epochs(handle BLOB PRIMARY KEY, epoch INTEGER NOT NULL) WITHOUT ROWID;
)";

[[nodiscard]] inline SqliteShape sqlite_key_shape(int busy_ms) noexcept {
  return {1668641643, 1, sqlite_key_tables, "keys", true, busy_ms};
}

/// Makes a key file under a name nobody can guess, whole and on disk, and only then gives it its own name: a key file is
/// never empty, so an empty one is damage. Fine when another process was faster.
[[nodiscard]] inline Result<void> create_sqlite_keys(const SqliteFile& file, std::string_view product, int busy_ms) {
  auto place = SecretPlace::of(file.path());
  if (!place) return place.error();
  std::string temporary;
  auto handle = place->create_temporary(temporary);
  if (!handle) return file.folder_writable() ? handle.error() : Error{Errc::read_only, "keys"};
  const std::string full = file.path().substr(0, file.path().size() - place->name.size()) + temporary;
  PairId pair{};
  Result<void> done = draw_entropy(pair) ? Result<void>() : Result<void>(Errc::no_randomness);
  {
    SqliteDb db;
    if (done) done = db.open(full, sqlite_key_shape(busy_ms));
    if (done) done = claim_sqlite(db, product, pair, "keys");
    if (done) done = db.truncate_wal(busy_ms);
  }
  if (done) done = place->publish(*handle, temporary, false);
  for (const char* tail : {"", "-wal", "-shm"}) static_cast<void>(::unlink((full + tail).c_str()));
  if (!done && done.error() == Errc::already_there) return {};
  return done;
}

}  // namespace custody::inline v0::detail
