// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/data/opening.hpp>
#include <custody/data/personal.hpp>
#include <custody/data/record_check.hpp>

namespace custody::inline v0 {
namespace detail {

template <auto Member>
struct FieldPlace {
  using record = owner_type<Member>;
  using type = member_type<Member>;
  static_assert(RecordCheck<record>::good);
  static_assert(is_guarded<type> && shape_of<record>::template lists<Member>(),
                "custody[F2]: this member is no guarded field of its record (PIPL Art. 51). "
                "Fix: list it in custody_fields as field<number, \"name\", &Record::member, Category>.");
  static constexpr const FieldFacts& facts = *shape_of<record>::template field_of<Member>();
};

/// Whether what is sealed under a generation may be sealed under the place's newest key: it must show it to nobody who did
/// not see it before. Somebody who came back to a conversation does not get what was said before that way.
template <class Lazy = void>
[[nodiscard]] bool moves_on(std::uint32_t generation, const BindingBody& place) {
  for (const Ref<SubjectState>& owner : place.owners) {
    if (place.conversation.is_zero() || owner->life() != Life::alive) continue;
    const bool sees = place.core->holds(place.conversation, place.key->generation(), owner->handle());
    if (sees && !place.core->holds(place.conversation, generation, owner->handle())) return false;
  }
  return true;
}

/// How a cell that is bound to a place already has to be sealed again, if at all.
struct Renewal {
  bool needed = false;
  std::uint8_t revision = 0;  ///< of the declaration: today's, where that widens nothing
  std::uint32_t generation = 0;  ///< of the key: the newest, where that shows nothing to anybody new
};

template <class Lazy = void>
[[nodiscard]] Renewal renewal_of(const Cell& cell, const BindingBody& place, const FieldFacts& field) {
  const auto header = EnvelopeHeader::read(cell.envelope());
  const Revision* then = cell.sealed_under();
  if (!header || then == nullptr || !place.key) return {};
  const std::uint8_t was = cell.view().revision();
  const Revision& today = field.today();
  Renewal out{false, was, header->generation};
  const bool other = then != &cell.field()->today() && then->type.codec == today.type.codec;
  if (other && may_renew(then->type.policy, today.type.policy)) out.revision = field.revision_count;
  const std::uint32_t newest = place.key->generation();
  if (header->generation < newest && moves_on(header->generation, place)) out.generation = newest;
  const bool grave = (out.revision == was ? then->type : today.type).policy.level >= Level::grade4;
  const bool moved = grave && cell.binding()->version != place.version;
  out.needed = moved || out.revision != was || out.generation != header->generation;
  return out;
}

/// Marks a use of a place's keys as in flight. Errors: ring_closed, destroyed when no owner is left.
template <class Lazy = void>
[[nodiscard]] Result<void> enter_place(Flights& flights, const BindingBody& place) {
  if (place.core->closed()) return Errc::ring_closed;
  place.core->refresh();
  bool alive = false;
  for (const Ref<SubjectState>& owner : place.owners) alive = flights.enter(*owner).has_value() || alive;
  return alive ? Result<void>() : Result<void>(Errc::destroyed);
}

template <class Lazy = void>
[[nodiscard]] Result<void> reseal(Cell& cell, const TypeFacts& type, const Ref<BindingBody>& place,
                                  const FieldFacts& field, const Renewal* how = nullptr) {
  PlainBuffer plain;
  if (auto opened = cell.open(type, plain); !opened) return opened;
  if (how == nullptr) return cell.seal_bound(plain.view(), place, field);
  auto content = key_of_generation(*place, how->generation);
  if (!content) return content.error();
  return cell.seal_bound(plain.view(), place, field, nullptr, {how->revision, content->get()});
}

/// Whether a cell can become a field of a place. Errors: its own from the ingest, foreign_envelope.
template <class Lazy = void>
[[nodiscard]] Result<void> may_bind(const Cell& cell, const BindingBody& place, const FieldFacts& field) {
  if (cell.state() == CellState::failed) return Error{cell.reason(), field.name};
  const bool here =
      cell.state() != CellState::bound || (cell.field()->number == field.number && cell.binding()->same_place(place));
  if (!here || (cell.state() == CellState::derived && !cell.binding()->same_owners(place)))
    return Error{Errc::foreign_envelope, field.name};
  return {};
}

/// Binds a cell to a field of a place; `alone` takes it out of its group. Errors: foreign_envelope, destroyed,
/// ring_closed, the ingest's own, those of keys.
template <class Lazy = void>
[[nodiscard]] Result<void> bind_cell(Cell& cell, const TypeFacts& type, const Ref<BindingBody>& place,
                                     const FieldFacts& field, bool alone = false) {
  if (!place) return Errc::not_bound;
  if (cell.state() == CellState::failed) return Error{cell.reason(), field.name};
  if (cell.state() == CellState::unset) return {};
  Flights flights;
  if (auto open = enter_place(flights, *place); !open) return Error{open.error().code, field.name};
  if (auto good = may_bind(cell, *place, field); !good) return good;
  if (cell.state() != CellState::bound) return reseal(cell, type, place, field);
  const Renewal how = renewal_of(cell, *place, field);
  if (how.needed || (alone && cell.grouped())) return reseal(cell, type, place, field, &how);
  if (cell.binding()->version == place->version) cell.share_binding(place);
  return {};
}

template <class Type>
[[nodiscard]] constexpr const TypeFacts& type_of() noexcept {
  using declared = typename Type::custody_declared;
  return type_facts<typename declared::payload, typename declared::policy>;
}

}  // namespace detail

/// Seals a field for its place: from here on it is the at-rest form. A field bound there already stays as it is, byte for
/// byte; one bound elsewhere is foreign_envelope. A field whose declaration or key is renewed leaves its group. One open
/// and one seal.
template <auto Member>
[[nodiscard]] Result<void> bind(const Binding& place, detail::member_type<Member>& field) {
  return detail::bind_cell(detail::CellOffice::cell(field), detail::type_of<detail::member_type<Member>>(),
                           BindingOffice::body(place), detail::FieldPlace<Member>::facts);
}

namespace detail {
template <class Source, auto Member>
inline constexpr Intake source_intake = intake<Source, payload_of<member_type<Member>>>;
template <class Source, auto Member>
inline constexpr bool takes_source =
    source_intake<Source, Member> != Intake::null && source_intake<Source, Member> != Intake::anything;
}  // namespace detail

template <auto Member, class Source>
  requires(detail::source_intake<Source, Member> == detail::Intake::null)
CUSTODY_DETAIL_REFUSE(CUSTODY_DETAIL_O9, seal_for(const Binding&, Source&&));
template <auto Member, class Source>
  requires(detail::source_intake<Source, Member> == detail::Intake::anything)
CUSTODY_DETAIL_REFUSE(CUSTODY_DETAIL_S6, seal_for(const Binding&, Source&&));

/// Seals a value for its place at ingest: one seal from network to disk. An rvalue source is wiped.
template <auto Member, class Source>
  requires(detail::takes_source<Source, Member>)
[[nodiscard]] Result<detail::member_type<Member>> seal_for(const Binding& place, Source&& source) {
  using Type = detail::member_type<Member>;
  using Payload = typename Type::custody_declared::payload;
  if constexpr (detail::is_verifier<Type>) {  // the text itself is never sealed
    Type verifier = std::forward<Source>(source);
    if (auto done = bind<Member>(place, verifier); !done) return done.error();
    return verifier;
  }
  Type made;
  const auto seal = [&](ByteView plain) {
    const auto& body = BindingOffice::body(place);
    if (!body) return Result<void>(Errc::not_bound);
    detail::Flights flights;
    if (auto open = detail::enter_place(flights, *body); !open) return open;
    return detail::CellOffice::cell(made).seal_bound(plain, body, detail::FieldPlace<Member>::facts);
  };
  Result<void> done = detail::feed<Payload>(std::forward<Source>(source), seal);
  if (!done) return done.error();
  return made;
}

/// Moves a bound or derived value to another place, under a permit and into the evidence.
template <auto Member, class Tag>
[[nodiscard]] Result<void> rebind(const Permit<Tag>& permit, const Binding& place, detail::member_type<Member>& field) {
  using Type = detail::member_type<Member>;
  static_assert(detail::may_serve<typename Type::custody_declared::policy, Tag>,
                "custody[P1]: data is used for a purpose its declaration does not list (PIPL Art. 6). "
                "Fix: declare the purpose on the field and in the notice, or do not use it.");
  auto& cell = detail::CellOffice::cell(field);
  if (!BindingOffice::body(place)) return Errc::not_bound;
  const detail::Opening opening(cell, detail::type_of<Type>(), PermitOffice::body(permit), detail::purpose_facts<Tag>,
                                {Verb::rebind, detail::FieldPlace<Member>::facts.name, Level::core, false,
                                 &Type::custody_declared::policy::facts});
  if (!opening) return opening.error();
  return cell.seal_bound(opening.plain(), BindingOffice::body(place), detail::FieldPlace<Member>::facts);
}

template <auto Member, class PermitType>
  requires(!detail::is_permit<PermitType>)
CUSTODY_DETAIL_REFUSE(
    "custody[P6]: data is moved to another place with something that is no permit (PIPL Art. 13). "
    "Fix: pass a custody::Permit<Purpose> from a vault or key ring.",
    rebind(const PermitType&, const Binding&, detail::member_type<Member>&));

/// The at-rest forms for people who keep their own database: binary and text columns.
namespace at_rest {

/// The binary envelope of a bound field; of a field that is sealed together with others, a group of this member alone.
/// Calls no cipher. Errors: not_bound (a transient value is never serialised), unset, the ingest's own.
template <class Type>
  requires detail::is_guarded<Type>
[[nodiscard]] Result<Bytes> blob(const Type& field) {
  const detail::Cell& cell = detail::CellOffice::cell(field);
  if (cell.state() == detail::CellState::failed) return cell.reason();
  if (cell.state() == detail::CellState::unset) return Errc::unset;
  if (cell.state() != detail::CellState::bound) return Errc::not_bound;
  const auto own = detail::FieldBytes::of(cell.envelope(), cell.field()->number);
  Bytes copy(own.size());
  own.write(copy.data());
  return copy;
}

/// The text envelope: a short prefix and URL-safe base64; safe in SQL text, json, XML and protobuf strings. Errors: as blob.
template <class Type>
  requires detail::is_guarded<Type>
[[nodiscard]] Result<std::string> text(const Type& field) {
  auto envelope = blob(field);
  if (!envelope) return envelope.error();
  return detail::to_text_form(*envelope);
}

/// Takes an envelope read from the place where the field was expected, or a group that has the field; nothing is
/// deciphered before it is used. Errors: truncated, malformed, suite_unavailable, not_bound, foreign_envelope (a group
/// without the field), unknown_revision.
template <auto Member>
[[nodiscard]] Result<void> from_blob(const Binding& place, ByteView envelope, detail::member_type<Member>& field) {
  if (!BindingOffice::body(place)) return Errc::not_bound;
  return detail::CellOffice::cell(field).adopt(envelope, BindingOffice::body(place), detail::FieldPlace<Member>::facts);
}

/// The same for the text form; a text that is no envelope is malformed, never taken for a value.
template <auto Member>
[[nodiscard]] Result<void> from_text(const Binding& place, std::string_view text, detail::member_type<Member>& field) {
  auto envelope = detail::from_text_form(text);
  if (!envelope) return envelope.error();
  return from_blob<Member>(place, *envelope, field);
}

template <auto Member, class Other>
  requires(!std::is_same_v<Other, detail::member_type<Member>>)
CUSTODY_DETAIL_REFUSE(
    "custody[S4]: a stored value is read as another type than its field declares (PIPL Art. 6). "
    "Fix: read it into the declared member, then restrict_to what you need.",
    from_blob(const Binding&, ByteView, Other&));
template <auto Member, class Other>
  requires(!std::is_same_v<Other, detail::member_type<Member>>)
CUSTODY_DETAIL_REFUSE(
    "custody[S4]: a stored value is read as another type than its field declares (PIPL Art. 6). "
    "Fix: read it into the declared member, then restrict_to what you need.",
    from_text(const Binding&, std::string_view, Other&));

}  // namespace at_rest
}  // namespace custody::inline v0
