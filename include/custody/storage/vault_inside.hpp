// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/data/key_ring.hpp>
#include <custody/evidence/audit_log.hpp>
#include <custody/evidence/consent_ledger.hpp>
#include <custody/law/calendar.hpp>
#include <custody/storage/person_row.hpp>
#include <custody/storage/store.hpp>

namespace custody::inline v0 {

/// What a vault stands on besides its files. The clock must outlive the vault; so must the tables behind the calendar.
struct VaultSettings {
  const Clock* clock = nullptr;          ///< null: the machine's clock
  Calendar calendar{};                   ///< holidays; a year without a table counts calendar days
  LedgerOptions ledger{};
  Duration permit_life = minutes(5);     ///< how long a permit lives when nothing else is said
  std::uint64_t log_buffer = 256;        ///< entries below grade4 that may wait for the next commit
};

namespace detail {

/// The inside of a vault: it stays where it is when the vault moves, since permits and the log refer to it. It is the
/// ring's authority: the consent ledger decides. Thread-safe.
template <class StoreType>
class VaultInside final : public Authority {
 public:
  VaultInside(StoreType opened, const VaultSettings& settings) : store(std::move(opened)), settings_(settings) {}

  [[nodiscard]] Result<void> start(std::string_view product, std::span<const PurposeFacts> purposes, SuiteId suite,
                                   const SuiteFloor& suite_floor, const RootKey& root) {
    AuditLogOptions options;
    options.origin.assign(product).append(".custody/audit");
    options.buffered_entries = settings_.log_buffer;
    if (auto right = check_root(root); !right) return right;
    auto opened = AuditLog::open(store.leaf_store(), store.key_store(), root, clock(), std::move(options));
    if (!opened) return opened.error();
    log = std::move(*opened);
    if (auto kept = keep_root(root); !kept) return kept;
    auto ledger_key = root_branch(store.key_store(), root, "custody.vault.ledger");
    if (!ledger_key) return ledger_key.error();
    ledger = std::make_unique<ConsentLedger>(store.ledger_store(), clock(), purposes, settings_.ledger,
                                             std::move(*ledger_key));
    RingConfig config;
    config.store = &store.key_store();
    config.witness = log.get();
    config.clock = &clock();
    config.authority = this;
    config.product = product;
    config.suite = suite;
    config.suite_floor = suite_floor;
    auto ring = RingEngine<later<void, StoreType>>::open(config, root);
    if (!ring) return ring.error();
    core = std::move(*ring);
    if (auto known = recall_clock(); !known) return refuse(Verb::open, {}, {}, known.error());
    Event event;
    event.verb = Verb::open;
    event.granted = true;
    if (auto written = core->record(event); !written) return written;
    return replay_tombstones();
  }

  [[nodiscard]] const Clock& clock() const noexcept {
    return settings_.clock == nullptr ? own_clock_ : *settings_.clock;
  }
  [[nodiscard]] const Calendar& calendar() const noexcept { return settings_.calendar; }
  [[nodiscard]] const VaultSettings& settings() const noexcept { return settings_; }

  [[nodiscard]] Result<void> decide(const Question& question) noexcept override {
    auto state = core->state_of(question.subject);
    if (!state) return state.error();
    return standing(**state, *question.purpose, question.now);
  }
  /// Whether a purpose may be served for a person. An epoch that rose since the last look means that another process wrote
  /// into the ledger: what is cached must not outlive it, or a permit of the new epoch would rest on the old ledger.
  [[nodiscard]] Result<void> standing(const SubjectState& person, const PurposeFacts& purpose, Instant now) {
    const std::uint64_t epoch = person.epoch();
    if (!looked_at(person.handle(), epoch)) {
      ledger->forget(person.handle());  // before it is noted, or another thread would trust the old ledger
      const Lock lock(known_lock_);
      if (epochs_.size() >= most_known) epochs_.clear();
      epochs_.insert_or_assign(person.handle(), epoch);
    }
    return ledger->standing(person.handle(), purpose, now, epoch);
  }

  /// Gives a person handle, key, age and row, in this order: without the row the person is not there, so that a crash in
  /// between never makes a child an adult. What an earlier crash left is cleared away. Errors: already_there.
  [[nodiscard]] Result<Ref<SubjectState>> enrol(std::string_view uid, AgeBand age, const Handle& guardian) {
    auto state = core->enrol(uid);
    if (!state && state.error() == Errc::already_there && abandoned(uid)) state = core->enrol(uid);
    if (!state) return state;
    auto done = introduce(*state, uid, age, guardian);
    if (done) return state;
    static_cast<void>(core->destroy(**state));
    return done.error();
  }
  /// The person behind a user id. Errors: not_found, destroyed.
  [[nodiscard]] Result<Ref<SubjectState>> find(std::string_view uid) {
    auto state = core->find(uid);
    if (!state) return state;
    if (auto known = uid_of((*state)->handle()); !known) return known.error();
    return state;
  }

