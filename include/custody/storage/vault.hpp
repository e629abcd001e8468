// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/law/product.hpp>
#include <custody/storage/closing.hpp>
#include <custody/storage/erasure.hpp>
#include <custody/storage/index_pass.hpp>
#include <custody/storage/rights_desk.hpp>
#include <custody/storage/sweeper.hpp>
#include <custody/storage/vault_rotation.hpp>
#include <custody/storage/vault_search.hpp>

namespace custody::inline v0 {

/// Everything kept about persons, with its consents, keys, deadlines and evidence: two files, one object. Move-only;
/// thread-safe. Every refusal is in the audit log before the caller sees it. After destruction every permit and every
/// loaded record fails with ring_closed. PIPL Art. 6, 13-17, 19, 45, 47, 51, 55.
template <class Product, class StoreType, class Suite = suite_of<Product>>
class Vault : public detail::VaultRotation<Vault<Product, StoreType, Suite>, StoreType> {
  static_assert(Store<StoreType>,
                "custody[S1]: something that is no custody store was given guarded data (PIPL Art. 51). "
                "Fix: use custody::SqliteStore or custody::MemoryStore, or model the custody::Store concept.");
  static_assert(detail::SuiteChecked<Suite>::good);
  using Inside = detail::VaultInside<StoreType>;

 public:
  /// Opens or creates both files. Errors: wrong_root, wrong_schema, unsafe_permissions, locked, read_only, malformed,
  /// tampered (the log does not match its signed head), clock_set_back, suite_unavailable, evidence_unwritable.
  [[nodiscard]] static Result<Vault> open(const typename StoreType::Options& files, const RootKey& root,
                                          const VaultSettings& settings = {}) {
    constexpr std::string_view product_id{Product::id.text, Product::id.length()};
    auto store = StoreType::open(files, product_id);
    if (!store) return store.error();
    auto inside = std::make_unique<Inside>(std::move(*store), settings);
    if (auto known = use_suite<Suite>(); !known) return known.error();
    constexpr auto floor = detail::suite_floor_of<Product>;
    auto started = inside->start(product_id, Product::purposes, Suite::id, floor, root);
    if (!started) return started.error();
    return Vault(std::move(inside));
  }
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  Vault(Vault&&) noexcept = default;
  Vault& operator=(Vault&& other) noexcept {
    if (inside_) static_cast<void>(inside_->close());
    inside_ = std::move(other.inside_);
    return *this;
  }
  ~Vault() {
    if (inside_) static_cast<void>(inside_->close());
  }
  /// Signs the log and closes; the destructor does the same without telling whether it worked.
  [[nodiscard]] Result<void> close() { return inside_->close(); }

  /// Gives a person a handle and a key. For a person under 14, name the guardian, who is a person here; without one every
  /// purpose but legal duties is refused. Errors: already_there.
  [[nodiscard]] Result<Subject> enrol(std::string_view uid, AgeBand age = AgeBand::unknown,
                                      const Subject& guardian = {}) {
    auto state = inside_->enrol(uid, age, guardian.handle());
    if (!state) return inside_->refuse(Verb::register_, {}, "person", state.error());
    if (auto noted = inside_->note_clock(); !noted) return noted.error();
    return PermitOffice::subject(std::move(*state));
  }
  /// Errors: not_found, destroyed.
  [[nodiscard]] Result<Subject> find(std::string_view uid) {
    auto state = inside_->find(uid);
    if (!state) return state.error();
    return PermitOffice::subject(std::move(*state));
  }
  /// A person came of age, or a guardian became known. Ends the person's permits.
  [[nodiscard]] Result<void> set_age(const Subject& subject, AgeBand age, const Subject& guardian = {}) {
    return said(Verb::register_, subject, {},
                [&](const Handle& who) { return inside_->ledger->set_age(who, age, guardian.handle()); });
  }

