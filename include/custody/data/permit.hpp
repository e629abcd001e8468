// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <utility>

#include <custody/data/authority.hpp>
#include <custody/keys/ring_core.hpp>
#include <custody/law/actor.hpp>
#include <custody/law/purpose.hpp>

namespace custody::inline v0 {
namespace detail {

/// One person that a permit covers, at the epoch it was minted at.
struct PermitSubject {
  Ref<SubjectState> state;
  std::uint64_t epoch = 0;
  std::uint64_t policy_version = 0;  ///< read before the authority was asked
};

struct PermitBody final : Counted {
  Ref<RingCore> core;
  List<PermitSubject> subjects;
  const PurposeFacts* purpose = nullptr;
  const Role* role = nullptr;
  std::string actor;
  Instant until{};
  std::uint64_t policy_version = 0;
};

}  // namespace detail

/// A person as the program refers to one: the handle, never the user id. Cheap to copy; made by a key ring or a vault.
class Subject {
 public:
  Subject() noexcept = default;
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(state_); }
  [[nodiscard]] Handle handle() const noexcept { return state_ ? state_->handle() : Handle{}; }
  [[nodiscard]] friend bool operator==(const Subject& a, const Subject& b) noexcept { return a.handle() == b.handle(); }

 private:
  friend class PermitOffice;
  detail::Ref<detail::SubjectState> state_;
};

template <class Tag>
class Permit;

/// What the ring's authority answered for one person, purpose and actor; good for a minute. Made by KeyRing::decide.
template <class Tag>
class [[nodiscard]] Decision {
 public:
  Decision(const Decision&) = delete;
  Decision& operator=(const Decision&) = delete;
  Decision(Decision&&) noexcept = default;
  Decision& operator=(Decision&&) noexcept = default;
  ~Decision() = default;
  /// Success, or why not.
  [[nodiscard]] Result<void> verdict() const noexcept { return verdict_; }

 private:
  friend class PermitOffice;
  Decision() noexcept = default;
  detail::PermitSubject subject_;
  const Role* role_ = nullptr;
  Instant at_{};
  Result<void> verdict_{Errc::no_live_basis};
};

/// Mints permits after asking the ring's authority, and reads them. There is no other way to make one: the office grants
/// nothing that role, clearance, basis and person do not, and writes every answer into the evidence.
class PermitOffice {
 public:
  [[nodiscard]] static Subject subject(detail::Ref<detail::SubjectState> state) noexcept {
    Subject made;
    made.state_ = std::move(state);
    return made;
  }
  [[nodiscard]] static const detail::Ref<detail::SubjectState>& state(const Subject& subject) noexcept {
    return subject.state_;
  }
  template <class Lazy = void>
  [[nodiscard]] static detail::Owners states(std::span<const Subject> subjects) {
    detail::Owners owners;
    for (std::size_t i = 0; i != subjects.size(); ++i) {
      if (subjects[i]) owners.push_back(subjects[i].state_);
    }
    return owners;
  }
  template <class Tag>
  [[nodiscard]] static const detail::Ref<detail::PermitBody>& body(const Permit<Tag>& permit) noexcept {
    return permit.body_;
  }

  /// A permit for all of the persons or for none. Errors: not_found (no person), those of the authority, role_lacks_purpose,
  /// wrong_ring, destroyed, permit_expired (an end in the past), evidence_unwritable, ring_closed.
  template <class Tag>
    requires PurposeTag<Tag>
  [[nodiscard]] static Result<Permit<Tag>> issue(const detail::Ref<detail::RingCore>& core,
                                                 std::span<const Subject> subjects, const Actor& actor, Instant until) {
    auto body = mint(core, detail::purpose_facts<Tag>, subjects, actor, until);
    if (!body) return body.error();
    Permit<Tag> permit;
    permit.body_ = std::move(*body);
    return permit;
  }

  /// Asks the authority; nothing is minted or recorded yet.
  template <class Tag>
  [[nodiscard]] static Decision<Tag> decide(const detail::Ref<detail::RingCore>& core, const Subject& subject,
                                            const Actor& actor) {
    Decision<Tag> made;
    made.role_ = actor.role;
    made.verdict_ = core && !core->closed() ? ask(*core, detail::purpose_facts<Tag>, subject, actor, made.subject_)
                                            : Result<void>(Errc::ring_closed);
    if (core) made.at_ = core->clock().now();
    return made;
  }
  /// A permit on a decision for the same person and actor, not older than a minute. Errors: as issue().
  template <class Tag>
  [[nodiscard]] static Result<Permit<Tag>> issue(const detail::Ref<detail::RingCore>& core, const Subject& subject,
                                                 const Actor& actor, Decision<Tag>&& decision, Instant until) {
    if (!core || core->closed()) return Errc::ring_closed;
    Result<void> verdict = decision.verdict_;
    if (verdict) verdict = fits(*core, subject, actor, decision.subject_, decision.role_, decision.at_, until);
    auto body = finish(core, detail::purpose_facts<Tag>, std::span<const detail::later<Subject, Tag>>(&subject, 1),
                       actor, until, verdict);
    if (!body) return body.error();
    detail::List<detail::PermitSubject> covered;
    covered.push_back(std::move(decision.subject_));
    cover(**body, std::move(covered));
    Permit<Tag> permit;
    permit.body_ = std::move(*body);
    return permit;
  }

 private:
  using MintResult = Result<detail::Ref<detail::PermitBody>>;

