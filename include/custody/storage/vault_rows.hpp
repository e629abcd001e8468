// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/storage/vault_inside.hpp>

namespace custody::inline v0::detail {

/// Stores and loads records for a vault: index values, owners, dates and versions around the row codec.
template <class StoreType>
class VaultRows {
 public:
  explicit VaultRows(VaultInside<StoreType>& inside) noexcept : inside_(inside) {}

  [[nodiscard]] Result<RowTag> tag_of(const RecordFacts& record, ByteView key) {
    return inside_.core->index_value("row", record.name, record.number, "exact", key);
  }

  /// Binds and stores. Keys first, then index rows, then the row: whatever stops in between leaves nothing unreadable and
  /// at most index rows that lead nowhere, which every search drops.
  template <class Record>
  [[nodiscard]] Result<void> put(Record& record) {
    const RecordFacts& facts = StoredRecord<Record>::facts();
    const Bytes key = key_of(record);
    auto tag = tag_of(facts, key);
    if (!tag) return tag.error();
    auto owners = find_owners(record);
    if (!owners) return owners.error();
    if (auto begun = inside_.store.begin(); !begun) return begun;
    auto done = inside_.store.key_store().begin();
    if (done) {
      done = put_in_transaction(record, facts, key, *tag, *owners);
      if (done) {
        done = inside_.store.key_store().commit();
      } else {
        inside_.store.key_store().rollback();
      }
    }
    if (!done) {
      inside_.store.rollback();
      return done;
    }
    return inside_.store.commit();
  }

  template <class Record>
  [[nodiscard]] Result<Record> load(const StoredRow& row, Instant now) {
    const RecordFacts& facts = StoredRecord<Record>::facts();
    auto place = place_of(facts, row);
    if (!place) return place.error();
    if (row.expires.ms != 0 && ends_whole(facts, row) <= now && ends_whole(facts, row).ms != 0) return Errc::expired;
    Record record;
    if (auto read = read_cells(row, *place, inside_.calendar(), record); !read) return read.error();
    if (auto named = read_names(row, *place, record); !named) return named.error();
    return record;
  }

  /// The binding of a stored row, for owners who may be gone.
  [[nodiscard]] Result<Ref<BindingBody>> place_of(const RecordFacts& facts, const StoredRow& row) {
    Owners owners;
    for (const Handle& owner : row.owners) owners.push_back(state_or_ghost(*inside_.core, owner));
    auto body = new_binding(inside_.core, std::move(owners));
    if (!body) return body;
    auto key = row.group.is_zero() ? inside_.core->key_of(row.owners.front(), 0)
                                   : inside_.core->conversation_key(row.group, 0);
    if (!key) return key.error();
    (*body)->key = std::move(*key);
    (*body)->group = row.group;
    (*body)->record = &facts;
    (*body)->row.assign(row.tag.begin(), row.tag.end());
    (*body)->version = row.version;
    (*body)->expires = ends_whole(facts, row);
    (*body)->restricted = row.state == RowState::restricted;
    (*body)->seal_place();
    return body;
  }

  /// Drops a row and what finds it.
  [[nodiscard]] Result<void> remove(const StoredRow& row) {
    if (auto dropped = drop_index(row, 0); !dropped) return dropped;
    return inside_.store.remove_row(row.record, row.tag);
  }

  /// Drops the index rows of one field of a row, or of all (field 0).
  [[nodiscard]] Result<void> drop_index(const StoredRow& row, std::uint16_t field) {
    for (const Handle& owner : row.owners) {
      auto rows = inside_.store.key_store().index_rows_of(owner);
      if (!rows) {
        if (rows.error() == Errc::destroyed) continue;
        return rows.error();
      }
      for (const IndexRow& found : *rows) {
        const bool here = found.row == row.tag && (found.space >> 16U) == row.record;
        if (!here || (field != 0 && (found.space & 0xFFFFU) != field)) continue;
        auto dropped = inside_.store.key_store().drop_index(found.space, found.value, found.row);
        if (!dropped) return dropped;
      }
    }
    return {};
  }

