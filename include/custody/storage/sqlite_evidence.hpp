// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <custody/evidence/evidence_store.hpp>
#include <custody/storage/sqlite_db.hpp>

namespace custody::inline v0::detail {

inline constexpr Sql sql_count_leaves{26, "SELECT max(n)+1 FROM leaves"};
inline constexpr Sql sql_append_leaf{27, "INSERT INTO leaves(n,leaf) VALUES(?,?)"};
inline constexpr Sql sql_read_leaves{28, "SELECT leaf FROM leaves WHERE n>=? ORDER BY n LIMIT ?"};
inline constexpr Sql sql_append_ledger{29, "INSERT INTO ledger(subject,line,entry) VALUES(?,?,?)"};
inline constexpr Sql sql_ledger_of{30, "SELECT entry FROM ledger WHERE subject=? ORDER BY n"};

/// The audit log's leaves in a data file. Appending inside a store transaction of the same thread joins it.
class SqliteLeaves final : public LeafStore {
 public:
  explicit SqliteLeaves(SqliteDb& db) noexcept : db_(&db) {}

  [[nodiscard]] Result<void> append_leaves(std::uint64_t first, std::span<const Bytes> leaves) override {
    SqliteWork work(*db_);
    if (!work) return work.error();
    auto count = leaf_count();
    if (!count) return count.error();
    if (*count != first) return Errc::already_there;
    for (const Bytes& leaf : leaves) {
      if (auto put = db_->query(sql_append_leaf).number(sql_number(first++)).blob(leaf).run(); !put) return put;
    }
    return work.finish();
  }
  [[nodiscard]] Result<std::uint64_t> leaf_count() override {
    const Lock lock(db_->mutex());
    auto query = db_->query(sql_count_leaves);
    auto row = query.row();
    if (!row) return row.error();
    return *row ? from_sql(query.number_at(0)) : 0;
  }
  [[nodiscard]] Result<std::vector<Bytes>> read_leaves(std::uint64_t first, std::uint64_t count) override {
    const Lock lock(db_->mutex());
    std::vector<Bytes> leaves;
    if (first > INT64_MAX) return leaves;
    auto query = db_->query(sql_read_leaves);
    const std::int64_t limit = count > INT64_MAX ? INT64_MAX : sql_number(count);
    auto row = query.number(sql_number(first)).number(limit).row();
    for (; row && *row; row = query.row()) {
      const ByteView leaf = query.blob_at(0);
      leaves.emplace_back(leaf.begin(), leaf.end());
    }
    if (!row) return row.error();
    return leaves;
  }

 private:
  SqliteDb* db_;
};

/// The bytes of a ledger line, without its subject, which is a column.
[[nodiscard]] inline Bytes encode_ledger(const LedgerRow& row) {
  Bytes line;
  Canonical(line)
      .number(static_cast<std::uint8_t>(row.verb))
      .part(row.purpose)
      .number(static_cast<std::uint8_t>(row.form))
      .part(row.notice)
      .part(row.notice_hash)
      .part(row.categories)
      .number(row.age_band)
      .raw(row.guardian.bytes)
      .number(from_sql(row.at.ms))
      .part(row.terms_hash)
      .number(row.line)
      .part(row.seal);
  return line;
}
[[nodiscard]] inline Bytes owned(ByteView view) { return {view.begin(), view.end()}; }
/// Reads one; false when malformed.
[[nodiscard]] inline bool decode_ledger(ByteView line, LedgerRow& row) {
  CanonicalReader reader(line);
  const auto verb = reader.number<std::uint8_t>();
  row.purpose = std::string(as_text(reader.part()));
  const auto form = reader.number<std::uint8_t>();
  row.notice = std::string(as_text(reader.part()));
  row.notice_hash = owned(reader.part());
  row.categories = std::string(as_text(reader.part()));
  row.age_band = reader.number<std::uint8_t>();
  const ByteView guardian = reader.raw(row.guardian.bytes.size());
  row.at = {sql_number(reader.number<std::uint64_t>())};
  row.terms_hash = owned(reader.part());
  row.line = reader.number<std::uint64_t>();
  row.seal = owned(reader.part());
  if (!reader.at_end() || verb < 1 || verb > 8 || form < 1 || form > 3) return false;
  std::memcpy(row.guardian.bytes.data(), guardian.data(), guardian.size());
  row.verb = static_cast<LedgerVerb>(verb);
  row.form = static_cast<ConsentForm>(form);
  return true;
}

/// The consent ledger in a data file. Appending inside a store transaction of the same thread joins it.
class SqliteLedger final : public LedgerStore {
 public:
  explicit SqliteLedger(SqliteDb& db) noexcept : db_(&db) {}

  [[nodiscard]] Result<void> append_ledger(std::span<const LedgerRow> rows) override {
    SqliteWork work(*db_);
    if (!work) return work.error();
    for (const LedgerRow& row : rows) {
      const Bytes entry = encode_ledger(row);
      auto query = db_->query(sql_append_ledger);
      if (auto put = query.blob(row.subject).number(sql_number(row.line)).blob(entry).run(); !put) return put;
    }
    return work.finish();
  }
  [[nodiscard]] Result<std::vector<LedgerRow>> ledger_of(const Handle& subject) override {
    const Lock lock(db_->mutex());
    std::vector<LedgerRow> rows;
    auto query = db_->query(sql_ledger_of);
    auto found = query.blob(subject).row();
    for (; found && *found; found = query.row()) {
      LedgerRow row;
      row.subject = subject;
      if (!decode_ledger(query.blob_at(0), row)) return Error{Errc::malformed, "data"};
      rows.push_back(std::move(row));
    }
    if (!found) return found.error();
    return rows;
  }

 private:
  SqliteDb* db_;
};

}  // namespace custody::inline v0::detail