  template <class Lazy = void>
  [[nodiscard]] static MintResult mint(const detail::Ref<detail::RingCore>& core, const PurposeFacts& purpose,
                                       std::span<const Subject> subjects, const Actor& actor, Instant until) {
    if (!core || core->closed()) return Errc::ring_closed;
    core->refresh();
    detail::List<detail::PermitSubject> covered;
    covered.grow_to(subjects.size());
    Result<void> verdict = subjects.empty() ? Result<void>(Errc::not_found) : Result<void>();
    for (std::size_t i = 0; verdict && i != subjects.size(); ++i) {
      covered.push_back({});
      verdict = ask(*core, purpose, subjects[i], actor, covered[i]);
    }
    if (verdict && until <= core->clock().now()) verdict = Errc::permit_expired;
    auto body = finish(core, purpose, subjects, actor, until, verdict);
    if (body) cover(**body, std::move(covered));
    return body;
  }

  /// A permit is as old as the oldest answer in it.
  template <class Lazy = void>
  static void cover(detail::PermitBody& body, detail::List<detail::PermitSubject> covered) {
    body.policy_version = covered.front().policy_version;
    for (const detail::PermitSubject& each : covered) {
      if (each.policy_version < body.policy_version) body.policy_version = each.policy_version;
    }
    body.subjects = std::move(covered);
  }

  /// Writes the answer into the evidence and, when it is yes, makes the body.
  template <class Lazy = void>
  [[nodiscard]] static MintResult finish(const detail::Ref<detail::RingCore>& core, const PurposeFacts& purpose,
                                         std::span<const Subject> subjects, const Actor& actor, Instant until,
                                         const Result<void>& verdict) {
    if (auto done = write_down(*core, purpose, subjects, actor, verdict); !done) return done.error();
    if (!verdict) return verdict.error();
    auto* fresh = new (std::nothrow) detail::PermitBody;
    if (fresh == nullptr) return Errc::no_memory;
    auto body = detail::Ref<detail::PermitBody>::adopt(fresh);
    body->core = core;
    body->purpose = &purpose;
    body->role = actor.role;
    body->actor.assign(actor.name.data(), actor.name.size());
    body->until = until;
    return body;
  }

  template <class Lazy = void>
  [[nodiscard]] static Result<void> ask(detail::RingCore& core, const PurposeFacts& purpose, const Subject& subject,
                                        const Actor& actor, detail::PermitSubject& covered) {
    if (!subject) return Errc::not_found;
    auto now = core.now();
    if (!now) return now.error();
    if (actor.role == nullptr || !actor.role->may(purpose.id)) return Errc::role_lacks_purpose;
    const auto& state = subject.state_;
    if (state->life() != detail::Life::alive) return Errc::destroyed;
    auto here = core.state_of(state->handle());
    if (!here) return here.error();
    if (!(*here == state)) return Errc::wrong_ring;
    const std::uint64_t policy = core.policy_version();
    const std::uint64_t epoch = state->epoch();  // before the authority looks: a withdrawal in between ends the permit
    if (core.authority() == nullptr) return Errc::no_live_basis;
    if (auto decided = core.authority()->decide({state->handle(), &purpose, actor, *now}); !decided) return decided;
    covered = {state, epoch, policy};
    return {};
  }

  template <class Lazy = void>
  [[nodiscard]] static Result<void> fits(detail::RingCore& core, const Subject& subject, const Actor& actor,
                                         const detail::PermitSubject& decided, const Role* role, Instant at,
                                         Instant until) {
    auto now = core.now();
    if (!now) return now.error();
    if (!subject || !(decided.state == subject.state_)) return Errc::wrong_subject;
    if (role != actor.role) return Errc::role_lacks_purpose;
    if (until <= *now || at + minutes(1) < *now) return Errc::permit_expired;
    return {};
  }

  template <class Lazy = void>
  [[nodiscard]] static Result<void> write_down(detail::RingCore& core, const PurposeFacts& purpose,
                                               std::span<const Subject> subjects, const Actor& actor,
                                               const Result<void>& verdict) {
    detail::List<Event> events;
    events.grow_to(subjects.size() + 1);
    Event event;
    event.verb = Verb::permit;
    event.granted = verdict.has_value();
    event.reason = verdict ? Errc::malformed : verdict.error().code;
    event.purpose = purpose.id;
    event.role = actor.role == nullptr ? std::string_view("none") : std::string_view(actor.role->name);
    event.actor = actor.name;
    for (std::size_t i = 0; i != subjects.size(); ++i) {
      event.subject = subjects[i].handle();
      events.push_back(event);
    }
    if (events.empty()) events.push_back(event);
    return core.record(events.begin(), events.size());
  }
};

/// Unforgeable proof that one actor may use one person's data (or a span's) for one purpose until one time. Ends at
/// withdrawal, erasure, expiry and policy change, and with its ring. Move-only; may be used from many threads.
/// PIPL Art. 6, 13, 15. Rules P6, C1.
template <class Tag>
class [[nodiscard]] Permit {
 public:
  using purpose = Tag;
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;
  Permit(Permit&& other) noexcept : body_(std::move(other.body_)) {}
  Permit& operator=(Permit&& other) noexcept {
    body_ = std::move(other.body_);
    return *this;
  }
  ~Permit() = default;

  /// False once moved from.
  [[nodiscard]] bool has_value() const noexcept { return static_cast<bool>(body_); }

 private:
  friend class PermitOffice;
  Permit() noexcept = default;
  detail::Ref<detail::PermitBody> body_;
};

}  // namespace custody::inline v0