  /// A row that no key opens as it is by now, when it was sealed under another key since it was read: the old one may have
  /// been retired meanwhile. `cell` is one that a pass renews. Errors: not_found for a row that is gone or the same.
  [[nodiscard]] Result<StoredRow> sealed_since(const StoredRow& row, std::uint16_t cell) {
    auto now = store.get_row(row.record, row.tag);
    if (!now) return now;
    const StoredCell* const before = find_cell(row, cell);
    const StoredCell* const after = find_cell(*now, cell);
    if (before == nullptr || after == nullptr || before->value == after->value) return Errc::not_found;
    return now;
  }

  /// Writes a refusal into the evidence and gives it back; if the evidence fails, that is the error.
  [[nodiscard]] Error refuse(Verb verb, const Handle& subject, std::string_view record, Error error) {
    Event event;
    event.verb = verb;
    event.reason = error.code;
    event.subject = subject;
    event.record = record;
    event.field = error.where;
    if (auto written = core->record(event); !written) return written.error();
    return error;
  }
  [[nodiscard]] Result<void> tell(Verb verb, const Handle& subject, std::string_view record = {},
                                  std::string_view purpose = {}, Level level = Level::grade1) {
    Event event;
    event.verb = verb;
    event.granted = true;
    event.subject = subject;
    event.record = record;
    event.purpose = purpose;
    event.level = level;
    return core->record(event);
  }

  /// A person's user id, from memory or from the person's row. Errors: destroyed, and those of the store.
  [[nodiscard]] Result<std::string> uid_of(const Handle& person) {
    auto state = core->state_of(person);
    if (!state) return state.error();
    {
      const Lock lock(known_lock_);
      if (const auto known = uids_.find(person); known != uids_.end()) return known->second;
    }
    Flights flights;
    if (auto entered = flights.enter(**state); !entered) return entered.error();
    auto row = store.get_row(person_record, person_tag(person));
    if (!row) return row.error();
    auto uid = uid_in(core, *state, *row);
    while (!uid && uid.error() == Errc::unknown_key) {
      row = sealed_since(*row, uid_cell);
      if (!row) break;
      uid = uid_in(core, *state, *row);
    }
    if (uid) remember_uid(person, *uid);
    return uid;
  }
  void remember_uid(const Handle& person, std::string_view uid) {
    const Lock lock(known_lock_);
    if (uids_.size() >= most_known) uids_.clear();
    uids_.insert_or_assign(person, std::string(uid));
  }
  void forget_person(const Handle& person) {
    {
      const Lock lock(known_lock_);
      uids_.erase(person);
      epochs_.erase(person);
    }
    ledger->forget(person);
  }

  /// When a person closed the account; ms 0 while it is open. Errors: those of the store, which are no answer.
  [[nodiscard]] Result<Instant> closed_at(const Handle& person) {
    auto row = store.get_row(person_record, person_tag(person));
    if (!row) return row.error() == Errc::not_found ? Result<Instant>(Instant{}) : Result<Instant>(row.error());
    return time_in(*row, closed_cell);
  }
  /// The state of an owner, a ghost's when the owner is gone. Errors: those of the key store: who cannot be read just now
  /// is not gone.
  [[nodiscard]] Result<Ref<SubjectState>> owner(const Handle& person) { return state_or_ghost(*core, person); }

  /// Whether an erasure began here and has given no certificate yet: it may be repeated though the keys are gone.
  [[nodiscard]] bool erasing(const Handle& person) {
    const Lock lock(known_lock_);
    return erasing_.contains(person);
  }
  void set_erasing(const Handle& person, bool begun) {
    const Lock lock(known_lock_);
    if (begun)
      erasing_.insert(person);
    else
      erasing_.erase(person);
  }

  /// Changes a person's row.
  template <class Change>
  [[nodiscard]] Result<void> change_person(const Handle& person, Change change) {
    if (auto begun = store.begin(); !begun) return begun;
    auto row = store.get_row(person_record, person_tag(person));
    Result<void> done = row ? Result<void>() : Result<void>(row.error());
    if (row) {
      change(*row);
      done = store.put_row(*row);
    }
    if (done) return store.commit();
    store.rollback();
    return done;
  }

