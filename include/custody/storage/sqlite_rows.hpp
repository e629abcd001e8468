// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <custody/storage/sqlite_handles.hpp>
#include <custody/storage/sqlite_row.hpp>

namespace custody::inline v0::detail {

inline constexpr Sql sql_find_row{9, "SELECT id,body FROM rows WHERE slot=? AND rest=? AND record=?"};
inline constexpr Sql sql_insert_row{
    10, "INSERT INTO rows(slot,rest,record,grp,version,state,collected,expires,body) VALUES(?,?,?,?,?,?,?,?,?)"};
inline constexpr Sql sql_update_row{11,
                                    "UPDATE rows SET grp=?,version=?,state=?,collected=?,expires=?,body=? WHERE id=?"};
inline constexpr Sql sql_link{12, "INSERT OR IGNORE INTO links(person,row,record) VALUES(?,?,?)"};
inline constexpr Sql sql_unlink{13, "DELETE FROM links WHERE person=? AND row=?"};
inline constexpr Sql sql_get_row{14,
                                 "SELECT id,slot,rest,record,grp,version,state,collected,expires,body FROM rows WHERE "
                                 "slot=? AND rest=? AND record=?"};
inline constexpr Sql sql_rows_of{
    15,
    "SELECT r.id,r.slot,r.rest,r.record,r.grp,r.version,r.state,r.collected,r.expires,r.body FROM links l "
    "CROSS JOIN rows r ON r.id=l.row WHERE l.person=?1 AND (?2=0 OR l.record=?2) ORDER BY l.row LIMIT ?3 OFFSET ?4"};
inline constexpr Sql sql_expired{16,
                                 "SELECT id,slot,rest,record,grp,version,state,collected,expires,body FROM rows "
                                 "WHERE expires>0 AND expires<=? ORDER BY expires,id LIMIT ?"};
inline constexpr Sql sql_scan{
    17, "SELECT id,slot,rest,record,grp,version,state,collected,expires,body FROM rows WHERE id>? ORDER BY id LIMIT ?"};
inline constexpr Sql sql_delete_row{18, "DELETE FROM rows WHERE id=?"};
inline constexpr Sql sql_body{19, "SELECT body FROM rows WHERE id=?"};
inline constexpr Sql sql_ids_of{20, "SELECT row FROM links WHERE person=? ORDER BY row"};
inline constexpr Sql sql_is_linked{21, "SELECT 1 FROM links WHERE person=? AND row=?"};
inline constexpr Sql sql_unlink_all{22, "DELETE FROM links WHERE person=?"};
inline constexpr Sql sql_set_state{23, "UPDATE rows SET state=? WHERE slot=? AND rest=? AND record=?"};
inline constexpr Sql sql_set_expiry{24, "UPDATE rows SET expires=? WHERE slot=? AND rest=? AND record=?"};
inline constexpr Sql sql_rows_after{
    31,
    "SELECT r.id,r.slot,r.rest,r.record,r.grp,r.version,r.state,r.collected,r.expires,r.body FROM links l "
    "CROSS JOIN rows r ON r.id=l.row WHERE l.person=? AND l.row>? ORDER BY l.row LIMIT ?"};
inline constexpr Sql sql_count_rows{25, "SELECT count(*) FROM rows"};

/// The rows of a data file. Thread-safe through the database's lock. A row has one link to each of its owners; the link
/// goes when the owner leaves, the row's list of owners stays, because the row was sealed under it.
class SqliteRows {
 public:
  explicit SqliteRows(SqliteDb& db) noexcept : db_(&db), handles_(db) {}

