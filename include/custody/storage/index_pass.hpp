// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/data/index_rotation.hpp>
#include <custody/storage/vault_rows.hpp>

namespace custody::inline v0 {

/// How far a rotation of a vault's index keys came.
struct IndexProgress {
  bool running = false;          ///< false: there is nothing left to do
  std::uint32_t generation = 1;  ///< that is written now
  std::uint64_t rows = 0;        ///< looked at by the pass
  std::uint64_t unreadable = 0;  ///< left as they were, each refused on record: their indexed fields do not open
};

namespace detail {

/// Rotation of a vault's index keys, online: searches find every row before, during and after, in every process. start(),
/// then step() until it no longer runs; a process that is killed in between goes on where it was, in any process. A step
/// holds the data file while it opens the indexed fields of its rows. Thread-safe.
template <class StoreType>
class IndexPass {
 public:
  explicit IndexPass(VaultInside<StoreType>& inside) noexcept : inside_(inside), rows_(inside), index_(inside) {}

  /// Begins a generation: what is written from here on, by any process, is under the new keys. Errors: already_there while
  /// a rotation runs, evidence_unwritable, locked and those of files.
  [[nodiscard]] Result<void> start() {
    if (auto told = tell_index_rotation<StoreType>(*inside_.core, "index.start"); !told) return told;
    if (auto begun = inside_.store.begin(); !begun) return begun;  // writers ask for the generation in here
    auto done = begin_generation<StoreType>(*inside_.core);
    if (done) return inside_.store.commit();
    inside_.store.rollback();
    return done;
  }

  [[nodiscard]] Result<IndexProgress> progress() {
    auto state = inside_.core->index_state();
    if (!state) return state.error();
    return progress_of(*state);
  }

  /// Indexes the next rows, user ids included, under the newest keys and drops what they had under older ones; after the
  /// last row the older generation ends. Errors: wrong_schema at the end when rows of records or declarations that this
  /// program does not have were passed over (a program that has them can go on, from the start); those of files.
  [[nodiscard]] Result<IndexProgress> step(std::uint64_t limit = 500) {
    if (auto begun = inside_.store.begin(); !begun) return begun.error();
    Plan plan;
    auto done = step_in_transaction(limit == 0 ? 1 : limit, plan);
    if (done) {
      done = inside_.store.commit();
    } else {
      inside_.store.rollback();
    }
    for (const Failed& failed : plan.failed) {
      if (!done) break;
      const Error told = inside_.refuse(Verb::sweep, failed.owner, failed.record, failed.error);
      if (told == Errc::evidence_unwritable) done = told;
    }
    if (!done) return done.error();
    if (plan.ended) {
      if (auto told = tell_index_rotation<StoreType>(*inside_.core, "index.finish"); !told) return told.error();
    }
    if (plan.foreign) return Error{Errc::wrong_schema, "index"};
    return progress_of(plan.state);
  }

 private:
  struct Failed {
    Handle owner;
    const char* record;
    Error error;
  };
  /// What one step changes.
  struct Plan {
    IndexState state;
    std::vector<IndexRow> fresh;
    std::vector<IndexRow> gone;
    std::vector<Failed> failed;
    typename RowIndex<StoreType>::Known known;
    bool ended = false;
    bool foreign = false;
  };

  [[nodiscard]] static IndexProgress progress_of(const IndexState& state) noexcept {
    return {state.older != 0, state.newest, state.rows, state.unreadable};
  }

  /// Plans with the data file held and the key file free: what is asked of the ring takes the ring's lock before the key
  /// file's.
  [[nodiscard]] Result<void> step_in_transaction(std::uint64_t limit, Plan& plan) {
    auto state = inside_.core->index_state();
    if (!state) return state.error();
    plan.state = *state;
    if (state->older == 0) return {};
    auto page = next_rows(limit, plan.state);
    if (!page) return page.error();
    for (const StoredRow& row : *page) {
      ++plan.state.rows;
      if (auto planned = plan_row(row, plan); !planned) return planned;
    }
    if (page->empty()) end(plan);
    return write(plan);
  }
  /// The next rows; one that cannot even be read is passed over, not to hide the rest.
  [[nodiscard]] Result<std::vector<StoredRow>> next_rows(std::uint64_t limit, IndexState& state) {
    std::uint64_t after = state.cursor;
    auto page = inside_.store.scan_rows(after, limit);
    bool damaged = false;
    if (!page && page.error() == Errc::malformed) {
      after = state.cursor;  // it went past good rows that were not given
      page = inside_.store.scan_rows(after, 1);
      for (std::uint64_t tried = 0; !page && page.error() == Errc::malformed && tried != most_tried; ++tried) {
        damaged = true;
        page = inside_.store.scan_rows(++after, 1);  // numbers may have gaps
      }
    }
    if (page) state.cursor = after;
    if (damaged) ++state.unreadable;
    return page;
  }
  static void end(Plan& plan) noexcept {
    IndexState& state = plan.state;
    if (state.unknown != 0) {
      plan.foreign = true;
      state.cursor = state.rows = state.unreadable = state.unknown = 0;
      return;
    }
    plan.ended = true;
    state.older = 0;
    state.persons_from = state.newest;
  }
  /// All or nothing, with the place to go on from.
  [[nodiscard]] Result<void> write(const Plan& plan) {
    KeyStore& keys = inside_.store.key_store();
    if (auto begun = keys.begin(); !begun) return begun;
    auto done = change(keys, plan);
    if (done) return keys.commit();
    keys.rollback();
    return done;
  }
  [[nodiscard]] Result<void> change(KeyStore& keys, const Plan& plan) {
    for (const IndexRow& row : plan.fresh) {
      auto put = keys.put_index(row);
      if (!put && !(put.error() == Errc::destroyed)) return put;  // erased meanwhile, index rows and all
    }
    for (const IndexRow& row : plan.gone) {
      if (auto dropped = keys.drop_index(row.space, row.value, row.row); !dropped) return dropped;
    }
    return inside_.core->set_index_state(plan.state);
  }

