// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include <custody/data/cell.hpp>
#include <custody/data/permit.hpp>

namespace custody::inline v0::detail {

/// What an opening is for: the verb of the evidence, the declared name of the place, and the level that place is fit for.
struct Use {
  Verb verb = Verb::release;
  std::string_view place;
  Level highest = Level::core;
  bool for_the_person = false;  ///< a right of the person itself: every declared purpose aside (PIPL Art. 45)
  const PolicyFacts* target = nullptr;  ///< what the result is sealed under; null when it leaves
};

/// Whether an envelope of an earlier declaration may be sealed again under today's: only when that widens nothing.
template <class Lazy = void>
[[nodiscard]] bool may_renew(const PolicyFacts& then, const PolicyFacts& today) noexcept {
  if (today.level < then.level || (then.sensitive && !today.sensitive)) return false;
  for (std::size_t i = 0; i != today.purpose_count; ++i) {
    if (then.purpose_count != 0 && !then.lists(today.purposes[i].id)) return false;
  }
  return today.purpose_count != 0 || then.purpose_count == 0;
}

/// The uses in flight that an opening holds; none allocates up to four owners.
template <class Lazy>
class BasicFlights {
 public:
  BasicFlights() noexcept = default;
  BasicFlights(const BasicFlights&) = delete;
  BasicFlights& operator=(const BasicFlights&) = delete;
  ~BasicFlights() {
    for (std::size_t i = 0; i != count_; ++i) land(*near_[i]);
    for (SubjectState* state : far_) land(*state);
  }
  /// Errors: destroyed, when the person is being erased.
  [[nodiscard]] Result<void> enter(SubjectState& state) {
    state.enter();
    ++release_depth();
    if (count_ != near_.size()) {
      near_[count_++] = &state;
    } else {
      far_.push_back(&state);
    }
    if (state.life() != Life::alive) return Errc::destroyed;
    return {};
  }

 private:
  static void land(SubjectState& state) noexcept {
    --release_depth();
    state.leave();
  }
  std::array<SubjectState*, 4> near_{};
  std::size_t count_ = 0;
  List<SubjectState*> far_;
};

using Flights = BasicFlights<void>;

/// One look at one value: checks the permit, opens, writes the evidence, and only then shows the plaintext, which is
/// wiped with the object. With `deferred` the caller writes the evidence, before it looks. While it lives, an erasure of the owners waits. Everything that fails is recorded as a refusal.
template <class Lazy>
class BasicOpening {
 public:
  BasicOpening(const Cell& cell, const TypeFacts& type, const Ref<PermitBody>& permit, const PurposeFacts& purpose,
               const Use& use)
      : BasicOpening(cell.view(), type, permit, purpose, use) {}
  BasicOpening(const SealedView& sealed, const TypeFacts& type, const Ref<PermitBody>& permit,
               const PurposeFacts& purpose, const Use& use, Event* deferred = nullptr)
      // Part by part: a copy of the whole would have to wait for the single bytes at its front.
      : sealed_{sealed.state, sealed.reason, sealed.envelope, sealed.binding, sealed.field},
        type_(type),
        permit_(permit),
        purpose_(purpose),
        use_(use) {
    Result<void> verdict = check();
    if (verdict) verdict = sealed_.open<Lazy>(type_, plain_);
    if (auto written = write_down(verdict, deferred); verdict && !written) verdict = written;
    good_ = verdict.has_value();
    if (good_) return;
    plain_.clear();
    error_ = verdict.error();
  }
  BasicOpening(const BasicOpening&) = delete;
  BasicOpening& operator=(const BasicOpening&) = delete;
  ~BasicOpening() = default;

  [[nodiscard]] explicit operator bool() const noexcept { return good_; }
  [[nodiscard]] Error error() const noexcept { return error_; }
  [[nodiscard]] ByteView plain() const noexcept { return plain_.view(); }

 private:
  [[nodiscard]] Result<void> check() {
    if (!permit_) return Errc::moved_from;
    RingCore& core = *permit_->core;
    if (core.closed()) return Errc::ring_closed;
    core.refresh();
    if (sealed_.state == CellState::unset) return Errc::unset;
    if (sealed_.state == CellState::failed) return sealed_.reason;
    if (sealed_.binding == nullptr) return Errc::not_bound;
    const BindingBody& place = *sealed_.binding;
    if (!(place.core == permit_->core)) return Errc::wrong_ring;
    if (auto timely = check_time(core, place); !timely) return timely;
    if (auto covered = check_owners(core, place); !covered) return covered;
    return check_declaration();
  }

  [[nodiscard]] Result<void> check_time(const RingCore& core, const BindingBody& place) {
    auto now = core.now();
    if (!now) return now.error();
    now_ = *now;
    if (permit_->until <= *now) return Errc::permit_expired;
    if (permit_->policy_version != core.policy_version()) return Errc::permit_outdated;
    if (place.restricted) return Errc::restricted;
    if (place.expires.ms != 0 && place.expires <= *now) return Errc::expired;
    return {};
  }