  /// Keeps the latest time seen in the key file, so that a clock set back is noticed at the next start.
  [[nodiscard]] Result<void> note_clock() {
    const Instant latest = core->latest();
    if (latest.ms - noted_.load(std::memory_order_relaxed) < 60'000) return {};
    auto done = store.key_store().put_fact("clock.latest", canonical_bytes(latest.ms));
    if (done) noted_.store(latest.ms, std::memory_order_relaxed);
    return done;
  }

  /// Removes the rows of persons whose keys are gone: after a crash between key and row, and after every restore.
  [[nodiscard]] Result<void> replay_tombstones() {
    std::vector<Handle> gone;
    if (auto read = store.key_store().tombstones(gone); !read) return read;
    for (const Handle& person : gone) {
      auto left = store.rows_of(person, 0, 0, 1);
      if (!left) return left.error();
      if (left->empty()) continue;
      if (auto removed = store.remove_rows_of(person); !removed) return removed.error();
    }
    return {};
  }

  /// Ends everything: permits and bindings fail from here on; the log is signed.
  [[nodiscard]] Result<void> close() {
    if (!core) return {};
    if (core->closed()) return log->close();
    const Instant latest = core->latest();
    static_cast<void>(store.key_store().put_fact("clock.latest", canonical_bytes(latest.ms)));
    core->close();
    return log->close();
  }

  StoreType store;
  std::unique_ptr<AuditLog> log;
  std::unique_ptr<ConsentLedger> ledger;
  Ref<RingCore> core;

 private:
  [[nodiscard]] Result<Bytes> mark_of(const RootKey& root) {
    auto key = root_branch(store.key_store(), root, "custody.vault.root");
    if (!key) return key.error();
    const Digest mark = blake2b<32>({as_bytes("custody.vault.root.1")}, key->view());
    return Bytes(mark.begin(), mark.end());
  }
  /// Tells a wrong root from a log that was tampered with.
  [[nodiscard]] Result<void> check_root(const RootKey& root) {
    auto kept = store.key_store().get_fact(root_fact);
    if (!kept) return kept.error() == Errc::not_found ? Result<void>() : Result<void>(kept.error());
    auto mark = mark_of(root);
    if (!mark) return mark.error();
    return constant_time_equal(*kept, *mark) ? Result<void>() : Result<void>(Error{Errc::wrong_root, "keys"});
  }
  /// After the log has shown that the root is right.
  [[nodiscard]] Result<void> keep_root(const RootKey& root) {
    if (store.key_store().get_fact(root_fact)) return {};
    auto mark = mark_of(root);
    if (!mark) return mark.error();
    return store.key_store().put_fact(root_fact, *mark);
  }

  [[nodiscard]] Result<void> introduce(const Ref<SubjectState>& state, std::string_view uid, AgeBand age,
                                       const Handle& guardian) {
    auto now = core->now();
    if (!now) return now.error();
    if (auto aged = ledger->set_age(state->handle(), age, guardian); !aged) return aged;
    if (auto raised = core->raise_epoch(*state); !raised)
      return raised;  // as many as lines: none can be taken away unseen
    auto row = person_row(core, state, uid, *now);
    if (!row) return row.error();
    if (auto told = tell(Verb::register_, state->handle(), "person"); !told) return told;
    if (auto put = put_person(*row, uid, state->handle()); !put) return put;
    remember_uid(state->handle(), uid);
    return {};
  }
  /// With the data file held, a rotation of the index keys comes before or after: it sees the row, or the user id is put
  /// under its keys here.
  [[nodiscard]] Result<void> put_person(const StoredRow& row, std::string_view uid, const Handle& person) {
    if (auto begun = store.begin(); !begun) return begun;
    auto done = store.put_row(row);
    if (done) done = core->keep_uid(uid, person);
    if (done) return store.commit();
    store.rollback();
    return done;
  }
  /// Whether somebody with this user id was left half enrolled more than a minute ago; then the rest is destroyed.
  [[nodiscard]] bool abandoned(std::string_view uid) {
    auto state = core->find(uid);
    if (!state) return false;
    auto row = store.get_row(person_record, person_tag((*state)->handle()));
    if (row || !(row.error() == Errc::not_found)) return false;
    auto created = core->key_created((*state)->handle());
    return created && *created + minutes(1) < clock().now() && core->destroy(**state).has_value();
  }

  [[nodiscard]] Result<void> recall_clock() {
    auto kept = store.key_store().get_fact("clock.latest");
    if (!kept) return kept.error() == Errc::not_found ? Result<void>() : Result<void>(kept.error());
    std::int64_t ms = 0;
    if (!decode(*kept, ms)) return Error{Errc::malformed, "clock"};
    core->was_at({ms});
    noted_.store(ms, std::memory_order_relaxed);
    if (auto now = core->now(); !now) return now.error();
    return {};
  }

  [[nodiscard]] bool looked_at(const Handle& person, std::uint64_t epoch) {
    const Lock lock(known_lock_);
    const auto seen = epochs_.find(person);
    return seen != epochs_.end() && seen->second == epoch;
  }

  const VaultSettings settings_;
  const SystemClock own_clock_{};
  std::atomic<std::int64_t> noted_{0};
  /// Held over nothing that locks: the ledger keeps its own lock while it reads the store, and the store's is held when a
  /// transaction asks here.
  Mutex known_lock_;
  std::map<Handle, std::string> uids_;
  std::set<Handle> erasing_;
  std::map<Handle, std::uint64_t> epochs_;  ///< at which the cached ledger was last looked at
  static constexpr std::size_t most_known = 65'536;
  static constexpr std::string_view root_fact = "vault.root";
};

}  // namespace detail
}  // namespace custody::inline v0