  /// Makes a notice the current one; a consent to other terms is outdated. Ends every permit of this process; another on
  /// the same files goes on with what it published itself.
  [[nodiscard]] Result<void> publish(const Notice& notice) {
    if (auto done = inside_->ledger->publish_notice(notice); !done) return done;
    inside_->core->raise_policy_version();  // after: a permit minted in between still ends
    return {};
  }
  /// Whether the person may be asked now. Errors: asked_too_soon, objected.
  template <class Tag>
    requires PurposeOf<Tag, Product>
  [[nodiscard]] Result<void> may_ask(const Subject& subject) {
    return inside_->ledger->may_ask(subject.handle(), detail::purpose_facts<Tag>.id);
  }
  /// The person said yes. Errors: consent_outdated, guardian_missing.
  template <class Tag>
    requires PurposeOf<Tag, Product>
  [[nodiscard]] Result<void> grant(const Subject& subject, const Consent<Tag>& consent) {
    return said(Verb::consent, subject, detail::purpose_facts<Tag>.id,
                [&](const Handle& who) { return inside_->ledger->grant(who, consent); });
  }
  /// The person was asked and said no.
  template <class Tag>
    requires PurposeOf<Tag, Product>
  [[nodiscard]] Result<void> decline(const Subject& subject) {
    return said(Verb::decline, subject, detail::purpose_facts<Tag>.id,
                [&](const Handle& who) { return inside_->ledger->decline(who, detail::purpose_facts<Tag>.id); });
  }
  /// The person takes a consent back; the next release fails (PIPL Art. 15).
  template <class Tag>
    requires PurposeOf<Tag, Product>
  [[nodiscard]] Result<void> withdraw(const Subject& subject) {
    return said(Verb::withdraw, subject, detail::purpose_facts<Tag>.id,
                [&](const Handle& who) { return inside_->ledger->withdraw(who, detail::purpose_facts<Tag>.id); });
  }
  /// The person objects; wins over every basis (PIPL Art. 24, 44).
  template <class Tag>
    requires PurposeOf<Tag, Product>
  [[nodiscard]] Result<void> object(const Subject& subject) {
    return said(Verb::object, subject, detail::purpose_facts<Tag>.id,
                [&](const Handle& who) { return inside_->ledger->object(who, detail::purpose_facts<Tag>.id); });
  }

  /// Stores a record, new or changed: binds its fields to person, row and field, indexes and dates it. What was bound
  /// already and did not change stays byte for byte. Errors: not_found (owner or conversation), no_live_basis,
  /// guardian_missing, foreign_envelope, restricted, the ingest's own, those of the store.
  template <class Record>
    requires detail::DeclaresFields<Record> && detail::fits_store<Record, StoreType>
  [[nodiscard]] Result<void> put(Record& record) {
    static_assert(detail::SuiteReaches<Record, Product, Suite>::good);
    detail::VaultRows<StoreType> rows(*inside_);
    if (auto done = rows.put(record); !done) return refused<Record>(Verb::store, record, done.error());
    return inside_->note_clock();
  }
  template <class Record>
    requires(!detail::DeclaresFields<Record>)
  CUSTODY_DETAIL_REFUSE(
      "custody[F7]: something that declares no fields was given to a vault (PIPL Art. 51). "
      "Fix: give the struct a custody_fields declaration.",
      put(Record&));
  template <class Record>
    requires(detail::DeclaresFields<Record> && !detail::fits_store<Record, StoreType>)
  CUSTODY_DETAIL_REFUSE(
      "custody[L4]: data of a higher level than the store is declared for (DSL Art. 21). "
      "Fix: use a store whose custody_protection reaches that level.",
      put(Record&));

  /// Loads a record, still sealed. Errors: not_found, expired, destroyed, tampered (the row's own key).
  template <class Record>
  [[nodiscard]] Result<Record> get(std::string_view key) {
    detail::VaultRows<StoreType> rows(*inside_);
    const detail::RecordFacts& facts = detail::StoredRecord<Record>::facts();
    auto tag = rows.tag_of(facts, as_bytes(key));
    if (!tag) return tag.error();
    auto row = inside_->store.get_row(facts.number, *tag);
    if (!row) return row.error();
    return loaded<Record>(rows, *row);
  }
  /// The records whose indexed field equals a value once both are normalised. Errors: malformed for a value that cannot
  /// be.
  template <auto Member>
  [[nodiscard]] Result<std::vector<detail::owner_type<Member>>> find_by(std::string_view value) {
    return detail::Search<StoreType, Member>(*inside_).find(value, [this](auto& rows, const StoredRow& row) {
      return this->template loaded<detail::owner_type<Member>>(rows, row);
    });
  }
  /// A page of a person's records, oldest first; rows of conversations the person left are passed over.
  template <class Record>
  [[nodiscard]] Result<std::vector<Record>> list(const Subject& subject, std::uint64_t offset = 0,
                                                 std::uint64_t limit = 100) {
    detail::VaultRows<StoreType> rows(*inside_);
    auto stored = inside_->store.rows_of(subject.handle(), detail::StoredRecord<Record>::facts().number, offset, limit);
    if (!stored) return stored.error();
    std::vector<Record> records;
    for (const StoredRow& row : *stored) {
      if (!rows.sees(row, subject.handle())) continue;
      auto record = loaded<Record>(rows, row);
      if (record)
        records.push_back(std::move(*record));
      else if (!detail::passed_over(record.error()))
        return record.error();
    }
    return records;
  }
  /// Removes one record. Errors: not_found; restricted while a legal minimum runs.
  template <class Record>
  [[nodiscard]] Result<void> remove(std::string_view key) {
    detail::VaultRows<StoreType> rows(*inside_);
    const detail::RecordFacts& facts = detail::StoredRecord<Record>::facts();
    auto tag = rows.tag_of(facts, as_bytes(key));
    if (!tag) return tag.error();
    auto row = inside_->store.get_row(facts.number, *tag);
    if (!row) return row.error();
    const Handle owner = row->owners.empty() ? Handle{} : row->owners.front();
    if (detail::floor_of(facts, *row, inside_->calendar()) > inside_->clock().now()) {
      return inside_->refuse(Verb::sweep, owner, facts.name, Error{Errc::restricted});
    }
    if (auto told = inside_->tell(Verb::sweep, owner, facts.name); !told) return told;
    return rows.remove(*row);
  }
  /// The check that an `until_checked` field was collected for is done: the field is destroyed now.
  template <auto Member>
  [[nodiscard]] Result<void> checked(std::string_view key) {
    using Record = detail::owner_type<Member>;
    static_assert(detail::FieldPlace<Member>::facts.retention.start == Start::checked,
                  "checked() is for fields declared retained<until_checked>");
    auto record = get<Record>(key);
    if (!record) return record.error();
    ((*record).*Member).reset();
    if (auto done = put(*record); !done) return done;
    static_cast<void>(inside_->store.truncate_wal());
    return {};
  }