  /// The date on which a whole row ends by its record's rule.
  [[nodiscard]] Instant ends_whole(const RecordFacts& facts, const StoredRow& row) {
    if (facts.retention.start != Start::account_closed) return ends_at(facts.retention, row.collected, {}, inside_.calendar());
    return row.expires.ms == 0 ? Instant{} : ends_at(facts.retention, row.collected, last_closing(row), inside_.calendar());
  }
  /// When the last owner closed the account; ms 0 while one is open.
  [[nodiscard]] Instant last_closing(const StoredRow& row) {
    Instant last{};
    for (const Handle& owner : row.owners) {
      const auto state = state_or_ghost(*inside_.core, owner);
      if (state->life() != Life::alive) continue;
      const Instant closed = inside_.closed_at(owner);
      if (closed.ms == 0) return {};
      if (last < closed) last = closed;
    }
    return last;
  }

 private:
  struct Found {
    Owners sorted;
    std::vector<Handle> declared;  ///< in the order of the declaration
    Handle group{};
  };

  template <class Record>
  [[nodiscard]] Result<Found> find_owners(const Record& record) {
    Found found;
    found.group = group_of(record);
    for (const std::string& uid : owner_uids(record)) {
      auto state = inside_.core->find(uid);
      if (!state) return Error{state.error().code, "owner"};
      found.declared.push_back((*state)->handle());
      found.sorted.push_back(std::move(*state));
    }
    if (!found.group.is_zero()) {
      auto newest = inside_.core->conversation_key(found.group, 0);
      if (!newest) return Error{newest.error().code, "conversation"};
      auto holders = inside_.core->store().holders(found.group, (*newest)->generation());
      if (!holders) return holders.error();
      for (const Ref<SubjectState>& owner : found.sorted) {
        if (!std::binary_search(holders->begin(), holders->end(), owner->handle())) return Error{Errc::wrong_subject, "owner"};
      }
      found.sorted.clear();
      for (const Handle& holder : *holders) found.sorted.push_back(state_or_ghost(*inside_.core, holder));
    }
    sort_owners(found.sorted);
    if (found.sorted.empty()) return Error{Errc::not_found, "owner"};
    if (found.group.is_zero() && found.sorted.size() > 1) return Error{Errc::not_found, "conversation"};
    return found;
  }

  template <class Record>
  [[nodiscard]] Result<void> put_in_transaction(Record& record, const RecordFacts& facts, ByteView key, const RowTag& tag,
                                                const Found& found) {
    auto now = inside_.core->now();
    if (!now) return now.error();
    if (auto based = check_basis(record, found, *now); !based) return based;
    auto before = inside_.store.get_row(facts.number, tag);
    if (!before && !(before.error() == Errc::not_found)) return before.error();
    StoredRow row;
    row.record = facts.number;
    row.tag = tag;
    row.group = found.group;
    for (const Ref<SubjectState>& owner : found.sorted) row.owners.push_back(owner->handle());
    row.collected = before && facts.retention.start != Start::last_used ? before->collected : *now;
    row.version = before ? before->version : 1;
    if (before && !continues(*before, row)) return Error{Errc::foreign_envelope, "owner"};
    if (before) row.owners = before->owners;
    row.state = before ? before->state : RowState::active;
    if (row.state == RowState::restricted) return Errc::restricted;
    return write(record, facts, key, row, before.has_value(), found.declared);
  }

  /// An update keeps the conversation and the owners it was first stored for.
  [[nodiscard]] static bool continues(const StoredRow& before, const StoredRow& now) {
    return before.group == now.group && (!now.group.is_zero() || before.owners == now.owners);
  }

  template <class Record>
  [[nodiscard]] Result<void> write(Record& record, const RecordFacts& facts, ByteView key, StoredRow& row, bool existed,
                                   const std::vector<Handle>& declared) {
    auto place = place_of(facts, row);
    if (!place) return place.error();
    if (existed && changes_grave_data(record, **place)) {
      ++row.version;
      (*place)->version = row.version;
    }
    if (auto indexed = index_all(record, facts, row, **place, existed); !indexed) return indexed;
    if (auto bound = bind_all(record, *place); !bound) return bound;
    write_cells(record, row);
    Cell sealed_key;
    if (auto done = sealed_key.seal_bound(key, *place, KeyCell::facts); !done) return done;
    row.cells.push_back(sealed_cell(sealed_key, key_cell));
    Bytes handles;
    for (const Handle& owner : declared) handles.insert(handles.end(), owner.bytes.begin(), owner.bytes.end());
    row.cells.push_back({owners_cell, CellKind::clear, std::move(handles)});
    row.expires = row_ends_at(facts, row, last_closing(row), inside_.calendar());
    return inside_.store.put_row(row);
  }

