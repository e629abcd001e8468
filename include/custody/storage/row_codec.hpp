// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <custody/data/group.hpp>
#include <custody/data/lookup.hpp>
#include <custody/storage/record_list.hpp>
#include <custody/storage/row_cells.hpp>
#include <custody/storage/row_dates.hpp>

namespace custody::inline v0::detail {

/// Numbers of the cells that a vault adds to a row; declared fields stay below.
inline constexpr std::uint16_t key_cell = 0xFFF0;
inline constexpr std::uint16_t public_cells = 0xFF00;  ///< migrating members, by position

/// A row's key and which of its owners were declared in what order, sealed under the row's own key: the store only sees a
/// keyed hash, and nobody who can write to it makes one person's words another's.
struct KeyCell {
  using policy = Policy<Level::grade3, false>;
  static constexpr Revision revision{"key", type_facts<std::string, policy>};
  static constexpr FieldFacts facts = [] {
    FieldFacts made;
    made.number = key_cell;
    made.name = "key";
    made.revisions = &revision;
    made.revision_count = 1;
    return made;
  }();
};

template <class Value>
[[nodiscard]] Bytes canonical_bytes(const Value& value) {
  return with_encoded(value, [](ByteView plain) { return Bytes(plain.begin(), plain.end()); });
}

/// The bytes of a record's key member.
template <class Record>
[[nodiscard]] Bytes key_of(const Record& record) {
  Bytes key;
  shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
    if constexpr (Facts::is_key) key = canonical_bytes((record.*Facts::member).get());
  });
  return key;
}

/// Puts the declared owners, as places in the row's sorted list, before the key; none when there is only one owner.
[[nodiscard]] inline Result<Bytes> with_owners(ByteView key, const std::vector<Handle>& declared,
                                               const std::vector<Handle>& owners) {
  Bytes out;
  Canonical canonical(out);
  const bool several = owners.size() > 1;
  canonical.number(static_cast<std::uint8_t>(several ? declared.size() : 0));
  for (std::size_t i = 0; several && i != declared.size(); ++i) {
    const auto at = std::find(owners.begin(), owners.end(), declared[i]);
    if (at == owners.end()) return Error{Errc::foreign_envelope, "owner"};
    canonical.number(static_cast<std::uint16_t>(at - owners.begin()));
  }
  canonical.raw(key);
  return out;
}

/// Reads what with_owners() made.
class NamedRow {
 public:
  NamedRow(ByteView bytes, const std::vector<Handle>& owners) : owners_(&owners) {
    CanonicalReader reader(bytes);
    const auto count = reader.number<std::uint8_t>();
    for (unsigned i = 0; i != count; ++i) declared_.push_back(owner(reader.number<std::uint16_t>()));
    if (count == 0) declared_.push_back(owner(0));
    key_ = reader.rest();
    good_ = reader.ok();
  }
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] ByteView key() const noexcept { return key_; }
  [[nodiscard]] const std::vector<Handle>& declared() const noexcept { return declared_; }

 private:
  [[nodiscard]] Handle owner(std::size_t at) const { return at < owners_->size() ? (*owners_)[at] : Handle{}; }
  const std::vector<Handle>* owners_;
  std::vector<Handle> declared_;
  ByteView key_;
  bool good_ = false;
};

/// The user ids of a record's owner members, in the order of the declaration.
template <class Record>
[[nodiscard]] std::vector<std::string> owner_uids(const Record& record) {
  std::vector<std::string> uids;
  shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
    if constexpr (Facts::is_owner) uids.emplace_back((record.*Facts::member).get());
  });
  return uids;
}

template <class Record>
[[nodiscard]] Handle conversation_of(const Record& record) {
  Handle conversation{};
  shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
    if constexpr (Facts::is_conversation) conversation = (record.*Facts::member).get().handle;
  });
  return conversation;
}

/// Whether a bound cell is what the row before holds. Being bound does not say so: a put that failed binds, too, and so
/// does a load of what somebody else has changed or removed since.
[[nodiscard]] inline bool is_stored(const Cell& cell, const StoredRow* before, std::uint16_t number) noexcept {
  const StoredCell* old = before == nullptr ? nullptr : find_cell(*before, number);
  return old != nullptr && cell.state() == CellState::bound &&
         FieldBytes::of(cell.envelope(), number).same_as(FieldBytes::of(old->value, number));
}

/// Calls `use(facts, member reference)` for every guarded field of a record.
template <class Record, class Use>
void each_guarded(Record& record, Use&& use) {
  shape_of<std::remove_const_t<Record>>::each([&]<class Facts>(std::type_identity<Facts>) {
    if constexpr (Facts::is_field) {
      if constexpr (Facts::guarded) use(std::type_identity<Facts>{}, record.*Facts::member);
    }
  });
}

/// When fields with a clock of their own were collected, where that is not when the row was: number and time of each.
template <class Record>
[[nodiscard]] Bytes times_of(const Record& record, const StoredRow* before, Instant row_collected, Instant now) {
  Bytes out;
  Canonical times(out);
  each_guarded(record, [&]<class Facts>(std::type_identity<Facts>, const auto& member) {
    const FieldFacts& field = FieldPlace<Facts::member>::facts;
    const Cell& cell = CellOffice::cell(member);
    if (cell.state() == CellState::unset || field.retention == shape_of<Record>::facts.retention) return;
    const bool kept = is_stored(cell, before, field.number);
    const bool used = field.retention.start == Start::last_used;
    const Instant at = kept && !used ? collected_at(*before, field.number) : now;
    if (at != row_collected) times.number(field.number).number(static_cast<std::uint64_t>(at.ms));
  });
  return out;
}

