// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <custody/storage/vault_rows.hpp>

namespace custody::inline v0 {

/// How far a pass over stored rows is; give it back to go on. `after` may be kept and used by another process.
struct Reseal {
  std::uint64_t rows = 0;      ///< looked at
  std::uint64_t resealed = 0;  ///< rows that had fields under an older key
  std::uint64_t fields = 0;    ///< of these rows
  std::uint64_t skipped = 0;  ///< rows that keep an older key: of a record, field or declaration that cannot be renewed
      ///< here, of nobody who is left, or with a member who must not see them
  std::uint64_t failed = 0;  ///< rows that do not open: left alone, and in the evidence
  std::uint64_t after = 0;  ///< the place of the last row
  bool complete = false;
};

namespace detail {

/// Seals stored rows again under the newest keys of their owners, in transactions of a bounded number of rows: nobody
/// else writes in between, so no update is lost. A row is either renewed whole or left as it is.
template <class StoreType>
class Resealer {
 public:
  explicit Resealer(VaultInside<StoreType>& inside) noexcept : inside_(inside), rows_(inside) {}

  /// The next rows of one person, or of everybody. Errors: those of the stores, with nothing changed in the batch.
  [[nodiscard]] Result<Reseal> batch(const Handle* who, Reseal at, std::uint64_t limit) {
    inside_.core->refresh();
    if (auto begun = inside_.store.begin(); !begun) return begun.error();
    auto done = in_transaction(who, at, limit);
    if (!done) {
      inside_.store.rollback();
      return done.error();
    }
    if (auto kept = inside_.store.commit(); !kept) return kept.error();
    if (!failed_.empty()) {  // afterwards: whoever writes evidence waits for the data file
      if (auto told = inside_.core->record(failed_.data(), failed_.size()); !told) return told.error();
    }
    return at;
  }

  /// Destroys the older generations of a person's key, or of a conversation's, when no row needs them; while it looks,
  /// nobody can store one: a put asks for the newest key after it has the data file. Gives the number of generations.
  [[nodiscard]] Result<std::uint64_t> retire(const Handle& handle, bool conversation) {
    if (auto begun = inside_.store.begin(); !begun) return begun.error();
    auto retired = retire_in_transaction(handle, conversation);
    if (!retired) {
      inside_.store.rollback();
      return retired;
    }
    if (auto done = inside_.store.commit(); !done) return done.error();
    return retired;
  }

 private:
  [[nodiscard]] Result<void> in_transaction(const Handle* who, Reseal& at, std::uint64_t limit) {
    auto next =
        who == nullptr ? inside_.store.scan_rows(at.after, limit) : inside_.store.rows_after(*who, at.after, limit);
    if (!next) return next.error();
    at.rows += next->size();
    at.complete = next->size() < limit;
    for (StoredRow& row : *next) {
      const std::uint64_t fields = at.fields;
      auto renewed = renew(row, at);
      if (!renewed && by_store(renewed.error())) return renewed;
      if (!renewed) {
        at.fields = fields;
        ++at.failed;
        note(row, renewed.error());
      } else if (at.fields != fields) {
        if (auto put = inside_.store.put_row(row); !put) return put;
        ++at.resealed;
      }
    }
    return {};
  }
  /// Whether an error says nothing about the row.
  [[nodiscard]] static bool by_store(const Error& error) noexcept {
    return error == Errc::locked || error == Errc::storage_failed || error == Errc::disk_full ||
           error == Errc::read_only || error == Errc::no_memory || error == Errc::no_randomness ||
           error == Errc::ring_closed || error == Errc::wrong_root;
  }
  void note(const StoredRow& row, const Error& error) {
    Event event;
    event.verb = Verb::rotate;
    event.reason = error.code;
    if (!row.owners.empty()) event.subject = row.owners.front();
    if (const RecordFacts* facts = facts_of(row); facts != nullptr) event.record = facts->name;
    event.field = error.where;
    event.place = "reseal";
    failed_.push_back(event);
  }
  [[nodiscard]] static const RecordFacts* facts_of(const StoredRow& row) noexcept {
    return row.record == person_record ? &PersonRecord::facts : record_of(row.record);
  }
  [[nodiscard]] static const FieldFacts* field_of(const RecordFacts& record, std::uint16_t number) noexcept {
    if (number == key_cell) return &KeyCell::facts;
    for (std::size_t i = 0; i != record.field_count; ++i) {
      if (record.fields[i].number == number) return &record.fields[i];
    }
    return nullptr;
  }

