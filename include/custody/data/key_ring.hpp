// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <custody/crypto/suite.hpp>
#include <custody/data/bind.hpp>
#include <custody/data/lookup.hpp>
#include <custody/data/permit.hpp>
#include <custody/keys/ring_engine.hpp>
#include <custody/law/product.hpp>
#include <custody/law/protection.hpp>

namespace custody::inline v0 {

/// A conversation as the program refers to one. A random handle; may be stored in clear.
struct Conversation {
  Handle handle{};
  [[nodiscard]] friend bool operator==(const Conversation&, const Conversation&) noexcept = default;
};

/// Keys, permits and bindings of one product without a store, for people who keep their own database. Move-only handle;
/// thread-safe. After destruction every permit and binding of it fails with ring_closed.
template <class Product, class Suite = suite_of<Product>>
class KeyRing {
  static_assert(detail::SuiteChecked<Suite>::good);

 public:
  using product = Product;

  /// Opens over a key store, an evidence writer, a clock and an authority; all are borrowed and must outlive the ring.
  /// Errors: suite_unavailable, already_there (another suite has the number of this one), no_memory.
  template <class Keys>
    requires detail::declares_protection<Keys>
  [[nodiscard]] static Result<KeyRing> open(Keys& keys, const RootKey& root, Witness& witness, Authority& authority,
                                            const Clock& clock) {
    detail::RingConfig config;
    config.store = &keys;
    config.witness = &witness;
    config.clock = &clock;
    config.authority = &authority;
    config.product = {Product::id.text, Product::id.length()};
    if (auto known = use_suite<Suite>(); !known) return known.error();
    config.suite = Suite::id;
    config.suite_floor = detail::suite_floor_of<Product>;
    auto core = detail::RingEngine<detail::later<void, Product>>::open(config, root);
    if (!core) return core.error();
    return KeyRing(std::move(*core));
  }
  template <class Keys>
    requires(!detail::declares_protection<Keys>)
  static CUSTODY_DETAIL_REFUSE(
      "custody[S5]: a store, channel or key provider does not declare its protection (PIPL Art. 51). "
      "Fix: static constexpr custody::Protection custody_protection{custody::Level::..., \"name\"};",
      open(Keys&, const RootKey&, Witness&, Authority&, const Clock&));

  KeyRing(const KeyRing&) = delete;
  KeyRing& operator=(const KeyRing&) = delete;
  KeyRing(KeyRing&& other) noexcept : core_(std::move(other.core_)) {}
  KeyRing& operator=(KeyRing&& other) noexcept {
    close();
    core_ = std::move(other.core_);
    return *this;
  }
  ~KeyRing() { close(); }

  /// A new person. Errors: already_there.
  [[nodiscard]] Result<Subject> enrol(std::string_view uid) { return as_subject(core_->enrol(uid)); }
  /// A known person. Errors: not_found, destroyed.
  [[nodiscard]] Result<Subject> find(std::string_view uid) { return as_subject(core_->find(uid)); }
  /// The person behind a handle that a database row names. Errors: destroyed, unknown_key.
  [[nodiscard]] Result<Subject> find(const Handle& handle) { return as_subject(core_->state_of(handle)); }

