// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string_view>
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

/// Destroys what is due, page by page: rows, single fields, and persons whose erasure waited. A page costs one wait for
/// the evidence, which comes first, and one each for keys and data. Resumable: whatever stops a sweep, a row is either gone
/// or still due, and found by the next one. A row that cannot be removed is refused on record and does not stop the rest.
template <class StoreType>
class Sweeper {
 public:
  explicit Sweeper(VaultInside<StoreType>& inside) noexcept
      : inside_(inside), rows_(inside), index_(inside), eraser_(inside) {}

  /// Errors: that of the first row that could not be removed, when the rest is done; clock_set_back, evidence_unwritable
  /// and those of files that cannot be written, at once.
  [[nodiscard]] Result<SweepReport> sweep() {
    auto now = inside_.core->now();
    if (!now) return now.error();
    now_ = *now;
    for (bool more = true; more;) {
      const std::uint64_t limit = page + left_.size();  // what is left alone comes first again
      auto due = inside_.store.expired_rows(now_, limit);
      if (!due) return due.error();
      more = due->size() >= limit;
      auto done = sweep_page(std::move(*due));
      if (auto told = tell_failed(); !told) return told.error();
      if (!done) return done.error();
    }
    static_cast<void>(inside_.store.truncate_wal());
    if (auto flushed = inside_.log->flush(); !flushed) return flushed.error();
    if (first_error_) return *first_error_;
    return report_;
  }

 private:
  using Name = std::pair<std::uint32_t, RowTag>;
  [[nodiscard]] static Name name_of_row(const StoredRow& row) { return {row.record, row.tag}; }

  /// A person whose erasure waited; no state when the keys are gone already.
  struct Doomed {
    StoredRow row;
    Ref<SubjectState> state;
  };
  /// What one transaction is going to change.
  struct Plan {
    std::vector<StoredRow> removed;
    std::vector<StoredRow> cut;  ///< lose fields
    std::vector<StoredRow> postponed;
    std::vector<IndexRow> index;
    typename RowIndex<StoreType>::Known known;
    std::uint64_t fields = 0;
  };
  /// How a transaction ended, and whether a row is to blame or the files.
  struct Outcome {
    Result<void> done;
    bool by_row = false;
  };

  [[nodiscard]] Result<void> sweep_page(std::vector<StoredRow> due) {
    std::vector<StoredRow> rows;
    std::vector<Doomed> persons;
    for (StoredRow& row : due) {
      if (left_.contains(name_of_row(row))) continue;
      if (row.record == person_record) {
        left_.insert(name_of_row(row));
        if (auto known = look_at_person(row, persons); !known) fail(row, known.error());
      } else if (record_of(row.record) == nullptr) {
        left_.insert(name_of_row(row));
        ++report_.unknown_records;
      } else {
        rows.push_back(std::move(row));
      }
    }
    if (auto told = tell(rows); !told) return told;
    if (auto done = sweep_rows(rows); !done) return done;
    for (const Doomed& person : persons) {
      auto done = finish_erasure(person);
      if (done) continue;
      fail(person.row, done.error(), Verb::erase);  // first: the line before said that it was done
      if (done.error() == Errc::locked) return done;
    }
    return {};
  }

  /// The evidence of a page: written before anything of it is destroyed, or nothing is.
  [[nodiscard]] Result<void> tell(std::span<const StoredRow> rows) {
    std::vector<Event> events;
    for (const StoredRow& row : rows) events.push_back(event_of(Verb::sweep, row));
    for (Event& event : events) event.granted = true;
    return events.empty() ? Result<void>() : inside_.core->record(events.data(), events.size());
  }
  [[nodiscard]] static Event event_of(Verb verb, const StoredRow& row) {
    Event event;
    event.verb = verb;
    if (!row.owners.empty()) event.subject = row.owners.front();
    if (const RecordFacts* facts = record_of(row.record); facts != nullptr) event.record = facts->name;
    return event;
  }
  void fail(const StoredRow& row, Error error, Verb verb = Verb::sweep) {
    left_.insert(name_of_row(row));
    Event event = event_of(verb, row);
    event.reason = error.code;
    event.field = error.where;
    failed_.push_back(event);
    if (!first_error_) first_error_ = error;
  }
  [[nodiscard]] Result<void> tell_failed() {
    auto told = failed_.empty() ? Result<void>() : inside_.core->record(failed_.data(), failed_.size());
    failed_.clear();
    return told;
  }

