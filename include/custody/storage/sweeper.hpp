// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <custody/storage/erasure.hpp>

namespace custody::inline v0 {

/// What a retention sweep destroyed.
struct SweepReport {
  std::uint64_t rows_removed = 0;
  std::uint64_t fields_removed = 0;   ///< fields that ended before their row
  std::uint64_t persons_erased = 0;   ///< erasures that had waited for a legal minimum
  std::uint64_t unknown_records = 0;  ///< due rows of records that this program does not declare: left alone
};

namespace detail {

/// Destroys what is due: rows, single fields, and persons whose erasure waited. Resumable: a sweep that stops half-way is
/// finished by the next one.
template <class StoreType>
class Sweeper {
 public:
  explicit Sweeper(VaultInside<StoreType>& inside) noexcept : inside_(inside), rows_(inside), eraser_(inside) {}

  [[nodiscard]] Result<SweepReport> sweep() {
    auto now = inside_.core->now();
    if (!now) return now.error();
    SweepReport report;
    for (;;) {
      auto due = inside_.store.expired_rows(*now, page);
      if (!due) return due.error();
      std::uint64_t done = 0;
      for (const StoredRow& row : *due) {
        auto swept = sweep_row(row, *now, report);
        if (!swept) return swept.error();
        done += *swept ? 1 : 0;
      }
      if (done == 0 || due->size() < page) break;
    }
    static_cast<void>(inside_.store.truncate_wal());
    if (auto flushed = inside_.log->flush(); !flushed) return flushed.error();
    return report;
  }

 private:
  /// True when the row is not due any more.
  [[nodiscard]] Result<bool> sweep_row(const StoredRow& row, Instant now, SweepReport& report) {
    if (row.record == person_record) return finish_erasure(row, report);
    const RecordFacts* facts = record_of(row.record);
    if (facts == nullptr) {
      ++report.unknown_records;
      return false;
    }
    const Instant floor = floor_of(*facts, row.collected, inside_.calendar());
    if (floor > now) return postpone(row, floor);
    const Instant ends = row.state == RowState::restricted ? row.expires : rows_.ends_whole(*facts, row);
    if (auto told = tell(row, facts->name); !told) return told.error();
    if (ends.ms != 0 && ends <= now) {
      if (auto removed = rows_.remove(row); !removed) return removed.error();
      ++report.rows_removed;
      return true;
    }
    return drop_fields(row, *facts, now, report);
  }

  [[nodiscard]] Result<bool> postpone(const StoredRow& row, Instant floor) {
    if (auto set = inside_.store.set_expiry(row.record, row.tag, floor); !set) return set.error();
    return true;
  }
  [[nodiscard]] Result<void> tell(const StoredRow& row, const char* record) {
    return inside_.tell(Verb::sweep, row.owners.empty() ? Handle{} : row.owners.front(), record);
  }

  /// Removes the fields whose own date has come, and sets the date of the next.
  [[nodiscard]] Result<bool> drop_fields(StoredRow row, const RecordFacts& facts, Instant now, SweepReport& report) {
    const Instant closed = rows_.last_closing(row);
    for (std::size_t i = 0; i != facts.field_count; ++i) {
      const FieldFacts& field = facts.fields[i];
      const Instant ends = ends_at(field.retention, row.collected, closed, inside_.calendar());
      if (ends.ms == 0 || ends > now || find_cell(row, field.number) == nullptr) continue;
      if (find_cell(row, field.number)->kind != CellKind::sealed) continue;
      if (auto dropped = rows_.drop_index(row, field.number); !dropped) return dropped.error();
      std::erase_if(row.cells, [&](const StoredCell& cell) { return cell.field == field.number; });
      ++report.fields_removed;
    }
    row.expires = row_ends_at(facts, row, closed, inside_.calendar());
    if (auto put = inside_.store.put_row(row); !put) return put.error();
    return row.expires.ms == 0 || row.expires > now;
  }

  [[nodiscard]] Result<bool> finish_erasure(const StoredRow& row, SweepReport& report) {
    if (time_in(row, doomed_cell).ms == 0 || row.owners.empty()) return postpone(row, Instant{});
    auto person = inside_.core->state_of(row.owners.front());
    if (!person) return person.error();
    ErasureCertificate made;
    if (auto told = inside_.tell(Verb::erase, row.owners.front()); !told) return told.error();
    if (auto done = eraser_.destroy(*person, made); !done) return done.error();
    report.rows_removed += made.rows_removed;
    ++report.persons_erased;
    return true;
  }

  static constexpr std::uint64_t page = 500;
  VaultInside<StoreType>& inside_;
  VaultRows<StoreType> rows_;
  Eraser<StoreType> eraser_;
};

}  // namespace detail
}  // namespace custody::inline v0