  /// Renews the fields of a row in memory, all that can be. While it does, an erasure of the owners waits.
  [[nodiscard]] Result<void> renew(StoredRow& row, Reseal& at) {
    if (row.owners.empty()) return Error{Errc::malformed, "data"};
    const RecordFacts* facts = facts_of(row);
    if (facts == nullptr) {
      ++at.skipped;
      return {};
    }
    auto place = rows_.place_of(*facts, row);
    if (!place && (place.error() == Errc::destroyed || place.error() == Errc::unknown_key)) {
      ++at.skipped;
      return {};
    }
    if (!place) return place.error();
    Flights flights;
    bool alive = false;
    for (const Ref<SubjectState>& owner : (*place)->owners) {
      if (owner->life() == Life::alive) alive = flights.enter(*owner).has_value() || alive;
    }
    bool kept = !alive;
    for (StoredCell& cell : row.cells) {
      if (!alive || cell.kind != CellKind::sealed || !is_older(cell, (*place)->key->generation())) continue;
      auto renewed = is_group(cell) ? renew_group(cell, *place, *facts) : renew_alone(cell, *place, *facts);
      if (!renewed) return renewed.error();
      at.fields += *renewed;
      kept = kept || *renewed == 0;
    }
    at.skipped += kept ? 1U : 0U;
    return {};
  }
  /// The number of fields renewed: 0 when the field has to stay as it is.
  [[nodiscard]] static Result<std::uint64_t> renew_alone(StoredCell& stored, const Ref<BindingBody>& place,
                                                         const RecordFacts& facts) {
    const FieldFacts* field = field_of(facts, stored.field);
    if (field == nullptr) return std::uint64_t{0};
    Cell cell;
    if (auto taken = cell.adopt(stored.value, place, *field); !taken) {
      return taken.error() == Errc::unknown_revision ? Result<std::uint64_t>(std::uint64_t{0})
                                                     : Error{taken.error().code, field->name};
    }
    const Renewal how = renewal_of(cell, *place, *field);
    if (!how.needed) return std::uint64_t{0};
    if (auto sealed = reseal(cell, field->today().type, place, *field, &how); !sealed) {
      return Error{sealed.error().code, field->name};
    }
    stored.value.assign(cell.envelope().begin(), cell.envelope().end());
    return std::uint64_t{1};
  }
  /// A group is renewed whole or stays as it is: all its members are under one key.
  [[nodiscard]] static Result<std::uint64_t> renew_group(StoredCell& stored, const Ref<BindingBody>& place,
                                                         const RecordFacts& facts) {
    const auto bytes = EnvelopeBytes::copy_of(stored.value);
    std::vector<Cell> cells;
    std::vector<const FieldFacts*> fields;
    GroupReader reader(bytes.view());
    for (SealedMember member; reader.next(member);) {
      const FieldFacts* field = field_of(facts, member.field);
      if (field == nullptr || field->revision(member.revision) == nullptr) return std::uint64_t{0};
      if (auto taken = cells.emplace_back().adopt(bytes, place, *field); !taken)
        return Error{taken.error().code, field->name};
      fields.push_back(field);
    }
    if (!reader.ok() || cells.empty()) return Errc::malformed;
    if (renewal_of(cells.front(), *place, *fields.front()).generation != place->key->generation())
      return std::uint64_t{0};
    std::vector<GroupMember> members;
    for (std::size_t i = 0; i != cells.size(); ++i) members.push_back({&cells[i], &fields[i]->today().type, fields[i]});
    if (auto sealed = Grouping(members.data(), members.size(), place).run(); !sealed) return sealed.error();
    stored.value.assign(cells.front().envelope().begin(), cells.front().envelope().end());
    return std::uint64_t{cells.size()};
  }
  [[nodiscard]] static bool is_older(const StoredCell& cell, std::uint32_t newest) noexcept {
    const auto header = EnvelopeHeader::read(cell.value);
    return header && header->generation < newest;
  }

  [[nodiscard]] Result<std::uint64_t> retire_in_transaction(const Handle& handle, bool conversation) {
    KeyStore& keys = inside_.store.key_store();
    auto newest = keys.newest_generation(handle);
    if (!newest) return newest.error();
    std::vector<std::uint32_t> old;
    std::set<Handle> readers;
    if (!conversation) readers.insert(handle);
    for (std::uint32_t generation = 1; generation < *newest; ++generation) {
      auto holders = keys.holders(handle, generation);
      if (!holders) return holders.error();
      if (holders->empty()) continue;
      old.push_back(generation);
      if (conversation) readers.insert(holders->begin(), holders->end());
    }
    if (old.empty()) return std::uint64_t{0};
    for (const Handle& reader : readers) {
      if (auto free = none_older(reader, conversation ? handle : Handle{}, *newest); !free) return free.error();
    }
    for (const std::uint32_t generation : old) {
      if (auto done = inside_.core->retire(handle, generation); !done) return done.error();
    }
    return std::uint64_t{old.size()};
  }
  /// Errors: in_use when a row of a person, or of a conversation the person is in, names an older generation.
  [[nodiscard]] Result<void> none_older(const Handle& person, const Handle& conversation, std::uint32_t newest) {
    std::uint64_t after = 0;
    for (std::uint64_t got = page; got == page;) {
      auto rows = inside_.store.rows_after(person, after, page);
      if (!rows) return rows.error();
      got = rows->size();
      for (const StoredRow& row : *rows) {
        if (row.owners.empty()) return Error{Errc::malformed, "data"};  // damaged: what it names cannot be told
        for (const StoredCell& cell : row.cells) {
          if (row.conversation == conversation && cell.kind == CellKind::sealed && is_older(cell, newest))
            return Errc::in_use;
        }
      }
    }
    return {};
  }

  static constexpr std::uint64_t page = 500;
  VaultInside<StoreType>& inside_;
  VaultRows<StoreType> rows_;
  std::vector<Event> failed_;
};

}  // namespace detail
}  // namespace custody::inline v0