  /// A permit, if role, basis and person allow it; recorded either way. Lives for the settings' permit_life.
  template <class Tag>
    requires PurposeTag<Tag> && PurposeOf<Tag, Product>
  [[nodiscard]] Result<Permit<Tag>> permit(const Subject& subject, const Actor& actor) {
    return permit<Tag>(subject, actor, default_end());
  }
  template <class Tag>
    requires PurposeTag<Tag> && PurposeOf<Tag, Product>
  [[nodiscard]] Result<Permit<Tag>> permit(const Subject& subject, const Actor& actor, Instant until) {
    return permit<Tag>(std::span<const Subject>(&subject, 1), actor, until);
  }
  /// One permit for several persons, all or none.
  template <class Tag>
    requires PurposeTag<Tag> && PurposeOf<Tag, Product>
  [[nodiscard]] Result<Permit<Tag>> permit(std::span<const Subject> subjects, const Actor& actor) {
    return permit<Tag>(subjects, actor, default_end());
  }
  template <class Tag>
    requires PurposeTag<Tag> && PurposeOf<Tag, Product>
  [[nodiscard]] Result<Permit<Tag>> permit(std::span<const Subject> subjects, const Actor& actor, Instant until) {
    return PermitOffice::issue<Tag>(inside_->core, subjects, actor, until);
  }
  template <class Tag, class... Arguments>
    requires(!PurposeTag<Tag>)
  CUSTODY_DETAIL_REFUSE(
      "custody[P4]: a permit was asked for something that is no declared purpose (PIPL Art. 6). "
      "Fix: struct Name final : custody::Purpose<\"id\", custody::Basis::...> {};",
      permit(Arguments&&...));
  template <class Tag, class... Arguments>
    requires(PurposeTag<Tag> && !PurposeOf<Tag, Product>)
  CUSTODY_DETAIL_REFUSE(
      "custody[P3]: a purpose outside the product's list was asked for (PIPL Art. 6). "
      "Fix: add it to the product's purposes, and to the notice.",
      permit(Arguments&&...));

  /// Starts a conversation of these persons; its rows belong to all of them.
  [[nodiscard]] Result<Conversation> converse(std::span<const Subject> members) {
    auto handle = detail::random_handle();
    if (!handle) return handle.error();
    auto started = inside_->core->start_generation(*handle, 1, PermitOffice::states(members));
    if (!started) return started.error();
    return Conversation{*handle};
  }
  /// One leaves: the leaver's key to the conversation is destroyed, the others keep the text and go on with a new key.
  [[nodiscard]] Result<void> leave(const Conversation& conversation, const Subject& leaver) {
    if (!leaver) return Errc::not_found;
    auto newest = inside_->core->conversation_key(conversation.handle, 0);
    if (!newest) return newest.error();
    auto holders = inside_->core->store().holders(conversation.handle, (*newest)->generation());
    if (!holders) return holders.error();
    if (!std::binary_search(holders->begin(), holders->end(), leaver.handle())) {
      return inside_->refuse(Verb::leave, leaver.handle(), {}, Error{Errc::not_found});
    }
    if (auto told = inside_->tell(Verb::leave, leaver.handle()); !told) return told;
    if (auto left = inside_->core->drop_holder(conversation.handle, *PermitOffice::state(leaver)); !left) return left;
    detail::Owners rest;
    for (const Handle& holder : *holders) {
      auto state = inside_->core->state_of(holder);
      if (state && holder != leaver.handle()) rest.push_back(std::move(*state));
    }
    if (rest.empty()) return {};
    auto started = inside_->core->start_generation(conversation.handle, (*newest)->generation() + 1, rest);
    if (!started) return started.error();
    return {};
  }

