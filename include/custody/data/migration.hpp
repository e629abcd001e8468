// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/crypto/blind_index.hpp>
#include <custody/crypto/hash.hpp>
#include <custody/data/bind.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/keys/root_wraps.hpp>
#include <custody/words/atomic.hpp>

namespace custody::inline v0 {

/// Which form a row has: a column that the host adds, with 0 for the rows that were there before. The look of a text never
/// decides, since a person may be called like an envelope.
enum class RowForm : std::uint8_t { clear = 0, sealed = 1 };

/// The form that a column's number says. Errors: malformed.
[[nodiscard]] inline Result<RowForm> row_form(std::int64_t column) noexcept {
  if (column != 0 && column != 1) return Errc::malformed;
  return static_cast<RowForm>(column);
}

namespace detail {

/// Where a migration's state lives: one fact of the key store, with a tag under a key that comes from the root.
class MigrationState {
 public:
  MigrationState(RingCore& core, const RecordFacts& record) noexcept : core_(&core), record_(&record) {}
  static constexpr std::byte open{1};
  static constexpr std::byte sealed_only{2};

  /// Without a fact only sealed rows are accepted: removing it gains nothing. Errors: tampered, those of the key store.
  template <class Stored = Bytes>
  [[nodiscard]] Result<std::byte> load() const {
    Result<Stored> fact = core_->store().get_fact(name());
    if (!fact && fact.error() == Errc::not_found) return sealed_only;
    if (!fact) return fact.error();
    if (fact->size() != 1 + IndexValue{}.size()) return Errc::tampered;
    const ByteView bytes(*fact);
    auto expected = tag(bytes[0]);
    if (!expected) return expected.error();
    if (!constant_time_equal(bytes.subspan(1), *expected)) return Errc::tampered;
    if (bytes[0] != open && bytes[0] != sealed_only) return Errc::tampered;
    return bytes[0];
  }
  template <class Stored = Bytes>
  [[nodiscard]] Result<void> save(std::byte state) const {
    auto proof = tag(state);
    if (!proof) return proof.error();
    Stored fact{state};
    fact.insert(fact.end(), proof->begin(), proof->end());
    if (auto put = core_->store().put_fact(name(), fact); !put) return put;
    return core_->store().flush();
  }
  /// Whether this is the ring's own root: both must give one tag. Errors: wrong_root.
  template <class Root>
  [[nodiscard]] Result<void> authenticate(const Root& root) const {
    auto branch = root_branch(core_->store(), root, "custody.ring.index");  // the key above RingCore::index_value
    if (!branch) return branch.error();
    auto key = IndexKey::derive(*branch, {label, core_->product(), record_->name, record_->number, "state", 1});
    if (!key) return key.error();
    auto expected = tag(open);
    if (!expected) return expected.error();
    if (!constant_time_equal(key->value(ByteView(&open, 1)), *expected)) return Errc::wrong_root;
    return {};
  }
  /// Writes a decision about the table, or about one refused row, into the evidence.
  template <class Lazy = void>
  [[nodiscard]] Result<void> record(Event event, const char* place) const {
    event.record = record_->name;
    event.place = place;
    return core_->template record<Lazy>(event);
  }

 private:
  static constexpr std::string_view label = "custody.migration";
  [[nodiscard]] Result<IndexValue> tag(std::byte state) const {
    return core_->index_value(label, record_->name, record_->number, "state", ByteView(&state, 1));
  }
  [[nodiscard]] std::string name() const { return std::string("migration.") + record_->name; }

  RingCore* core_;
  const RecordFacts* record_;
};

struct MigrationBody final : Counted {
  Ref<RingCore> core;
  Atomic<std::uint64_t> taken{0};
};

}  // namespace detail

/// Rows in clear and sealed side by side, for a record of people who keep their own database: read either, write sealed,
/// count what is left with `SELECT count(*) ... WHERE form = 0`, finish by a sweep, then refuse_clear(). Whether clear rows
/// are accepted is a fact in the key store that only the root can put there; an old copy of the key file brings its state
/// back with it. Redo logs, backups and logs keep the clear values after the sweep: vacuum, rotate and delete them.
/// Cheap to copy; thread-safe; follows what other processes decide. PIPL Art. 51.
template <class Record>
class Migration {
  static_assert(detail::RecordCheck<Record>::good);

 public:
  /// Opens the migration of a record on a key ring or vault. Until reopen() was called once, clear rows are refused.
  /// Errors: tampered, ring_closed, no_memory, those of the key store.
  template <class Ring>
  [[nodiscard]] static Result<Migration> open(const Ring& ring) {
    auto* fresh = new (std::nothrow) detail::MigrationBody;
    if (fresh == nullptr) return Errc::no_memory;
    Migration made(detail::Ref<detail::MigrationBody>::adopt(fresh));
    made.body_->core = ring.core();
    if (auto state = made.accepts_clear(); !state) return state.error();
    return made;
  }