/// Whether storing this record changes data of grade4 and above, which a new version must be bound to.
template <class Record>
[[nodiscard]] bool changes_grave_data(const Record& record, const BindingBody& place, const StoredRow& before) {
  bool changed = false;
  each_guarded(record, [&]<class Facts>(std::type_identity<Facts>, const auto& member) {
    const Cell& cell = CellOffice::cell(member);
    constexpr Level level = policy_of<std::remove_cvref_t<decltype(member)>>::level;
    if (level < Level::grade4 || cell.state() == CellState::unset) return;
    changed = changed || !is_stored(cell, &before, Facts::number) || !cell.binding()->same_place(place);
  });
  return changed;
}

/// The cells of a bound record: envelopes, and public and migrating members in clear. Owners are handles, never user ids.
template <class Record>
void write_cells(const Record& record, StoredRow& row) {
  std::uint16_t position = public_cells;
  shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
    if constexpr (Facts::is_field) {
      if constexpr (Facts::guarded) {
        const Cell& cell = CellOffice::cell(record.*Facts::member);
        SealedMember first;
        if (cell.grouped() && GroupReader(cell.envelope()).next(first) && first.field != Facts::number) return;
        row.cells.push_back(sealed_cell(cell, Facts::number));
      } else {
        row.cells.push_back({Facts::number, CellKind::clear, canonical_bytes((record.*Facts::member).get())});
      }
    } else if constexpr (Facts::is_migrating) {
      row.cells.push_back({position++, CellKind::clear, canonical_bytes(record.*Facts::member)});
    } else if constexpr (Facts::is_conversation) {
      const Handle conversation = (record.*Facts::member).get().handle;
      row.cells.push_back({position++, CellKind::clear, Bytes(conversation.bytes.begin(), conversation.bytes.end())});
    }
  });
}

/// A binding of its own for a field that ends before its row does.
[[nodiscard]] inline Result<Ref<BindingBody>> ending_at(const Ref<BindingBody>& place, Instant expires) {
  if (expires == place->expires) return place;
  auto* made = new (std::nothrow) BindingBody;
  if (made == nullptr) return Errc::no_memory;
  auto body = Ref<BindingBody>::adopt(made);
  body->core = place->core;
  body->owners = place->owners;
  body->key = place->key;
  body->conversation = place->conversation;
  body->record = place->record;
  body->row = place->row;
  body->version = place->version;
  body->restricted = place->restricted;
  body->place = place->place;
  body->expires = expires;
  return body;
}

inline void read_sealed(Cell& cell, const StoredCell& stored, const Ref<BindingBody>& place, Instant ends,
                        const FieldFacts& field, CellAdopter& adopter) {
  auto own = ending_at(place, earlier(place->expires, ends));
  auto taken = own ? adopter.adopt(cell, stored, *own, field) : Result<void>(own.error());
  if (stored.kind != CellKind::sealed) taken = Errc::clear_refused;
  if (!taken) cell.fail(taken.error().code);
}

/// Fills a record from its cells. A cell that cannot be an envelope of its field fails that field alone, with the reason; a
/// group that is damaged, every field without a cell, since it may be in there. The row's own members that cannot be read
/// fail the whole.
template <class Record>
[[nodiscard]] Result<void> read_cells(const StoredRow& row, const Ref<BindingBody>& place, Instant closed,
                                      const Calendar& calendar, Record& record) {
  Result<void> done;
  std::uint16_t position = public_cells;
  CellAdopter adopter;
  shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
    if (!done) return;
    if constexpr (Facts::is_field) {
      const StoredCell* stored = find_cell(row, Facts::number);
      if constexpr (Facts::guarded) {
        const FieldFacts& field = FieldPlace<Facts::member>::facts;
        const Instant ends = ends_at(field.retention, collected_at(row, field.number), closed, calendar);
        if (stored == nullptr) stored = damaged_group(row);
        if (stored == nullptr || stored->kind == CellKind::none) return;
        read_sealed(CellOffice::cell(record.*Facts::member), *stored, place, ends, field, adopter);
      } else if (stored != nullptr) {
        std::remove_cvref_t<decltype((record.*Facts::member).get())> value{};
        if (!decode(stored->value, value)) done = Error{Errc::malformed, Facts::name};
        record.*Facts::member = std::move(value);
      }
    } else if constexpr (Facts::is_migrating) {
      const StoredCell* stored = find_cell(row, position++);
      if (stored != nullptr && !decode(stored->value, record.*Facts::member)) done = Errc::malformed;
    } else if constexpr (Facts::is_conversation) {
      const StoredCell* stored = find_cell(row, position++);
      typename Facts::type::custody_public conversation{};
      if (stored != nullptr && stored->value.size() == conversation.handle.bytes.size()) {
        std::copy(stored->value.begin(), stored->value.end(), conversation.handle.bytes.begin());
      }
      record.*Facts::member = conversation;
    }
  });
  return done;
}

}  // namespace custody::inline v0::detail