  /// Puts a row in place of the one with its record and tag. An owner that had left stays away.
  [[nodiscard]] Result<void> put(const StoredRow& row) {
    SqliteWork work(*db_);
    if (!work) return work.error();
    std::vector<std::int64_t> owners;
    owners.reserve(row.owners.size());
    for (const Handle& owner : row.owners) {
      auto number = handles_.intern(owner);
      if (!number) return number.error();
      owners.push_back(*number);
    }
    auto conversation = handles_.intern(row.conversation);
    if (!conversation) return conversation.error();
    auto before = find(row.record, row.tag);
    if (!before && before.error().code != Errc::not_found) return before.error();
    encode_body(owners, row.cells, body_);
    auto done = before ? update(row, *conversation, *before, owners) : insert(row, *conversation, owners);
    return done ? work.finish() : done;
  }
  [[nodiscard]] Result<StoredRow> get(std::uint32_t record, const RowTag& tag) {
    const Lock lock(db_->mutex());
    auto query = db_->query(sql_get_row);
    auto found = query.number(tag_half(tag, 0)).number(tag_half(tag, 1)).number(record).row();
    if (!found) return found.error();
    if (!*found) return Errc::not_found;
    return read(query);
  }
  [[nodiscard]] Result<void> remove(std::uint32_t record, const RowTag& tag) {
    SqliteWork work(*db_);
    if (!work) return work.error();
    auto row = find(record, tag);
    if (!row) return row.error();
    if (auto gone = unlink(*row); !gone) return gone;
    if (auto gone = db_->query(sql_delete_row).number(row->id).run(); !gone) return gone;
    return work.finish();
  }
  [[nodiscard]] Result<std::vector<StoredRow>> of(const Handle& who, std::uint32_t record, std::uint64_t offset,
                                                  std::uint64_t limit) {
    const Lock lock(db_->mutex());
    auto person = handles_.find(who);
    if (!person) return person.error();
    if (*person == 0) return std::vector<StoredRow>();
    auto query = db_->query(sql_rows_of);
    query.number(*person).number(record).number(clamp(limit)).number(clamp(offset));
    return read_all(query);
  }
  /// Removes the rows that nobody else owns and the links to the others; gives the number of rows removed.
  [[nodiscard]] Result<std::uint64_t> remove_of(const Handle& who) {
    SqliteWork work(*db_);
    if (!work) return work.error();
    auto person = handles_.find(who);
    if (!person) return person.error();
    auto ids = ids_of(*person);
    if (!ids) return ids.error();
    if (auto gone = db_->query(sql_unlink_all).number(*person).run(); !gone) return gone.error();
    std::uint64_t removed = 0;
    for (const std::int64_t id : *ids) {
      auto shared = is_owned(id);
      if (!shared) return shared.error();
      if (*shared) continue;
      if (auto gone = db_->query(sql_delete_row).number(id).run(); !gone) return gone.error();
      ++removed;
    }
    if (auto done = work.finish(); !done) return done.error();
    return removed;
  }
  /// A row that is damaged comes with its place alone: it must not hide the others.
  [[nodiscard]] Result<std::vector<StoredRow>> expired(Instant now, std::uint64_t limit) {
    const Lock lock(db_->mutex());
    auto query = db_->query(sql_expired);
    std::vector<StoredRow> rows;
    auto more = query.number(now.ms).number(clamp(limit)).row();
    for (; more && *more; more = query.row()) {
      auto row = read(query);
      if (!row && !(row.error() == Errc::malformed)) return row.error();
      rows.push_back(row ? std::move(*row) : place_at(query));
    }
    if (!more) return more.error();
    return rows;
  }
  /// The next rows of one person after a place, which moves on; 0 to start. A damaged row comes with its place alone.
  [[nodiscard]] Result<std::vector<StoredRow>> after(const Handle& who, std::uint64_t& after, std::uint64_t limit) {
    const Lock lock(db_->mutex());
    auto person = handles_.find(who);
    if (!person) return person.error();
    if (*person == 0) return std::vector<StoredRow>();
    auto query = db_->query(sql_rows_after);
    query.number(*person).number(clamp(after)).number(clamp(limit));
    return read_all(query, &after);
  }
  /// The next rows of all persons after a place, which moves on; 0 to start. A damaged row comes with its place alone.
  [[nodiscard]] Result<std::vector<StoredRow>> scan(std::uint64_t& after, std::uint64_t limit) {
    const Lock lock(db_->mutex());
    auto query = db_->query(sql_scan);
    query.number(clamp(after)).number(clamp(limit));
    return read_all(query, &after);
  }
  [[nodiscard]] Result<void> set(const Sql& sql, std::int64_t value, std::uint32_t record, const RowTag& tag) {
    SqliteWork work(*db_);
    if (!work) return work.error();
    auto done = db_->query(sql).number(value).number(tag_half(tag, 0)).number(tag_half(tag, 1)).number(record).run();
    if (!done) return done;
    if (!db_->changed()) return Errc::not_found;
    return work.finish();
  }
  [[nodiscard]] Result<std::uint64_t> count() {
    const Lock lock(db_->mutex());
    auto query = db_->query(sql_count_rows);
    auto row = query.row();
    if (!row) return row.error();
    return *row ? from_sql(query.number_at(0)) : 0;
  }

