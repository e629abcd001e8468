// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <custody/storage/vault_rows.hpp>

namespace custody::inline v0 {

/// What an erasure did. The handle means nothing any more; the checkpoint commits to the log entry of the erasure.
struct ErasureCertificate {
  Handle subject{};
  Instant at{};
  bool keys_destroyed = false;       ///< false when a legal minimum still runs: see `held_until`
  std::uint64_t rows_removed = 0;    ///< rows that only this person owned
  std::uint64_t rows_held = 0;       ///< rows restricted until their legal minimum ends (PIPL Art. 47)
  Instant held_until{};              ///< when the sweep destroys what is held; ms 0 when nothing is
  std::string log_checkpoint;        ///< signed note over the log that holds the erasure
};

namespace detail {

/// Erases persons: destroys keys and index rows, then removes the rows; what a law wants kept is restricted until its day.
template <class StoreType>
class Eraser {
 public:
  explicit Eraser(VaultInside<StoreType>& inside) noexcept : inside_(inside), rows_(inside) {}

  [[nodiscard]] Result<ErasureCertificate> erase(const Ref<SubjectState>& person) {
    if (release_depth() != 0) return Errc::inside_release;
    inside_.core->refresh();
    const bool again = person->life() == Life::gone && inside_.erasing(person->handle());
    if (person->life() != Life::alive && !again) return Errc::destroyed;
    auto now = inside_.core->now();
    if (!now) return now.error();
    ErasureCertificate made;
    made.subject = person->handle();
    made.at = *now;
    Rows rows;
    if (person->life() == Life::alive) {
      if (auto sorted = sort_out(person->handle(), *now, rows, made); !sorted) return sorted.error();
    }
    if (auto told = inside_.tell(Verb::erase, person->handle()); !told) return told.error();
    inside_.set_erasing(person->handle(), true);
    auto done = rows.held.empty() ? destroy(person, made) : restrict_rows(person, rows, made);
    if (!done) return done.error();
    auto checkpoint = inside_.log->checkpoint();
    if (!checkpoint) return checkpoint.error();
    made.log_checkpoint = std::move(*checkpoint);
    inside_.set_erasing(person->handle(), false);
    return made;
  }

  /// Destroys keys first: from then on an old copy of the data with today's keys opens nothing of the person.
  [[nodiscard]] Result<void> destroy(const Ref<SubjectState>& person, ErasureCertificate& made) {
    const Handle handle = person->handle();
    if (auto done = inside_.core->destroy(*person); !done) return done;
    made.keys_destroyed = true;
    inside_.forget_person(handle);
    auto removed = inside_.store.remove_rows_of(handle);
    if (!removed) return removed.error();
    made.rows_removed += *removed;
    static_cast<void>(inside_.store.truncate_wal());  // retried by the next sweep while another process reads
    return inside_.store.key_store().flush();
  }

 private:
  struct Rows {
    std::vector<StoredRow> held;  ///< a legal minimum still runs
    std::vector<StoredRow> free;
  };
  /// Finds rows whose legal minimum still runs, and the others. Changes nothing.
  [[nodiscard]] Result<void> sort_out(const Handle& person, Instant now, Rows& out, ErasureCertificate& made) {
    for (std::uint64_t offset = 0;; offset += page) {
      auto rows = inside_.store.rows_of(person, 0, offset, page);
      if (!rows) return rows.error();
      for (StoredRow& row : *rows) {
        auto shared = others_own(row);
        if (!shared) return shared.error();
        if (!*shared) sort_out(std::move(row), now, made.held_until, out);
      }
      if (rows->size() < page) break;
    }
    made.rows_held = out.held.size();
    return {};
  }
  /// Whether a row stays for others anyway: then it is kept as long as a law wants without limiting them.
  [[nodiscard]] Result<bool> others_own(const StoredRow& row) {
    std::size_t alive = 0;
    for (const Handle& owner : row.owners) {
      auto state = inside_.owner(owner);
      if (!state) return state.error();
      alive += (*state)->life() == Life::alive ? 1U : 0U;
    }
    return alive > 1;
  }
  void sort_out(StoredRow row, Instant now, Instant& until, Rows& out) {
    const RecordFacts* facts = record_of(row.record);
    const Instant floor = facts == nullptr ? Instant{} : floor_of(*facts, row, inside_.calendar());
    if (floor > now) {
      if (until < floor) until = floor;
      row.expires = floor;
      out.held.push_back(std::move(row));
    } else if (row.record != person_record) {
      out.free.push_back(std::move(row));
    }
  }
  /// Restricts what is held and removes the rest.
  [[nodiscard]] Result<void> restrict_rows(const Ref<SubjectState>& person, const Rows& rows,
                                           ErasureCertificate& made) {
    if (auto limited = inside_.ledger->restrict_use(person->handle()); !limited) return limited;
    if (auto raised = inside_.core->raise_epoch(*person); !raised) return raised;
    for (const StoredRow& row : rows.held) {
      if (auto set = inside_.store.set_state(row.record, row.tag, RowState::restricted); !set) return set;
      if (auto set = inside_.store.set_expiry(row.record, row.tag, row.expires); !set) return set;
    }
    for (const StoredRow& row : rows.free) {
      if (auto removed = rows_.remove(row); !removed) return removed;
      ++made.rows_removed;
    }
    return doom(person->handle(), made.held_until);
  }
  /// Leaves word for the sweep that the person is to be destroyed when the last minimum has ended.
  [[nodiscard]] Result<void> doom(const Handle& person, Instant until) {
    return inside_.change_person(person, [until](StoredRow& row) {
      set_time(row, doomed_cell, until);
      row.expires = until;
    });
  }

  static constexpr std::uint64_t page = 500;
  VaultInside<StoreType>& inside_;
  VaultRows<StoreType> rows_;
};

}  // namespace detail
}  // namespace custody::inline v0