  /// Every set field needs one declared purpose whose basis is live for all owners who are there.
  template <class Record>
  [[nodiscard]] Result<void> check_basis(const Record& record, const Found& found, Instant now) {
    Result<void> verdict;
    each_guarded(record, [&]<class Facts>(std::type_identity<Facts>, const auto& member) {
      if (!verdict || CellOffice::cell(member).state() == CellState::unset) return;
      const PolicyFacts& policy = type_of<std::remove_cvref_t<decltype(member)>>().policy;
      Error last{Errc::no_live_basis, Facts::name};
      for (std::size_t i = 0; i != policy.purpose_count; ++i) {
        auto stands = stands_for_all(found, policy.purposes[i], now);
        if (stands) return;
        if (stands.error() == Errc::guardian_missing || stands.error() == Errc::restricted) last.code = stands.error().code;
      }
      if (policy.purpose_count != 0) verdict = last;
    });
    return verdict;
  }
  [[nodiscard]] Result<void> stands_for_all(const Found& found, const PurposeFacts& purpose, Instant now) {
    for (const Ref<SubjectState>& owner : found.sorted) {
      if (owner->life() != Life::alive) continue;
      auto stands = inside_.ledger->standing(owner->handle(), purpose, now, owner->epoch());
      if (!stands) return stands;
    }
    return {};
  }

  /// Writes the index rows of changed fields and drops the ones they replace.
  template <class Record>
  [[nodiscard]] Result<void> index_all(Record& record, const RecordFacts& facts, const StoredRow& row,
                                       const BindingBody& place, bool existed) {
    Result<void> done;
    each_guarded(record, [&]<class Facts>(std::type_identity<Facts>, auto& member) {
      if constexpr (FieldPlace<Facts::member>::facts.indexed) {
        if (!done) return;
        const Cell& cell = CellOffice::cell(member);
        if (cell.state() == CellState::bound && cell.binding()->same_place(place)) return;
        if (existed) done = drop_index(row, Facts::number);
        if (done && cell.sealed()) done = index_one<Facts::member>(cell, facts, row);
      }
    });
    return done;
  }
  template <auto Member>
  [[nodiscard]] Result<void> index_one(const Cell& cell, const RecordFacts& facts, const StoredRow& row) {
    auto plain = cell.open(type_of<member_type<Member>>());
    if (!plain) return plain.error();
    auto value = look_up<Member>(*inside_.core, as_text(plain->view()));
    if (!value) return Error{value.error().code, FieldPlace<Member>::facts.name};
    return inside_.store.key_store().put_index(
        {index_space(facts.number, FieldPlace<Member>::facts.number), value->bytes(), row.owners.front(), row.tag});
  }

  /// The key and the owners of a loaded record; an owner who is gone is an empty user id.
  template <class Record>
  [[nodiscard]] Result<void> read_names(const StoredRow& row, const Ref<BindingBody>& place, Record& record) {
    Result<void> done;
    std::size_t position = 0;
    const StoredCell* owners = find_cell(row, owners_cell);
    shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_owner) {
        Handle handle{};
        const std::size_t at = position++ * handle.bytes.size();
        if (owners == nullptr || owners->value.size() < at + handle.bytes.size()) return;
        std::copy_n(owners->value.begin() + static_cast<std::ptrdiff_t>(at), handle.bytes.size(), handle.bytes.begin());
        auto uid = inside_.uid_of(handle);
        record.*Facts::member = uid ? *uid : std::string();
      }
    });
    shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_key) {
        if (done) done = read_key(row, place, record.*Facts::member);
      }
    });
    return done;
  }
  template <class Key>
  [[nodiscard]] Result<void> read_key(const StoredRow& row, const Ref<BindingBody>& place, Public<Key>& key) {
    const StoredCell* stored = find_cell(row, key_cell);
    if (stored == nullptr) return Error{Errc::malformed, "key"};
    Cell cell;
    if (auto taken = cell.adopt(stored->value, place, KeyCell::facts); !taken) return taken;
    auto plain = cell.open(KeyCell::revision.type);
    if (!plain) return Error{plain.error().code, "key"};
    Key value{};
    if (!decode(plain->view(), value)) return Error{Errc::malformed, "key"};
    key = std::move(value);
    return {};
  }

  VaultInside<StoreType>& inside_;
};

}  // namespace custody::inline v0::detail
