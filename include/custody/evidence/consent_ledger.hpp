// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/crypto/secret.hpp>
#include <custody/evidence/consent.hpp>
#include <custody/evidence/evidence_store.hpp>
#include <custody/evidence/ledger_state.hpp>
#include <custody/evidence/notice.hpp>
#include <custody/law/actor.hpp>
#include <custody/law/handle.hpp>
#include <custody/law/purpose.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/mutex.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// How a consent ledger behaves.
struct LedgerOptions {
  Duration cool_down = days(30);  ///< no asking again so long after a refusal (Network Data Regulations Art. 22)
  Duration cached_for{100};  ///< how long another process's change may go unseen
  std::size_t cached_persons = 4096;  ///< bound of the cache
};

/// The consent ledger: what each person said, append only, and what follows from it now. Every change is durable when
/// its call returns; then the caller raises the person's epoch, so that permits die. All calls of one person are in one
/// order; thread-safe. Handles only, no names. Every call may also fail with the store's error, and with malformed or
/// tampered when the lines it keeps cannot be trusted. PIPL Art. 13 to 16, 29, 31, 44, 47, 69; GDPR Art. 7, 18, 21.
class ConsentLedger {
 public:
  /// `purposes` is the product's list. With a key, every line is sealed and numbered under it, so that an administrator
  /// of the database can neither invent, change, move nor remove lines; the key must stay the same for the ledger's
  /// life.
  ConsentLedger(LedgerStore& store, const Clock& clock, std::span<const PurposeFacts> purposes,
                LedgerOptions options = {}, SecretKey key = {})
      : store_(&store),
        clock_(&clock),
        tree_(purposes),
        options_(options),
        key_(std::move(key)),
        notices_(tree_.size()) {}

  /// Makes a notice the one that now asks for its purposes. A consent given to other terms (purpose, manner or kinds)
  /// is outdated from now on; other changes leave it alone (PIPL Art. 14). Call it at every start. Errors: not_found
  /// for a purpose that the product does not list, and then nothing changes.
  [[nodiscard]] Result<void> publish_notice(const Notice& notice) {
    for (const PurposeFacts& facts : notice.purposes()) {
      if (tree_.find(facts.id) == detail::no_purpose) return Error{Errc::not_found, facts.id, 0};
    }
    const Lock lock(notices_lock_);
    for (const PurposeFacts& facts : notice.purposes()) {
      notices_[tree_.find(facts.id)] = {true, notice.hash(), *notice.terms_hash(facts.id)};
    }
    return {};
  }

  /// A person, or the guardian of one under 14, said yes; also after a refusal, when it is the person's own initiative.
  /// Errors: consent_outdated when the notice is not the published one, guardian_missing for a person under 14 unless
  /// their registered guardian consents, no_consent when a guardian speaks for somebody older.
  template <class Tag>
  [[nodiscard]] Result<void> grant(const Handle& who, const Consent<Tag>& consent) {
    return grant_terms(who, consent.terms());
  }
  /// A person was asked and said no.
  [[nodiscard]] Result<void> decline(const Handle& who, std::string_view purpose) {
    return say(who, LedgerVerb::decline, purpose);
  }
  /// A person takes a consent back, for the purpose and all below it (PIPL Art. 15); what was done before stays lawful.
  [[nodiscard]] Result<void> withdraw(const Handle& who, std::string_view purpose) {
    return say(who, LedgerVerb::withdraw, purpose);
  }
  /// An objection that was accepted: it wins over every basis, for the purpose and all below it (PIPL Art. 24, 44).
  /// Whether a duty of law leaves room for one is decided before this call.
  [[nodiscard]] Result<void> object(const Handle& who, std::string_view purpose) {
    return say(who, LedgerVerb::object, purpose);
  }
  [[nodiscard]] Result<void> lift_objection(const Handle& who, std::string_view purpose) {
    return say(who, LedgerVerb::lift_objection, purpose);
  }
  /// A person's age band, and for one under 14 the guardian once known (PIPL Art. 31). Errors: malformed for an
  /// invented band, guardian_missing for a guardian who is the child.
  [[nodiscard]] Result<void> set_age(const Handle& who, AgeBand band, const Handle& guardian = {}) {
    if (band > AgeBand::adult) return Errc::malformed;
    if (!guardian.is_zero() && guardian == who) return Errc::guardian_missing;
    LedgerRow row = row_of(who, LedgerVerb::age);
    row.age_band = static_cast<std::uint8_t>(band);
    if (band == AgeBand::under14) row.guardian = guardian;
    return append(std::move(row));
  }
  /// From now on the person's data may only be stored and protected (PIPL Art. 44, 47; GDPR Art. 18).
  [[nodiscard]] Result<void> restrict_use(const Handle& who) { return append(row_of(who, LedgerVerb::restrict_)); }
  [[nodiscard]] Result<void> lift_restriction(const Handle& who) {
    return append(row_of(who, LedgerVerb::lift_restriction));
  }