 private:
  struct Found {
    std::int64_t id = 0;
    std::vector<std::int64_t> owners;
  };
  [[nodiscard]] static std::int64_t clamp(std::uint64_t value) noexcept {
    return value > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(value);
  }
  [[nodiscard]] Result<Found> find(std::uint32_t record, const RowTag& tag) {
    auto query = db_->query(sql_find_row);
    auto row = query.number(tag_half(tag, 0)).number(tag_half(tag, 1)).number(record).row();
    if (!row) return row.error();
    if (!*row) return Errc::not_found;
    Found found{query.number_at(0), {}};
    ByteView body = query.blob_at(1);
    if (!decode_owners(body, found.owners)) return Error{Errc::malformed, "data"};
    return found;
  }
  [[nodiscard]] Result<void> insert(const StoredRow& row, std::int64_t conversation,
                                    const std::vector<std::int64_t>& owners) {
    auto query = db_->query(sql_insert_row);
    query.number(tag_half(row.tag, 0)).number(tag_half(row.tag, 1)).number(row.record).number(conversation);
    query.number(sql_number(row.version)).number(static_cast<std::int64_t>(row.state)).number(row.collected.ms);
    if (auto put = query.number(row.expires.ms).blob(body_).run(); !put) return put;
    return link(db_->last_id(), row.record, owners, {});
  }
  [[nodiscard]] Result<void> update(const StoredRow& row, std::int64_t conversation, const Found& before,
                                    const std::vector<std::int64_t>& owners) {
    auto query = db_->query(sql_update_row);
    query.number(conversation).number(sql_number(row.version)).number(static_cast<std::int64_t>(row.state));
    query.number(row.collected.ms).number(row.expires.ms).blob(body_).number(before.id);
    if (auto put = query.run(); !put) return put;
    if (owners == before.owners) return {};
    for (const std::int64_t old : before.owners) {
      if (std::find(owners.begin(), owners.end(), old) != owners.end()) continue;
      if (auto gone = db_->query(sql_unlink).number(old).number(before.id).run(); !gone) return gone;
    }
    return link(before.id, row.record, owners, before.owners);
  }
  /// Links a row to its owners, but for those in `known`, who are linked or have left.
  [[nodiscard]] Result<void> link(std::int64_t id, std::uint32_t record, const std::vector<std::int64_t>& owners,
                                  const std::vector<std::int64_t>& known) {
    for (const std::int64_t owner : owners) {
      if (std::find(known.begin(), known.end(), owner) != known.end()) continue;
      if (auto put = db_->query(sql_link).number(owner).number(id).number(record).run(); !put) return put;
    }
    return {};
  }
  [[nodiscard]] Result<void> unlink(const Found& row) {
    for (const std::int64_t owner : row.owners) {
      if (auto gone = db_->query(sql_unlink).number(owner).number(row.id).run(); !gone) return gone;
    }
    return {};
  }
  [[nodiscard]] Result<std::vector<std::int64_t>> ids_of(std::int64_t person) {
    std::vector<std::int64_t> ids;
    auto query = db_->query(sql_ids_of);
    auto row = query.number(person).row();
    for (; row && *row; row = query.row()) ids.push_back(query.number_at(0));
    if (!row) return row.error();
    return ids;
  }
  /// Whether a row is still linked to one of its owners.
  [[nodiscard]] Result<bool> is_owned(std::int64_t id) {
    std::vector<std::int64_t> owners;
    {
      auto query = db_->query(sql_body);
      auto row = query.number(id).row();
      if (!row || !*row) return row;
      ByteView body = query.blob_at(0);
      if (!decode_owners(body, owners)) return Error{Errc::malformed, "data"};
    }
    for (const std::int64_t owner : owners) {
      auto linked = db_->query(sql_is_linked).number(owner).number(id).row();
      if (!linked || *linked) return linked;
    }
    return false;
  }
  [[nodiscard]] static StoredRow place_at(const SqliteQuery& query) {
    StoredRow row;
    row.tag = tag_of(query.number_at(1), query.number_at(2));
    row.record = static_cast<std::uint32_t>(query.number_at(3));
    return row;
  }
  /// The row under a query's cursor.
  [[nodiscard]] Result<StoredRow> read(const SqliteQuery& query) {
    StoredRow row = place_at(query);
    auto conversation = handles_.handle_of(query.number_at(4));
    if (!conversation) return conversation.error();
    row.conversation = *conversation;
    row.version = from_sql(query.number_at(5));
    row.state = static_cast<RowState>(query.number_at(6));
    row.collected = {query.number_at(7)};
    row.expires = {query.number_at(8)};
    ByteView body = query.blob_at(9);
    const bool state_known = row.state == RowState::active || row.state == RowState::restricted;
    std::vector<std::int64_t> owners;
    const bool good = state_known && decode_owners(body, owners) && decode_cells(body, row.cells);
    if (!good) return Error{Errc::malformed, "data"};
    for (const std::int64_t owner : owners) {
      auto handle = handles_.handle_of(owner);
      if (!handle) return handle.error();
      row.owners.push_back(*handle);
    }
    return row;
  }
  [[nodiscard]] Result<std::vector<StoredRow>> read_all(SqliteQuery& query, std::uint64_t* last = nullptr) {
    std::vector<StoredRow> rows;
    auto more = query.row();
    for (; more && *more; more = query.row()) {
      auto row = read(query);
      if (!row && (last == nullptr || !(row.error() == Errc::malformed))) return row.error();
      rows.push_back(row ? std::move(*row) : place_at(query));
      if (last != nullptr) *last = from_sql(query.number_at(0));
    }
    if (!more) return more.error();
    return rows;
  }

  SqliteDb* db_;
  SqliteHandles handles_;
  Bytes body_;
};

}  // namespace custody::inline v0::detail