  /// All of them at once; one by one when one of them fails.
  [[nodiscard]] Result<void> sweep_rows(std::span<const StoredRow> rows) {
    if (rows.empty()) return {};
    const Outcome all = sweep_together(rows);
    if (all.done || !all.by_row) return all.done;
    for (const StoredRow& row : rows) {
      if (left_.contains(name_of_row(row))) continue;
      const Outcome one = sweep_together({&row, 1});
      if (one.done) continue;
      if (!one.by_row) return one.done;
      fail(row, one.done.error());
    }
    return {};
  }
  /// Index rows go first: a crash in between leaves rows that are still due. Records nothing: whoever writes evidence
  /// waits for the data file, which is held here.
  [[nodiscard]] Outcome sweep_together(std::span<const StoredRow> due) {
    if (auto begun = inside_.store.begin(); !begun) return {begun};
    Plan plan;
    for (const StoredRow& row : due) {
      if (auto looked = look_at(row, plan); !looked) fail(row, looked.error());
    }
    Outcome out{index_.drop(plan.index)};
    if (out.done) {
      out.done = change(plan);
      out.by_row = !out.done;
    }
    if (!out.done) {
      inside_.store.rollback();
      return out;
    }
    out.done = inside_.store.commit();
    if (!out.done) return out;
    report_.rows_removed += plan.removed.size();
    report_.fields_removed += plan.fields;
    for (const StoredRow& row : plan.cut) {
      if (row.expires.ms != 0 && !(row.expires > now_)) left_.insert(name_of_row(row));
    }
    return out;
  }
  /// Looks at a row once more, since somebody may have put it again meanwhile.
  [[nodiscard]] Result<void> look_at(const StoredRow& due, Plan& plan) {
    auto row = inside_.store.get_row(due.record, due.tag);
    if (!row) return row.error() == Errc::not_found ? Result<void>() : Result<void>(row.error());
    if (row->expires.ms == 0 || row->expires > now_) return {};
    const RecordFacts& facts = *record_of(due.record);
    if (const Instant floor = floor_of(facts, *row, inside_.calendar()); floor > now_) {
      row->expires = floor;
      plan.postponed.push_back(std::move(*row));
      return {};
    }
    auto ends = row->state == RowState::restricted ? Result<Instant>(row->expires) : rows_.ends_whole(facts, *row);
    if (!ends) return ends.error();
    if (ends->ms == 0 || *ends > now_) return cut(std::move(*row), facts, plan);
    if (auto listed = index_.list(*row, 0, plan.known, plan.index); !listed) return listed;
    plan.removed.push_back(std::move(*row));
    return {};
  }
  /// Takes away the fields whose own date has come, and sets the date of the next.
  [[nodiscard]] Result<void> cut(StoredRow row, const RecordFacts& facts, Plan& plan) {
    auto closed = rows_.last_closing(row);
    if (!closed) return closed.error();
    std::vector<IndexRow> index;
    std::uint64_t fields = 0;
    for (std::size_t i = 0; i != facts.field_count; ++i) {
      const FieldFacts& field = facts.fields[i];
      const Instant ends = ends_at(field.retention, collected_at(row, field.number), *closed, inside_.calendar());
      const StoredCell* cell = find_cell(row, field.number);
      if (ends.ms == 0 || ends > now_ || cell == nullptr || cell->kind != CellKind::sealed) continue;
      if (auto listed = index_.list(row, field.number, plan.known, index); !listed) return listed;
      cut_field(row, field.number);
      ++fields;
    }
    row.expires = row_ends_at(facts, row, *closed, inside_.calendar());
    plan.index.insert(plan.index.end(), index.begin(), index.end());
    plan.fields += fields;
    plan.cut.push_back(std::move(row));
    return {};
  }
  [[nodiscard]] Result<void> change(const Plan& plan) {
    for (const StoredRow& row : plan.removed) {
      if (auto gone = inside_.store.remove_row(row.record, row.tag); !gone) return gone;
    }
    for (const StoredRow& row : plan.cut) {
      if (auto put = inside_.store.put_row(row); !put) return put;
    }
    for (const StoredRow& row : plan.postponed) {
      if (auto set = inside_.store.set_expiry(row.record, row.tag, row.expires); !set) return set;
    }
    return {};
  }

  [[nodiscard]] Result<void> look_at_person(const StoredRow& due, std::vector<Doomed>& persons) {
    auto row = inside_.store.get_row(due.record, due.tag);
    if (!row) return row.error() == Errc::not_found ? Result<void>() : Result<void>(row.error());
    if (time_in(*row, doomed_cell).ms == 0 || row->owners.empty())
      return inside_.store.set_expiry(row->record, row->tag, Instant{});
    auto state = inside_.core->state_of(row->owners.front());
    if (!state && !(state.error() == Errc::destroyed)) return state.error();
    persons.push_back({std::move(*row), state ? std::move(*state) : Ref<SubjectState>()});
    return {};
  }
  [[nodiscard]] Result<void> finish_erasure(const Doomed& person) {
    if (!person.state) return forget_rows(person.row.owners.front());
    if (auto told = inside_.tell(Verb::erase, person.state->handle()); !told) return told;
    ErasureCertificate made;
    if (auto done = eraser_.destroy(person.state, made); !done) return done;
    inside_.set_erasing(person.state->handle(), false);
    report_.rows_removed += made.rows_removed;
    ++report_.persons_erased;
    return {};
  }
  /// The keys are gone already: an earlier sweep stopped here.
  [[nodiscard]] Result<void> forget_rows(const Handle& person) {
    auto removed = inside_.store.remove_rows_of(person);
    if (!removed) return removed.error();
    report_.rows_removed += *removed;
    return {};
  }

  static constexpr std::uint64_t page = 500;
  VaultInside<StoreType>& inside_;
  VaultRows<StoreType> rows_;
  RowIndex<StoreType> index_;
  Eraser<StoreType> eraser_;
  Instant now_{};
  SweepReport report_;
  std::set<Name> left_;  ///< still due, and not to be looked at again
  std::vector<Event> failed_;
  std::optional<Error> first_error_;
};

}  // namespace detail
}  // namespace custody::inline v0
