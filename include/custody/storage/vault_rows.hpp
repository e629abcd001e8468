// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/storage/row_index.hpp>

namespace custody::inline v0::detail {

/// Stores and loads records for a vault: index values, owners, dates and versions around the row codec.
template <class StoreType>
class VaultRows {
 public:
  explicit VaultRows(VaultInside<StoreType>& inside) noexcept : inside_(inside), index_(inside) {}

  [[nodiscard]] Result<RowTag> tag_of(const RecordFacts& record, ByteView key) {
    return inside_.core->index_value("row", "", record.number, "exact", key);
  }

  /// Binds and stores. New index rows first, then the row, then the index rows it replaces: whatever stops in between
  /// leaves nothing unreadable and nothing unfindable, at most index rows that lead nowhere, which every search drops.
  /// The consent ledger is asked before the transaction: it waits for the data file itself.
  template <class Record>
  [[nodiscard]] Result<void> put(Record& record) {
    const RecordFacts& facts = StoredRecord<Record>::facts();
    const Bytes key = key_of(record);
    auto tag = tag_of(facts, key);
    if (!tag) return tag.error();
    inside_.core->refresh();
    auto now = inside_.core->now();
    if (!now) return now.error();
    auto owners = find_owners(record);
    if (!owners) return owners.error();
    if (auto based = check_basis(record, *owners, *now); !based) return based;
    if (auto begun = inside_.store.begin(); !begun) return begun;
    Change change;
    auto done = put_in_transaction(record, {facts, key, *tag, *now, *owners}, change);
    if (!done) {
      inside_.store.rollback();
      return done;
    }
    if (done = inside_.store.commit(); !done) return done;
    index_.drop_replaced(change.row, change.index);
    return {};
  }

  /// Opens nothing but the row's own key. While it does, an erasure of the owners waits. `wrote` gets the declared owners.
  template <class Record>
  [[nodiscard]] Result<Record> load(const StoredRow& row, Instant now, std::vector<Handle>* wrote = nullptr) {
    auto record = load_as_read<Record>(row, now, wrote);
    if (record || !keyless(record.error())) return record;
    const auto again = inside_.sealed_since(row, key_cell);
    return again ? load<Record>(*again, now, wrote) : std::move(record);
  }
  /// What is said of a row whose key is not there, whether it was retired or never known.
  [[nodiscard]] static bool keyless(const Error& error) noexcept {
    return error == Errc::unknown_key || error == Errc::destroyed;
  }

  /// Whether the indexed field of a loaded record has a normal form: index rows may be left over from a crash, and
  /// strangers share the values of a truncated index.
  template <auto Member>
  [[nodiscard]] Result<bool> still_has(const owner_type<Member>& record, ByteView wanted) {
    const Cell& cell = CellOffice::cell(record.*Member);
    if (cell.state() == CellState::unset) return false;
    Flights flights;
    if (cell.binding()) {
      if (auto entered = enter_any(flights, cell.binding()->owners); !entered) return entered.error();
    }
    PlainBuffer plain;
    if (auto opened = cell.open(type_of<member_type<Member>>(), plain); !opened)
      return Error{opened.error().code, FieldPlace<Member>::facts.name};
    auto normal = normal_form<Member>(as_text(plain.view()));
    return normal && constant_time_equal(normal->view(), wanted);
  }

