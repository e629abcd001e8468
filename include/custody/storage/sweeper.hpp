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
    for (std::uint64_t stays = 0;;) {
      const std::uint64_t limit = page + stays;  // what is left alone comes first again
      auto due = inside_.store.expired_rows(*now, limit);
      if (!due) return due.error();
      report.unknown_records = 0;
      stays = 0;
      for (const StoredRow& row : *due) {
        auto swept = sweep_row(row, *now, report);
        if (!swept) return swept.error();
        stays += *swept ? 0U : 1U;
      }
      if (due->size() < limit) break;
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
    if (auto told = tell(row, facts->name); !told) return told.error();
    if (auto begun = inside_.store.begin(); !begun) return begun.error();
    auto done = sweep_now(row, *facts, now, report);
    if (!done) {
      inside_.store.rollback();
      return done;
    }
    if (auto ended = inside_.store.commit(); !ended) return ended.error();
    return done;
  }
  /// Looks at the row once more, since somebody may have put it again meanwhile.
  [[nodiscard]] Result<bool> sweep_now(const StoredRow& due, const RecordFacts& facts, Instant now,
                                       SweepReport& report) {
    auto row = inside_.store.get_row(due.record, due.tag);
    if (!row) return row.error() == Errc::not_found ? Result<bool>(true) : Result<bool>(row.error());
    if (row->expires.ms == 0 || row->expires > now) return true;
    const Instant floor = floor_of(facts, *row, inside_.calendar());
    if (floor > now) return postpone(*row, floor);
    const Instant ends = row->state == RowState::restricted ? row->expires : rows_.ends_whole(facts, *row);
    if (ends.ms == 0 || ends > now) return drop_fields(std::move(*row), facts, now, report);
    if (auto removed = rows_.remove(*row); !removed) return removed.error();
    ++report.rows_removed;
    return true;
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
      const Instant ends = ends_at(field.retention, collected_at(row, field.number), closed, inside_.calendar());
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
    if (!person) return person.error() == Errc::destroyed ? forget_rows(row.owners.front(), report) : person.error();
    ErasureCertificate made;
    if (auto told = inside_.tell(Verb::erase, row.owners.front()); !told) return told.error();
    if (auto done = eraser_.destroy(*person, made); !done) return done.error();
    report.rows_removed += made.rows_removed;
    ++report.persons_erased;
    return true;
  }

  /// The keys are gone already: an earlier sweep stopped here.
  [[nodiscard]] Result<bool> forget_rows(const Handle& person, SweepReport& report) {
    auto removed = inside_.store.remove_rows_of(person);
    if (!removed) return removed.error();
    report.rows_removed += *removed;
    return true;
  }

  static constexpr std::uint64_t page = 500;
  VaultInside<StoreType>& inside_;
  VaultRows<StoreType> rows_;
  Eraser<StoreType> eraser_;
};

}  // namespace detail
}  // namespace custody::inline v0