  /// Whether clear rows are accepted now. Errors: tampered, ring_closed, those of the key store.
  [[nodiscard]] Result<bool> accepts_clear() const {
    if (body_->core->closed()) return Errc::ring_closed;
    auto state = facts().load();
    if (!state) return state.error();
    return *state == detail::MigrationState::open;
  }
  /// Accepts clear rows, for the first time or again: only with the root. Errors: wrong_root, evidence_unwritable.
  [[nodiscard]] Result<void> reopen(const RootKey& root) const {
    if (auto known = facts().authenticate(root); !known) {
      static_cast<void>(decided("migration.reopen", false, known.error().code));
      return known;
    }
    if (auto written = decided("migration.reopen", true); !written) return written;
    return facts().save(detail::MigrationState::open);
  }
  /// From now on a clear row is an error, in every process. Errors: evidence_unwritable, those of the key store.
  [[nodiscard]] Result<void> refuse_clear() const {
    if (auto written = decided("migration.refuse_clear", true); !written) return written;
    return facts().save(detail::MigrationState::sealed_only);
  }

  /// Reads a column into a field, as the row's form says; a clear value is sealed and bound at once (a text given as an
  /// rvalue is wiped), and the host writes the row back sealed. Errors: clear_refused (recorded), malformed and truncated
  /// for what is no envelope, those of seal_for.
  template <auto Member, class Column>
  [[nodiscard]] Result<void> read(const Binding& place, Column&& column, RowForm form,
                                  detail::member_type<Member>& field) const {
    constexpr bool is_text = std::is_convertible_v<Column, std::string_view>;
    if (form != RowForm::clear && form != RowForm::sealed) return Errc::malformed;
    if constexpr (is_text) {
      if (form == RowForm::sealed) return at_rest::from_text<Member>(place, column, field);
      return take_clear<Member>(place, std::forward<Column>(column), field);
    } else {
      if (form == RowForm::sealed) return at_rest::from_blob<Member>(place, column, field);
      return take_clear<Member>(place, std::string(as_text(column)), field);
    }
  }
  /// Takes a clear value of any type that the field takes, such as a number. Errors: as read.
  template <auto Member, class Source>
  [[nodiscard]] Result<void> take_clear(const Binding& place, Source&& value,
                                        detail::member_type<Member>& field) const {
    auto accepted = accepts_clear();
    if (!accepted) return accepted.error();
    if (!*accepted) return refuse_row(place, detail::FieldPlace<Member>::facts);
    auto sealed = seal_for<Member>(place, std::forward<Source>(value));
    if (!sealed) return sealed.error();
    field = std::move(*sealed);
    body_->taken.fetch_add(1, Order::relaxed);
    return {};
  }
  /// Whether a bound field opens: for a sweep that reads back what it wrote, since a column that is too short cuts in
  /// silence. Shows nothing and needs no permit. Errors: tampered, not_bound, those of keys.
  template <auto Member>
  [[nodiscard]] Result<void> intact(const detail::member_type<Member>& field) const {
    const detail::Cell& cell = detail::CellOffice::cell(field);
    if (cell.state() != detail::CellState::bound) return Errc::not_bound;
    detail::Flights flights;
    bool alive = false;
    for (const auto& owner : cell.binding()->owners) alive = flights.enter(*owner).has_value() || alive;
    if (!alive) return Errc::destroyed;
    detail::PlainBuffer plain;
    return cell.open(detail::type_of<detail::member_type<Member>>(), plain);
  }
  /// How many clear values this object and its copies have sealed.
  [[nodiscard]] std::uint64_t taken() const noexcept { return body_->taken.load(Order::relaxed); }

 private:
  explicit Migration(detail::Ref<detail::MigrationBody> body) noexcept : body_(std::move(body)) {}
  [[nodiscard]] detail::MigrationState facts() const noexcept {
    return {*body_->core, detail::shape_of<Record>::facts};
  }
  [[nodiscard]] Result<void> decided(const char* place, bool granted, Errc reason = Errc::malformed) const {
    Event event;
    event.verb = Verb::sweep;
    event.granted = granted;
    event.reason = reason;
    return facts().record(event, place);
  }
  [[nodiscard]] Result<void> refuse_row(const Binding& place, const detail::FieldFacts& field) const {
    Event event;
    event.verb = Verb::read;
    event.reason = Errc::clear_refused;
    if (const auto& body = BindingOffice::body(place); body) event.subject = body->owners.front()->handle();
    event.field = field.name;
    event.level = field.today().type.policy.level;
    static_cast<void>(facts().record(event, "migration"));  // refused either way
    return Error{Errc::clear_refused, field.name};
  }

  detail::Ref<detail::MigrationBody> body_;
};

}  // namespace custody::inline v0
