// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
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
                                   const RootKey& root) {
    AuditLogOptions options;
    options.origin.assign(product).append(".custody/audit");
    options.buffered_entries = settings_.log_buffer;
    auto opened = AuditLog::open(store.leaf_store(), store.key_store(), root, clock(), std::move(options));
    if (!opened) return opened.error();
    log = std::move(*opened);
    auto ledger_key = root.derive("custody.vault.ledger");
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
    auto ring = RingEngine<later<void, StoreType>>::open(config, root);
    if (!ring) return ring.error();
    core = std::move(*ring);
    if (auto known = recall_clock(); !known) return known;
    Event event;
    event.verb = Verb::open;
    event.granted = true;
    if (auto written = core->record(event); !written) return written;
    return replay_tombstones();
  }

  [[nodiscard]] const Clock& clock() const noexcept { return settings_.clock == nullptr ? own_clock_ : *settings_.clock; }
  [[nodiscard]] const Calendar& calendar() const noexcept { return settings_.calendar; }
  [[nodiscard]] const VaultSettings& settings() const noexcept { return settings_; }

  [[nodiscard]] Result<void> decide(const Question& question) noexcept override {
    auto state = core->state_of(question.subject);
    if (!state) return state.error();
    return ledger->standing(question.subject, *question.purpose, question.now, (*state)->epoch());
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
  [[nodiscard]] Result<void> tell(Verb verb, const Handle& subject, std::string_view record = {}, std::string_view purpose = {},
                                  Level level = Level::grade1) {
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
    {
      const Lock lock(uids_lock_);
      if (const auto known = uids_.find(person); known != uids_.end()) return known->second;
    }
    auto state = core->state_of(person);
    if (!state) return state.error();
    auto row = store.get_row(person_record, person_tag(person));
    if (!row) return row.error();
    auto uid = uid_in(core, *state, *row);
    if (uid) remember_uid(person, *uid);
    return uid;
  }
  void remember_uid(const Handle& person, std::string_view uid) {
    const Lock lock(uids_lock_);
    if (uids_.size() >= 65'536) uids_.clear();
    uids_.insert_or_assign(person, std::string(uid));
  }
  void forget_person(const Handle& person) {
    const Lock lock(uids_lock_);
    uids_.erase(person);
    ledger->forget(person);
  }

  /// When a person closed the account; ms 0 while it is open.
  [[nodiscard]] Instant closed_at(const Handle& person) {
    auto row = store.get_row(person_record, person_tag(person));
    return row ? time_in(*row, closed_cell) : Instant{};
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
    if (!core || core->closed()) return {};
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

  const VaultSettings settings_;
  const SystemClock own_clock_{};
  std::atomic<std::int64_t> noted_{0};
  Mutex uids_lock_;
  std::map<Handle, std::string> uids_;
};

}  // namespace detail
}  // namespace custody::inline v0