  /// The account is closed: the clock of everything kept for its life starts (App Method 2019: 15 working days).
  [[nodiscard]] Result<void> close_account(const Subject& subject) {
    if (!subject) return Errc::not_found;
    if (auto dated = detail::Closer<StoreType>(*inside_).close(subject.handle()); !dated) return dated;
    return inside_->tell(Verb::leave, subject.handle(), "person");
  }
  /// Destroys what is due. Call it at least daily.
  [[nodiscard]] Result<SweepReport> sweep() {
    auto report = detail::Sweeper<StoreType>(*inside_).sweep();
    if (!report) return inside_->refuse(Verb::sweep, {}, {}, report.error());
    return report;
  }
  /// Destroys a person's keys, index rows and rows (PIPL Art. 47); what a legal minimum holds is restricted until its day.
  /// Waits for releases in flight. Errors: inside_release, destroyed.
  [[nodiscard]] Result<ErasureCertificate> erase(const Subject& subject) {
    if (!subject) return Errc::not_found;
    auto made = detail::Eraser<StoreType>(*inside_).erase(PermitOffice::state(subject));
    if (!made) return inside_->refuse(Verb::erase, subject.handle(), {}, made.error());
    return made;
  }
  /// Gives a person what is held about the person: `visit(record, row number, field facts, const payload&)` for every value.
  template <class... Records, class Tag, class Visit>
    requires PurposeOf<Tag, Product> && (detail::purpose_facts<Tag>.basis == Basis::legal_duty)
  [[nodiscard]] Result<std::uint64_t> export_subject(const Subject& subject, const Permit<Tag>& permit, Visit visit) {
    detail::RightsDesk<StoreType> desk(*inside_);
    std::uint64_t total = 0;
    Result<void> done;
    const auto give = [&]<class Record>(std::type_identity<Record>) {
      if (!done) return;
      auto given = desk.template give<Record>(PermitOffice::state(subject), permit, visit);
      if (given)
        total += *given;
      else
        done = given.error();
    };
    (give(std::type_identity<Records>{}), ...);
    if (!done) return done.error();
    return total;
  }

  /// Rotates the keys of the blind indexes, online: `start()`, then `step()` until it no longer runs. Valid as long as the
  /// vault stays where it is.
  [[nodiscard]] detail::IndexPass<StoreType> index_rotation() noexcept {
    return detail::IndexPass<StoreType>(*inside_);
  }

  [[nodiscard]] AuditLog& audit() noexcept { return *inside_->log; }
  [[nodiscard]] ConsentLedger& consents() noexcept { return *inside_->ledger; }
  [[nodiscard]] StoreType& store() noexcept { return inside_->store; }
  [[nodiscard]] const detail::Ref<detail::RingCore>& core() const noexcept { return inside_->core; }

 private:
  friend detail::VaultRotation<Vault, StoreType>;
  explicit Vault(std::unique_ptr<Inside> inside) noexcept : inside_(std::move(inside)) {}

  [[nodiscard]] Instant default_end() const noexcept {
    return inside_->clock().now() + inside_->settings().permit_life;
  }
  /// Something a person said: into the ledger, then the permits end, then the evidence.
  template <class Say>
  [[nodiscard]] Result<void> said(Verb verb, const Subject& subject, std::string_view purpose, Say say) {
    if (!subject) return Errc::not_found;
    if (auto done = say(subject.handle()); !done) return inside_->refuse(verb, subject.handle(), {}, done.error());
    if (auto raised = inside_->core->raise_epoch(*PermitOffice::state(subject)); !raised) return raised;
    return inside_->tell(verb, subject.handle(), {}, purpose, Level::grade4);
  }
  template <class Record>
  [[nodiscard]] Error refused(Verb verb, const Record& record, Error error) {
    Handle owner{};
    for (const std::string& uid : detail::owner_uids(record)) {
      if (auto state = inside_->core->find(uid); state && owner.is_zero()) owner = (*state)->handle();
    }
    return inside_->refuse(verb, owner, detail::shape_of<Record>::facts.name, error);
  }
  template <class Record>
  [[nodiscard]] Result<Record> loaded(detail::VaultRows<StoreType>& rows, const StoredRow& row) {
    auto now = inside_->core->now();
    auto record = now ? rows.template load<Record>(row, *now) : Result<Record>(now.error());
    if (!record) {
      return inside_->refuse(Verb::read, row.owners.empty() ? Handle{} : row.owners.front(),
                             detail::shape_of<Record>::facts.name, record.error());
    }
    return record;
  }
  std::unique_ptr<Inside> inside_;
};

}  // namespace custody::inline v0