  /// The binding of a stored row, for owners who may be gone.
  [[nodiscard]] Result<Ref<BindingBody>> place_of(const RecordFacts& facts, const StoredRow& row) {
    if (row.owners.empty()) return Error{Errc::tampered, "owner"};
    Owners owners;
    for (const Handle& owner : row.owners) {
      auto state = inside_.owner(owner);
      if (!state) return state.error();
      owners.push_back(std::move(*state));
    }
    auto body = new_binding(inside_.core, std::move(owners));
    if (!body) return body;
    auto key = row.conversation.is_zero() ? inside_.core->key_of(row.owners.front(), 0)
                                          : inside_.core->conversation_key(row.conversation, 0);
    if (!key) return key.error();
    (*body)->key = std::move(*key);
    (*body)->conversation = row.conversation;
    (*body)->record = &facts;
    (*body)->row.assign(row.tag.begin(), row.tag.end());
    (*body)->version = row.version;
    auto ends = ends_whole(facts, row);
    if (!ends) return ends.error();
    (*body)->expires = *ends;
    (*body)->restricted = row.state == RowState::restricted;
    (*body)->seal_place();
    return body;
  }

  /// Whether a person may still see a row: not one of a conversation's that is sealed under a key the person has not.
  [[nodiscard]] bool sees(const StoredRow& row, const Handle& person) {
    const StoredCell* key = row.conversation.is_zero() ? nullptr : find_cell(row, key_cell);
    if (key == nullptr) return true;
    auto header = EnvelopeHeader::read(key->value);
    if (!header || inside_.core->holds(row.conversation, header->generation, person)) return true;
    const auto again = inside_.sealed_since(row, key_cell);
    return again && sees(*again, person);
  }

  /// Drops a row and what finds it.
  [[nodiscard]] Result<void> remove(const StoredRow& row) {
    if (auto dropped = index_.drop(row); !dropped) return dropped;
    return inside_.store.remove_row(row.record, row.tag);
  }

  /// The date on which a whole row ends by its record's rule.
  [[nodiscard]] Result<Instant> ends_whole(const RecordFacts& facts, const StoredRow& row) {
    if (facts.retention.start != Start::account_closed)
      return ends_at(facts.retention, row.collected, {}, inside_.calendar());
    if (row.expires.ms == 0) return Instant{};
    auto closed = last_closing(row);
    if (!closed) return closed;
    return ends_at(facts.retention, row.collected, *closed, inside_.calendar());
  }
  /// When the last owner closed the account; ms 0 while one is open.
  [[nodiscard]] Result<Instant> last_closing(const StoredRow& row) {
    Instant last{};
    for (const Handle& owner : row.owners) {
      auto state = inside_.owner(owner);
      if (!state) return state.error();
      if ((*state)->life() != Life::alive) continue;
      auto closed = inside_.closed_at(owner);
      if (!closed || closed->ms == 0) return closed;
      if (last < *closed) last = *closed;
    }
    return last;
  }

 private:
  /// Whether a field of the record can end when the account is closed, before the row does.
  template <class Record>
  static constexpr bool fields_end_with_account = [] {
    for (const FieldFacts& field : shape_of<Record>::fields) {
      if (field.retention.start == Start::account_closed) return true;
    }
    return false;
  }();

  /// Enters all owners who are there. Errors: destroyed when none is.
  [[nodiscard]] static Result<void> enter_any(Flights& flights, const Owners& owners) {
    bool alive = false;
    for (const Ref<SubjectState>& owner : owners) {
      if (owner->life() == Life::alive) alive = flights.enter(*owner).has_value() || alive;
    }
    return alive ? Result<void>() : Result<void>(Errc::destroyed);
  }

  /// Puts on record which fields of a loaded record are no envelopes of theirs: a failed field does not know its name.
  template <class Record>
  [[nodiscard]] Result<void> tell_failed(const StoredRow& row, const Record& record, const RecordFacts& facts) {
    Result<void> done;
    each_guarded(record, [&]<class Facts>(std::type_identity<Facts>, const auto& member) {
      const Cell& cell = CellOffice::cell(member);
      if (!done || cell.state() != CellState::failed) return;
      const Error told = inside_.refuse(Verb::read, row.owners.front(), facts.name, Error{cell.reason(), Facts::name});
      if (told == Errc::evidence_unwritable) done = told;
    });
    return done;
  }