  /// Whether a purpose may be served for a person at `now`. `epoch` is the person's epoch in the key file: it is raised
  /// at most once a line, so a ledger with fewer lines is an old copy. Errors: not_found for a purpose outside the
  /// product; restricted, guardian_missing, objected, no_consent, consent_withdrawn, consent_outdated,
  /// separate_consent_missing; clock_set_back when the newest line lies more than five minutes ahead; tampered for an
  /// old copy.
  [[nodiscard]] Result<void> standing(const Handle& who, const PurposeFacts& purpose, Instant now,
                                      std::uint64_t epoch = 0) {
    const std::size_t index = tree_.find(purpose.id);
    if (index == detail::no_purpose) return Error{Errc::not_found, purpose.id, 0};
    Shard& shard = shard_of(who);
    const Lock lock(shard.lock);
    const auto person = find(shard, who, now);
    if (!person) return person.error();
    if ((*person)->lines < epoch) return Error{Errc::tampered, "consent ledger", (*person)->lines};
    if ((*person)->last_at > now + minutes(5)) return Error{Errc::clock_set_back, "consent ledger", 0};
    if (auto good = decide(**person, index); !good) return Error{good.error().code, tree_.facts(index).id, 0};
    return {};
  }
  /// Whether a person may be asked for a purpose now: true in `if`, else the reason. Errors: asked_too_soon after a
  /// refusal of it or of a wider one, withdrawals included; objected; not_found.
  [[nodiscard]] Result<void> may_ask(const Handle& who, std::string_view purpose) {
    const std::size_t index = tree_.find(purpose);
    if (index == detail::no_purpose) return Error{Errc::not_found, "", 0};
    const Instant now = clock_->now();
    Shard& shard = shard_of(who);
    const Lock lock(shard.lock);
    const auto person = find(shard, who, now);
    if (!person) return person.error();
    Result<void> answer;
    tree_.upwards(index, [&](std::size_t each) {
      const detail::PurposeWords& words = (*person)->purposes[each];
      if (words.objected) answer = Errc::objected;
      const bool soon = now - words.refused_at < options_.cool_down;  // also when the clock went back
      if (words.refused && soon && answer) answer = Errc::asked_too_soon;
    });
    return answer;
  }

  /// A person's lines, oldest first, checked: for exports and disputes.
  [[nodiscard]] Result<std::vector<LedgerRow>> lines_of(const Handle& who) {
    auto rows = store_->ledger_of(who);
    if (!rows) return rows;
    if (auto good = replay(who, *rows); !good) return good.error();
    return rows;
  }
  /// Drops what is cached about a person: call it when another process is known to have raised the person's epoch.
  void forget(const Handle& who) {
    Shard& shard = shard_of(who);
    const Lock lock(shard.lock);
    shard.persons.erase(who);
  }

 private:
  struct Shard {
    Mutex lock;
    std::map<Handle, detail::PersonWords> persons;
  };

  [[nodiscard]] Shard& shard_of(const Handle& who) noexcept {
    return shards_[std::to_integer<std::size_t>(who.bytes[0]) % shards_.size()];
  }
  [[nodiscard]] static LedgerRow row_of(const Handle& who, LedgerVerb verb) {
    LedgerRow row;
    row.subject = who;
    row.verb = verb;
    return row;
  }
  [[nodiscard]] Result<void> say(const Handle& who, LedgerVerb verb, std::string_view purpose) {
    if (tree_.find(purpose) == detail::no_purpose) return Error{Errc::not_found, "", 0};
    LedgerRow row = row_of(who, verb);
    row.purpose = purpose;
    return append(std::move(row));
  }
  [[nodiscard]] Result<void> grant_terms(const Handle& who, const detail::ConsentTerms& terms) {
    const std::size_t index = tree_.find(terms.purpose);
    if (index == detail::no_purpose) return Error{Errc::not_found, terms.purpose, 0};
    {
      const Lock lock(notices_lock_);
      const detail::PublishedNotice& now = notices_[index];
      if (!now.there || now.terms != terms.terms_hash) return Error{Errc::consent_outdated, terms.purpose, 0};
    }
    LedgerRow row = row_of(who, LedgerVerb::grant);
    row.purpose = terms.purpose;
    row.form = terms.form;
    row.notice = terms.notice;
    row.notice_hash.assign(terms.notice_hash.begin(), terms.notice_hash.end());
    row.terms_hash.assign(terms.terms_hash.begin(), terms.terms_hash.end());
    row.categories = terms.categories;
    row.guardian = terms.guardian;
    return append(std::move(row));
  }
  /// Whether the one who consents may speak for the person.
  [[nodiscard]] static Result<void> may_speak(const detail::PersonWords& person, const LedgerRow& row) noexcept {
    if (row.verb != LedgerVerb::grant) return {};
    const bool by_guardian = row.form == ConsentForm::guardian;
    if (person.age != AgeBand::under14) return by_guardian ? Result<void>(Errc::no_consent) : Result<void>();
    const bool right = by_guardian && !person.guardian.is_zero() && row.guardian == person.guardian;
    return right ? Result<void>() : Result<void>(Errc::guardian_missing);
  }