  /// A permit of any owner opens, unless the purpose rests on consent: then of every owner. An objection of any counts.
  [[nodiscard]] Result<void> check_owners(RingCore& core, const BindingBody& place) {
    const bool every = needs_consent(purpose_.basis);
    bool any = false;
    for (const Ref<SubjectState>& owner : place.owners) {
      const PermitSubject* covered = covering(*owner);
      if (covered == nullptr) {
        if (every) return Errc::wrong_subject;
        if (place.owners.size() > 1 && objects(core, *owner)) return Errc::objected;
        continue;
      }
      if (auto entered = flights_.enter(*covered->state); !entered) return entered;
      if (covered->state->epoch() != covered->epoch) return Errc::permit_withdrawn;
      if (auto held = holds_wrap(core, place, owner->handle()); !held) return held;
      if (!any) subject_ = owner->handle();
      any = true;
    }
    return any ? Result<void>() : Result<void>(Errc::wrong_subject);
  }

  [[nodiscard]] const PermitSubject* covering(const SubjectState& owner) const noexcept {
    for (const PermitSubject& subject : permit_->subjects) {
      if (subject.state->handle() == owner.handle()) return &subject;
    }
    return nullptr;
  }

  [[nodiscard]] bool objects(RingCore& core, const SubjectState& owner) const {
    if (owner.life() != Life::alive || core.authority() == nullptr) return false;
    auto now = core.now();
    if (!now) return true;
    auto decided = core.authority()->decide({owner.handle(), &purpose_, {permit_->role, permit_->actor}, *now});
    return !decided && decided.error() == Errc::objected;
  }

  /// Errors: destroyed for a leaver, unknown_key for a generation that another process began and that is not seen here yet.
  [[nodiscard]] Result<void> holds_wrap(RingCore& core, const BindingBody& place, const Handle& owner) const {
    if (place.conversation.is_zero()) return {};
    auto header = EnvelopeHeader::read(sealed_.envelope);
    if (!header) return header.error();
    if (header->format == Format::transient || core.holds(place.conversation, header->generation, owner)) return {};
    auto known = core.conversation_key(place.conversation, header->generation);
    return !known && known.error() == Errc::unknown_key ? Errc::unknown_key : Errc::destroyed;
  }

  [[nodiscard]] Result<void> check_declaration() const {
    Level level = type_.policy.level;
    if (const Revision* then = sealed_.sealed_under(); then != nullptr) {
      const PolicyFacts& policy = then->type.policy;
      if (then->type.codec != type_.codec) return Errc::malformed;  // the payload was another type: never misread it
      if (!use_.for_the_person && policy.purpose_count != 0 && !policy.lists(purpose_.id))
        return Errc::purpose_not_then;
      if (use_.target != nullptr && !may_renew(policy, *use_.target)) return Errc::purpose_not_then;
      level = higher(level, policy.level);
    }
    const bool staff = permit_->role->kind == RoleKind::staff;
    if (sealed_.field != nullptr && staff && facts_of(sealed_.field->category).delivery_only) {
      return Errc::role_lacks_purpose;
    }
    if (permit_->role->clearance < level || use_.highest < level) return Errc::clearance_too_low;
    return {};
  }

  [[nodiscard]] Result<void> write_down(const Result<void>& verdict, Event* deferred) const {
    const RingCore* core = permit_                      ? permit_->core.get()
                           : sealed_.binding != nullptr ? sealed_.binding->core.get()
                                                        : nullptr;
    if (core == nullptr) return Errc::ring_closed;
    const PermitBody* const permit = permit_.get();
    const bool nobody = subject_.is_zero() && permit != nullptr && !permit->subjects.empty();
    const RecordFacts* const record = sealed_.binding == nullptr ? nullptr : sealed_.binding->record;
    // All at once: an event that is made empty first is cleared by a loop that costs more than it.
    Event event{.verb = use_.verb,
                .granted = verdict.has_value(),
                .reason = verdict ? Errc::malformed : verdict.error().code,
                .subject = nobody ? permit->subjects.front().state->handle() : subject_,
                .purpose = purpose_.id,
                .role = permit == nullptr ? std::string_view() : permit->role->name_view(),
                .actor = permit == nullptr ? std::string_view() : std::string_view(permit->actor),
                .record = record == nullptr ? std::string_view() : record->name_view(),
                .field = sealed_.field == nullptr ? std::string_view() : sealed_.field->name_view(),
                .place = use_.place,
                .level = type_.policy.level,
                .at = now_};
    if (deferred == nullptr) return core->record(event);
    *deferred = event;
    return {};
  }

  const SealedView sealed_;
  const TypeFacts& type_;
  const Ref<PermitBody>& permit_;
  const PurposeFacts& purpose_;
  const Use use_;
  BasicFlights<Lazy> flights_;
  Handle subject_{};
  Instant now_{};  ///< ms 0: not asked yet
  PlainBuffer plain_;
  Error error_{};
  bool good_ = false;
};

using Opening = BasicOpening<void>;

}  // namespace custody::inline v0::detail