  struct Found {
    Owners sorted;
    std::vector<Handle> declared;  ///< in the order of the declaration
    Handle conversation{};
  };

  template <class Record>
  [[nodiscard]] Result<Found> find_owners(const Record& record) {
    Found found;
    found.conversation = conversation_of(record);
    for (const std::string& uid : owner_uids(record)) {
      auto state = inside_.find(uid);
      if (!state) return Error{state.error().code, "owner"};
      found.declared.push_back((*state)->handle());
      found.sorted.push_back(std::move(*state));
    }
    if (!found.conversation.is_zero()) {
      auto newest = inside_.core->conversation_key(found.conversation, 0);
      if (!newest) return Error{newest.error().code, "conversation"};
      auto holders = inside_.core->store().holders(found.conversation, (*newest)->generation());
      if (!holders) return holders.error();
      for (const Ref<SubjectState>& owner : found.sorted) {
        if (!std::binary_search(holders->begin(), holders->end(), owner->handle()))
          return Error{Errc::wrong_subject, "owner"};
      }
      found.sorted.shorten(0);
      for (const Handle& holder : *holders) {
        auto state = inside_.owner(holder);
        if (!state) return state.error();
        found.sorted.push_back(std::move(*state));
      }
    }
    sort_owners(found.sorted);
    if (found.sorted.empty()) return Error{Errc::not_found, "owner"};
    if (found.conversation.is_zero() && found.sorted.size() > 1) return Error{Errc::not_found, "conversation"};
    return found;
  }

  /// What a put is about.
  struct Job {
    const RecordFacts& facts;
    ByteView key;
    RowTag tag;
    Instant now;
    const Found& owners;
  };
  /// What a put changes.
  struct Change {
    StoredRow row;
    typename RowIndex<StoreType>::Plan index;
  };

  template <class Record>
  [[nodiscard]] Result<void> put_in_transaction(Record& record, const Job& job, Change& change) {
    auto before = inside_.store.get_row(job.facts.number, job.tag);
    if (!before && !(before.error() == Errc::not_found)) return before.error();
    StoredRow& row = change.row;
    row.record = job.facts.number;
    row.tag = job.tag;
    row.conversation = job.owners.conversation;
    for (const Ref<SubjectState>& owner : job.owners.sorted) row.owners.push_back(owner->handle());
    row.collected = before && job.facts.retention.start != Start::last_used ? before->collected : job.now;
    row.version = before ? before->version : 1;
    if (before && !continues(*before, row)) return Error{Errc::foreign_envelope, "owner"};
    if (before) row.owners = before->owners;
    row.state = before ? before->state : RowState::active;
    if (row.state == RowState::restricted) return Errc::restricted;
    return write(record, job, before ? &*before : nullptr, change);
  }

  /// An update keeps the conversation and the owners it was first stored for.
  [[nodiscard]] static bool continues(const StoredRow& before, const StoredRow& now) {
    return before.conversation == now.conversation && (!now.conversation.is_zero() || before.owners == now.owners);
  }