  /// Appends one line behind all others of the person, and remembers it.
  [[nodiscard]] Result<void> append(LedgerRow row) {
    if (row.subject.is_zero()) return Error{Errc::malformed, "subject", 0};
    Shard& shard = shard_of(row.subject);
    const Lock lock(shard.lock);
    for (int attempt = 0; attempt != 16; ++attempt) {
      shard.persons.erase(row.subject);
      row.at = clock_->now();
      auto person = find(shard, row.subject, row.at);
      if (!person) return person.error();
      if (auto right = may_speak(**person, row); !right) return right;
      row.line = (*person)->lines + 1;
      seal(row);
      auto done = store_->append_ledger({&row, 1});
      if (done && detail::apply_line(**person, tree_, row)) return {};
      shard.persons.erase(row.subject);
      if (done || !(done.error() == Errc::already_there)) return done;
    }
    return Errc::locked;
  }
  void seal(LedgerRow& row) const {
    if (key_.empty()) return;
    const Digest digest = detail::line_seal(row, key_);
    row.seal.assign(digest.begin(), digest.end());
  }

  /// A person's state from the cache or the store. Under the shard's lock.
  [[nodiscard]] Result<detail::PersonWords*> find(Shard& shard, const Handle& who, Instant now) {
    const auto cached = shard.persons.find(who);
    if (cached != shard.persons.end()) {
      const Instant loaded = cached->second.loaded_at;
      if (now >= loaded && now - loaded < options_.cached_for) return &cached->second;
    }
    auto rows = store_->ledger_of(who);
    if (!rows) return rows.error();
    auto person = replay(who, *rows);
    if (!person) return person.error();
    person->loaded_at = now;
    if (shard.persons.size() >= options_.cached_persons / shards_.size() + 1) shard.persons.clear();
    return &(shard.persons[who] = *std::move(person));
  }
  [[nodiscard]] Result<detail::PersonWords> replay(const Handle& who, std::span<const LedgerRow> rows) const {
    detail::PersonWords person;
    person.purposes.resize(tree_.size());
    for (const LedgerRow& row : rows) {
      if (!(row.subject == who) || !sealed(row, person.lines + 1)) {
        return Error{Errc::tampered, "consent ledger", person.lines + 1};
      }
      if (!detail::apply_line(person, tree_, row)) return Error{Errc::malformed, "consent ledger", person.lines};
    }
    return person;
  }
  [[nodiscard]] bool sealed(const LedgerRow& row, std::uint64_t line) const {
    return key_.empty() || (row.line == line && constant_time_equal(row.seal, detail::line_seal(row, key_)));
  }

  [[nodiscard]] Result<void> decide(const detail::PersonWords& person, std::size_t purpose) {
    const Basis basis = tree_.facts(purpose).basis;
    if (person.restricted) return Errc::restricted;
    const bool alone = person.age == AgeBand::under14 && person.guardian.is_zero();
    if (alone && basis != Basis::legal_duty) return Errc::guardian_missing;
    bool objected = false;
    tree_.upwards(purpose, [&](std::size_t each) { objected = objected || person.purposes[each].objected; });
    if (objected) return Errc::objected;
    if (!needs_consent(basis)) return {};
    const Lock lock(notices_lock_);
    return detail::check_consent(person, tree_, purpose, notices_);
  }

  LedgerStore* store_;
  const Clock* clock_;
  const detail::PurposeTree tree_;
  const LedgerOptions options_;
  const SecretKey key_;
  std::array<Shard, 16> shards_;
  Mutex notices_lock_;
  std::vector<detail::PublishedNotice> notices_;
};

}  // namespace custody::inline v0