  [[nodiscard]] Result<void> plan_row(const StoredRow& row, Plan& plan) {
    if (row.record == person_record) return settle(row, plan_person(row, plan), "person", plan);
    const SweptRecord* const known = known_record(row.record);
    if (known == nullptr) {
      std::vector<IndexRow> have;
      if (auto listed = index_.list(row, 0, plan.known, have); !listed) return listed;
      if (!have.empty()) ++plan.state.unknown;
      return {};
    }
    if (known->indexed_count == 0) return {};
    return settle(row, plan_record(row, *known, plan), known->facts->name, plan);
  }
  /// What is wrong with one row does not stop the others; what is wrong with the files does.
  [[nodiscard]] static Result<void> settle(const StoredRow& row, const Result<void>& planned, const char* record,
                                           Plan& plan) {
    if (planned) return {};
    const Error error = planned.error();
    switch (error.code) {
      case Errc::no_memory:
      case Errc::no_randomness:
      case Errc::ring_closed:
      case Errc::suite_unavailable:
      case Errc::locked:
      case Errc::read_only:
      case Errc::disk_full:
      case Errc::storage_failed: return error;
      case Errc::destroyed: return {};  // with keys and index rows
      case Errc::unknown_revision: ++plan.state.unknown; return {};
      default: break;
    }
    ++plan.state.unreadable;
    plan.failed.push_back({row.owners.empty() ? Handle{} : row.owners.front(), record, error});
    return {};
  }

  [[nodiscard]] Result<void> plan_person(const StoredRow& row, Plan& plan) {
    if (row.owners.empty()) return Error{Errc::malformed, "uid"};
    auto uid = inside_.uid_of(row.owners.front());
    if (!uid) return uid.error();
    auto values = inside_.core->index_values(uid_index, as_bytes(*uid), true);
    wipe(*uid);
    if (!values) return values.error();
    auto all = inside_.store.key_store().index_rows_of(row.owners.front());
    if (!all) return all.error();
    std::vector<IndexRow> have;
    for (const IndexRow& found : *all) {
      if (found.space == uid_space) have.push_back(found);
    }
    replace(have, {{uid_space, values->newest, row.owners.front(), {}}}, plan);
    return {};
  }
  [[nodiscard]] Result<void> plan_record(const StoredRow& row, const SweptRecord& record, Plan& plan) {
    auto place = rows_.place_of(*record.facts, row);
    if (!place) return place.error();
    Flights flights;
    std::vector<Handle> alive;
    for (const Ref<SubjectState>& owner : (*place)->owners) {
      if (owner->life() == Life::alive && flights.enter(*owner)) alive.push_back(owner->handle());
    }
    if (alive.empty()) return Errc::destroyed;
    for (std::size_t i = 0; i != record.indexed_count; ++i) {
      if (auto done = plan_field(row, *place, record.indexed[i], alive, plan); !done) return done;
    }
    return {};
  }
  [[nodiscard]] Result<void> plan_field(const StoredRow& row, const Ref<BindingBody>& place, const IndexedField& how,
                                        const std::vector<Handle>& alive, Plan& plan) {
    const FieldFacts& field = *how.field;
    std::vector<IndexRow> have;
    if (auto listed = index_.list(row, field.number, plan.known, have); !listed) return listed;
    std::vector<IndexRow> want;
    const StoredCell* stored = find_cell(row, field.number);
    if (stored != nullptr && stored->kind == CellKind::sealed) {
      auto value = value_of(*stored, place, how);
      if (!value) return Error{value.error().code, field.name};
      for (const Handle& owner : alive) want.push_back({index_space(row.record, field.number), *value, owner, row.tag});
    }
    replace(have, want, plan);
    return {};
  }
  [[nodiscard]] Result<IndexValue> value_of(const StoredCell& stored, const Ref<BindingBody>& place,
                                            const IndexedField& how) {
    Cell cell;
    if (auto taken = cell.adopt(stored.value, place, *how.field); !taken) return taken.error();
    PlainBuffer plain;
    if (auto opened = cell.open(how.field->today().type, plain); !opened) return opened.error();
    auto normal = how.normalise(as_text(plain.view()));
    if (!normal) return normal.error();
    const FieldFacts& field = *how.field;
    auto values = inside_.core->index_values(
        field_index(place->record->number, field.number, field.normaliser, field.index), normal->view(), true);
    if (!values) return values.error();
    return values->newest;
  }
  static void replace(const std::vector<IndexRow>& have, const std::vector<IndexRow>& want, Plan& plan) {
    const auto among = [](const std::vector<IndexRow>& rows, const IndexRow& row) {
      return std::find(rows.begin(), rows.end(), row) != rows.end();
    };
    for (const IndexRow& row : want) {
      if (!among(have, row)) plan.fresh.push_back(row);
    }
    for (const IndexRow& row : have) {  // dropping takes all owners' rows of a value: not one that is wanted
      const auto same = [&](const IndexRow& made) { return made.space == row.space && made.value == row.value; };
      if (std::none_of(want.begin(), want.end(), same)) plan.gone.push_back(row);
    }
  }

  static constexpr std::uint64_t most_tried = 1 << 20;
  VaultInside<StoreType>& inside_;
  VaultRows<StoreType> rows_;
  RowIndex<StoreType> index_;
};

}  // namespace detail
}  // namespace custody::inline v0