  template <class Record>
  [[nodiscard]] Result<void> write(Record& record, const Job& job, const StoredRow* before, Change& change) {
    StoredRow& row = change.row;
    auto place = place_of(job.facts, row);
    if (!place) return place.error();
    Flights flights;
    if (auto entered = enter_any(flights, (*place)->owners); !entered) return entered;
    if (before != nullptr && changes_grave_data(record, **place, *before)) {
      ++row.version;
      (*place)->version = row.version;
    }
    const Bytes times = times_of(record, before, row.collected, job.now);
    auto planned = index_.plan(record, row, **place, before, change.index);
    if (!planned) return planned;
    if (auto bound = bind_fields(record, *place); !bound) return bound;
    write_cells(record, row);
    if (!times.empty()) row.cells.push_back({times_cell, CellKind::clear, times});
    Cell sealed_key;
    auto names = with_owners(job.key, job.owners.declared, row.owners);
    if (!names) return names.error();
    if (auto done = sealed_key.seal_bound(*names, *place, KeyCell::facts); !done) return done;
    row.cells.push_back(sealed_cell(sealed_key, key_cell));
    auto closed = last_closing(row);
    if (!closed) return closed.error();
    row.expires = row_ends_at(job.facts, row, *closed, inside_.calendar());
    if (auto done = index_.add(change.index); !done) return done;
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
        if (!only_without_basis(stands.error().code)) last.code = stands.error().code;
      }
      if (policy.purpose_count != 0) verdict = last;
    });
    return verdict;
  }
  /// Whether a refusal says no more than that the purpose has no basis: not a child, a restriction or a broken ledger.
  [[nodiscard]] static bool only_without_basis(Errc code) noexcept {
    return code == Errc::no_consent || code == Errc::consent_withdrawn || code == Errc::consent_outdated ||
           code == Errc::separate_consent_missing || code == Errc::objected || code == Errc::not_found;
  }
  [[nodiscard]] Result<void> stands_for_all(const Found& found, const PurposeFacts& purpose, Instant now) {
    for (const Ref<SubjectState>& owner : found.sorted) {
      if (owner->life() != Life::alive) continue;
      auto stands = inside_.standing(*owner, purpose, now);
      if (!stands) return stands;
    }
    return {};
  }

  template <class Record>
  [[nodiscard]] Result<Record> load_as_read(const StoredRow& row, Instant now, std::vector<Handle>* wrote) {
    inside_.core->refresh();
    const RecordFacts& facts = StoredRecord<Record>::facts();
    auto place = place_of(facts, row);
    if (!place) return place.error();
    Flights flights;
    if (auto entered = enter_any(flights, (*place)->owners); !entered) return entered.error();
    if ((*place)->expires.ms != 0 && (*place)->expires <= now) return Errc::expired;
    Record record;
    const bool dated = fields_end_with_account<Record> && row.expires.ms != 0;
    auto closed = dated ? last_closing(row) : Result<Instant>(Instant{});
    if (!closed) return closed.error();
    if (auto read = read_cells(row, *place, *closed, inside_.calendar(), record); !read) return read.error();
    if (auto named = read_names(row, *place, record, wrote); !named) return named.error();
    if (auto told = tell_failed(row, record, facts); !told) return told.error();
    return record;
  }
  /// The key and the owners of a loaded record; an owner who is gone is an empty user id.
  template <class Record>
  [[nodiscard]] Result<void> read_names(const StoredRow& row, const Ref<BindingBody>& place, Record& record,
                                        std::vector<Handle>* wrote) {
    const StoredCell* stored = find_cell(row, key_cell);
    if (stored == nullptr) return Error{Errc::malformed, "key"};
    Cell cell;
    if (auto taken = cell.adopt(stored->value, place, KeyCell::facts); !taken) return Error{taken.error().code, "key"};
    PlainBuffer plain;
    if (auto opened = cell.open(KeyCell::revision.type, plain); !opened) return Error{opened.error().code, "key"};
    const NamedRow names(plain.view(), row.owners);
    if (!names.good()) return Error{Errc::malformed, "key"};
    Result<void> done;
    std::size_t next = 0;
    shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_owner) {
        const Handle owner = next < names.declared().size() ? names.declared()[next++] : Handle{};
        auto uid = inside_.uid_of(owner);
        record.*Facts::member = uid ? *uid : std::string();
      } else if constexpr (Facts::is_key) {
        typename Facts::type::custody_public key{};
        if (!decode(names.key(), key)) done = Error{Errc::malformed, "key"};
        record.*Facts::member = std::move(key);
      }
    });
    if (wrote != nullptr) *wrote = names.declared();
    return done;
  }

  VaultInside<StoreType>& inside_;
  RowIndex<StoreType> index_;
};

}  // namespace custody::inline v0::detail