  /// Asks the authority whether a purpose has a live basis; the answer is good for a minute.
  template <class Tag>
    requires PurposeTag<Tag> && PurposeOf<Tag, Product>
  [[nodiscard]] Decision<Tag> decide(const Subject& subject, const Actor& actor) {
    return PermitOffice::decide<Tag>(core_, subject, actor);
  }
  /// A permit on a decision. Errors: why the decision is no, permit_expired, wrong_subject, role_lacks_purpose,
  /// evidence_unwritable, ring_closed.
  template <class Tag>
    requires PurposeTag<Tag> && PurposeOf<Tag, Product>
  [[nodiscard]] Result<Permit<Tag>> permit(const Subject& subject, const Actor& actor, Decision<Tag>&& decision,
                                           Instant until) {
    return PermitOffice::issue<Tag>(core_, subject, actor, std::move(decision), until);
  }
  /// The same in one step.
  template <class Tag>
    requires PurposeTag<Tag> && PurposeOf<Tag, Product>
  [[nodiscard]] Result<Permit<Tag>> permit(const Subject& subject, const Actor& actor, Instant until) {
    return PermitOffice::issue<Tag>(core_, std::span<const detail::later<Subject, Tag>>(&subject, 1), actor, until);
  }
  /// One permit for a span of persons, all or none.
  template <class Tag>
    requires PurposeTag<Tag> && PurposeOf<Tag, Product>
  [[nodiscard]] Result<Permit<Tag>> permit(std::span<const Subject> subjects, const Actor& actor, Instant until) {
    return PermitOffice::issue<Tag>(core_, subjects, actor, until);
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

  /// The place of one person's row. `row` is any stable id of up to 255 bytes; `version` counts updates of grade4 data.
  template <class Record>
  [[nodiscard]] Result<Binding> binding(std::string_view row, const Subject& subject, std::uint64_t version = 0) {
    static_assert(detail::RecordCheck<Record>::good && detail::SuiteReaches<Record, Product, Suite>::good);
    if (!subject) return Errc::not_found;
    return BindingOffice::make(core_, detail::shape_of<Record>::facts, as_bytes(row),
                               detail::Owners(PermitOffice::state(subject)), {}, version);
  }
  /// The place of a conversation's row, for the members it had when the row was written.
  template <class Record>
  [[nodiscard]] Result<Binding> binding(std::string_view row, const Conversation& conversation,
                                        std::span<const Handle> members, std::uint64_t version = 0) {
    static_assert(detail::RecordCheck<Record>::good && detail::SuiteReaches<Record, Product, Suite>::good);
    auto owners = states_of(members);
    if (!owners) return owners.error();
    return BindingOffice::make(core_, detail::shape_of<Record>::facts, as_bytes(row), std::move(*owners),
                               conversation.handle, version);
  }

  /// Starts a conversation: one content key, wrapped for each member.
  [[nodiscard]] Result<Conversation> converse(std::span<const Subject> members) {
    auto handle = detail::random_handle();
    if (!handle) return handle.error();
    auto started = core_->start_generation(*handle, 1, PermitOffice::states(members));
    if (!started) return started.error();
    return Conversation{*handle};
  }
  /// Who is in a conversation now.
  [[nodiscard]] Result<std::vector<Handle>> members(const Conversation& conversation) {
    auto newest = core_->store().newest_generation(conversation.handle);
    if (!newest) return newest.error();
    if (*newest == 0) return Errc::unknown_key;
    return core_->store().holders(conversation.handle, *newest);
  }
  /// Changes the members: a new generation of the key for those given; who is no longer among them loses every wrap.
  [[nodiscard]] Result<void> regroup(const Conversation& conversation, std::span<const Subject> now) {
    auto before = members(conversation);
    if (!before) return before.error();
    auto newest = core_->store().newest_generation(conversation.handle);
    if (!newest) return newest.error();
    for (const Handle& handle : *before) {
      if (among(handle, now)) continue;
      if (auto left = drop(conversation, handle); !left) return left;
    }
    auto started = core_->start_generation(conversation.handle, *newest + 1, PermitOffice::states(now));
    if (!started) return started.error();
    return {};
  }

  /// Gives a person a new generation of the key; bindings made from now on seal with it, `bind` seals older fields again.
  /// Errors: budget_exhausted at the last generation, wrong_root.
  [[nodiscard]] Result<std::uint32_t> rotate(const Subject& subject) {
    if (!subject) return Errc::not_found;
    if (auto told = tell_rotation(subject.handle(), "rotate"); !told) return told.error();
    auto key = core_->new_generation(subject.handle());
    if (!key) return key.error();
    if (auto moved = core_->rewrap_held(subject.handle()); !moved) return moved.error();
    return (*key)->generation();
  }
  /// The same for a conversation, for those who are in it.
  [[nodiscard]] Result<std::uint32_t> rotate(const Conversation& conversation) {
    auto newest = core_->store().newest_generation(conversation.handle);
    if (!newest) return newest.error();
    auto now = members(conversation);
    if (!now) return now.error();
    auto owners = states_of(*now);
    if (!owners) return owners.error();
    if (auto told = tell_rotation({}, "rotate"); !told) return told.error();
    auto key = core_->start_generation(conversation.handle, *newest + 1, *owners);
    if (!key) return key.error();
    return (*key)->generation();
  }
  /// Destroys an old generation of a person's key. You vouch that no row was sealed with it, and that no binding made
  /// before the rotation is still used in any process. Errors: in_use for the newest.
  [[nodiscard]] Result<void> retire(const Subject& subject, std::uint32_t generation) {
    if (!subject) return Errc::not_found;
    if (auto told = tell_rotation(subject.handle(), "retire"); !told) return told;
    return core_->retire(subject.handle(), generation);
  }
  [[nodiscard]] Result<void> retire(const Conversation& conversation, std::uint32_t generation) {
    if (auto told = tell_rotation({}, "retire"); !told) return told;
    return core_->retire(conversation.handle, generation);
  }

  /// The value that an equality search for a field's value looks for. Errors: malformed when it cannot be normalised.
  template <auto Member>
  [[nodiscard]] Result<Lookup<detail::payload_of<detail::member_type<Member>>>> lookup(std::string_view candidate) {
    return detail::look_up<Member>(*core_, candidate);
  }

  /// Ends every permit of a person at once; call it when your consent record changes.
  [[nodiscard]] Result<void> withdraw(const Subject& subject) {
    if (!subject) return Errc::not_found;
    return core_->raise_epoch(*PermitOffice::state(subject));
  }
  /// Destroys a person's keys: everything sealed for the person alone is gone for good (PIPL Art. 47).
  [[nodiscard]] Result<void> erase(const Subject& subject) {
    if (!subject) return Errc::not_found;
    Event event;
    event.verb = Verb::erase;
    event.granted = true;
    event.subject = subject.handle();
    if (auto written = core_->record(event); !written) return written;
    auto done = core_->destroy(*PermitOffice::state(subject));
    if (done) return done;
    event.granted = false;  // the line before this one came to nothing
    event.reason = done.error().code;
    if (auto written = core_->record(event); !written) return written;
    return done;
  }
  /// A rule changed: every permit minted before ends.
  void policy_changed() noexcept { core_->raise_policy_version(); }

  /// The run-time half, for the library's own upper floors.
  [[nodiscard]] const detail::Ref<detail::RingCore>& core() const noexcept { return core_; }

 private:
  explicit KeyRing(detail::Ref<detail::RingCore> core) noexcept : core_(std::move(core)) {}
  void close() noexcept {
    if (core_) core_->close();
  }
  [[nodiscard]] static Result<Subject> as_subject(Result<detail::Ref<detail::SubjectState>> state) {
    if (!state) return state.error();
    return PermitOffice::subject(std::move(*state));
  }
  [[nodiscard]] Result<void> tell_rotation(const Handle& subject, const char* place) {
    Event event;
    event.verb = Verb::rotate;
    event.granted = true;
    event.subject = subject;
    event.place = place;
    return core_->record(event);
  }
  [[nodiscard]] Result<detail::Owners> states_of(std::span<const Handle> members) {
    detail::Owners owners;
    for (std::size_t i = 0; i != members.size(); ++i) {
      auto state = detail::state_or_ghost(*core_, members[i]);
      if (!state) return state.error();
      owners.push_back(std::move(*state));
    }
    return owners;
  }
  [[nodiscard]] static bool among(const Handle& handle, std::span<const Subject> subjects) noexcept {
    for (std::size_t i = 0; i != subjects.size(); ++i) {
      if (subjects[i].handle() == handle) return true;
    }
    return false;
  }
  [[nodiscard]] Result<void> drop(const Conversation& conversation, const Handle& leaver) {
    auto state = detail::state_or_ghost(*core_, leaver);
    if (!state) return state.error();
    return core_->drop_holder(conversation.handle, **state);
  }

  detail::Ref<detail::RingCore> core_;
};

}  // namespace custody::inline v0
