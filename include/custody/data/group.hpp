// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

#include <custody/data/bind.hpp>
#include <custody/data/grouping.hpp>

namespace custody::inline v0 {
namespace detail {

/// The members of a group item of a record, with nothing given.
template <class Facts, class Record>
void fill_members(GroupMember (&members)[Facts::count], Record& record) {
  std::size_t at = 0;
  Facts::each([&]<auto Member>(Constant<Member>) {
    members[at++] = {&CellOffice::cell(record.*Member), &type_of<member_type<Member>>(), &FieldPlace<Member>::facts};
  });
}

/// Binds every guarded field of a record, or says which one cannot be.
template <class Record>
[[nodiscard]] Result<void> bind_fields(Record& record, const Ref<BindingBody>& place) {
  Result<void> done;
  shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
    if (!done) return;
    if constexpr (Facts::is_field) {
      if constexpr (Facts::guarded) {
        constexpr const FieldFacts& field = FieldPlace<Facts::member>::facts;
        if (field.group != 0) return;
        done = bind_cell(CellOffice::cell(record.*Facts::member), type_of<typename Facts::type>(), place, field, true);
      }
    } else if constexpr (Facts::is_together) {
      GroupMember members[Facts::count];
      fill_members<Facts>(members, record);
      done = Grouping(members, Facts::count, place).run();
    }
  });
  return done;
}

}  // namespace detail

/// Seals every guarded field of a record for its place, those that are declared sealed_together as one group. What is bound
/// there already stays as it is, byte for byte, unless another member of its group changed. One open and one seal for each
/// field that does not stay. Errors: as bind.
template <class Record>
  requires detail::DeclaresFields<Record>
[[nodiscard]] Result<void> bind_record(const Binding& place, Record& record) {
  static_assert(detail::RecordCheck<Record>::good);
  return detail::bind_fields(record, BindingOffice::body(place));
}

namespace detail {

/// The plaintext of a source while `then` runs; of a password its verifier, the text itself is never sealed.
template <auto Member, class Source, class Then>
[[nodiscard]] Result<void> with_plain(Source&& source, Then then) {
  using Type = member_type<Member>;
  if constexpr (is_verifier<Type>) {
    const Type verifier = std::forward<Source>(source);
    PlainBuffer plain;
    if (auto opened = CellOffice::cell(verifier).open(type_of<Type>(), plain); !opened) return opened;
    return then(plain.view());
  } else {
    return feed<typename Type::custody_declared::payload>(std::forward<Source>(source), then);
  }
}

/// Gives the sources to their members, one inside the other, so that each plaintext lives until the group is sealed.
template <class Facts, auto Member, auto... Rest, class Source, class... Sources>
[[nodiscard]] Result<void> give_members(const Ref<BindingBody>& place, GroupMember (&members)[Facts::count],
                                        Source&& source, Sources&&... sources) {
  return with_plain<Member>(std::forward<Source>(source), [&](ByteView plain) {
    std::size_t at = 0;
    Facts::each([&]<auto Other>(Constant<Other>) {
      if constexpr (same_member<Other, Member>) members[at].given = &plain;
      ++at;
    });
    if constexpr (sizeof...(Rest) == 0) {
      return Grouping(members, Facts::count, place).run();
    } else {
      return give_members<Facts, Rest...>(place, members, std::forward<Sources>(sources)...);
    }
  });
}

template <auto... Members>
struct MemberList {};

/// What the sources are to the members they are given to, one for one.
template <class Members, class... Sources>
struct GivenSources {
  static constexpr bool good = false, has_null = false, has_anything = false;
};
template <auto... Members, class... Sources>
  requires(sizeof...(Members) == sizeof...(Sources))
struct GivenSources<MemberList<Members...>, Sources...> {
  static constexpr bool good = (takes_source<Sources, Members> && ...);
  static constexpr bool has_null = ((source_intake<Sources, Members> == Intake::null) || ...);
  static constexpr bool has_anything = !has_null && ((source_intake<Sources, Members> == Intake::anything) || ...);
};

/// Whether members are of one group, each named once.
template <auto First, auto... Rest>
[[nodiscard]] consteval bool of_one_group() noexcept {
  using Shape = shape_of<owner_type<First>>;
  const std::uint8_t group = Shape::template group_of<First>();
  bool good = group != 0;
  const auto one = [&]<auto Member>(Constant<Member>) {
    const std::size_t named = (std::size_t{same_member<Member, First>} + ... + std::size_t{same_member<Member, Rest>});
    good = good && named == 1 && Shape::template group_of<Member>() == group;
  };
  (one(Constant<Rest>{}), ...);
  return good;
}

}  // namespace detail

template <auto First, auto... Rest, class... Sources>
  requires(detail::GivenSources<detail::MemberList<First, Rest...>, Sources...>::has_null)
CUSTODY_DETAIL_REFUSE(CUSTODY_DETAIL_O9, seal_together(const Binding&, detail::owner_type<First>&, Sources&&...));
template <auto First, auto... Rest, class... Sources>
  requires(detail::GivenSources<detail::MemberList<First, Rest...>, Sources...>::has_anything)
CUSTODY_DETAIL_REFUSE(CUSTODY_DETAIL_S6, seal_together(const Binding&, detail::owner_type<First>&, Sources&&...));

/// Seals values straight into the group that their members are declared in, at ingest: one seal each, where assigning and
/// bind_record cost two and an opening. `seal_together<&Card::name, &Card::phone>(place, card, name, phone)`. Members of the
/// group that are not named keep their values, which are sealed again with these. Rvalue sources are wiped. Errors: as
/// bind_record, too_large; the record is unchanged then.
template <auto First, auto... Rest, class... Sources>
  requires(detail::GivenSources<detail::MemberList<First, Rest...>, Sources...>::good)
[[nodiscard]] Result<void> seal_together(const Binding& place, detail::owner_type<First>& record,
                                         Sources&&... sources) {
  using Record = detail::owner_type<First>;
  static_assert(detail::RecordCheck<Record>::good);
  static_assert(detail::of_one_group<First, Rest...>(),
                "custody[F10]: values were given to fields that are not sealed together (PIPL Art. 6, 19). "
                "Fix: name members of one sealed_together, each once, or use seal_for for each.");
  [[maybe_unused]] const std::tuple<detail::SourceGuard<Sources>...> wiped(sources...);  // also those nobody came to
  Result<void> done;
  detail::shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
    if constexpr (Facts::is_together) {
      if constexpr (Facts::template mentions<First>() != 0) {
        detail::GroupMember members[Facts::count];
        detail::fill_members<Facts>(members, record);
        done = detail::give_members<Facts, First, Rest...>(BindingOffice::body(place), members,
                                                           std::forward<Sources>(sources)...);
      }
    }
  });
  return done;
}

namespace at_rest {

/// The group that a member is declared in, for one column of its own, as bind_record sealed it. Errors: not_bound when the
/// record's members are not one group: one was changed, dropped or bound alone since, one has to keep an older key, or only
/// one has a value, which is sealed alone then; as blob.
template <auto Member>
[[nodiscard]] Result<Bytes> group(const detail::owner_type<Member>& record) {
  using Record = detail::owner_type<Member>;
  static_assert(detail::FieldPlace<Member>::facts.group != 0,
                "custody[F10]: a field that is sealed alone was asked for its group (PIPL Art. 6, 19). "
                "Fix: name a member of a sealed_together, or store at_rest::blob of the field.");
  const detail::Cell& asked = detail::CellOffice::cell(record.*Member);
  if (asked.state() == detail::CellState::failed) return asked.reason();
  if (asked.state() == detail::CellState::unset) return Errc::unset;
  std::size_t count = 0;
  bool whole = asked.grouped();
  detail::shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
    if constexpr (Facts::is_together) {
      if constexpr (Facts::template mentions<Member>() != 0) {
        Facts::each([&]<auto Other>(detail::Constant<Other>) {
          const detail::Cell& cell = detail::CellOffice::cell(record.*Other);
          if (cell.state() == detail::CellState::unset) return;
          whole = whole && cell.bytes().same_as(asked.bytes());
          ++count;
        });
      }
    }
  });
  if (!whole || detail::member_count_of(asked.envelope()) != count) return Errc::not_bound;
  Bytes copy;
  detail::copy_into(copy, asked.envelope());
  return copy;
}

/// Gives a group that was read from a record's place to the fields that are in it; they share its bytes, and nothing is
/// deciphered. Fields that are not in it stay as they are. Errors: malformed (no group, damaged, or with a field that this
/// record does not have), and as from_blob; the record is unchanged then.
template <class Record>
  requires detail::DeclaresFields<Record>
[[nodiscard]] Result<void> from_group(const Binding& place, ByteView group, Record& record) {
  static_assert(detail::RecordCheck<Record>::good);
  const auto& body = BindingOffice::body(place);
  if (!body) return Errc::not_bound;
  if (const auto header = EnvelopeHeader::read(group); !header) return header.error();
  const std::size_t expected = detail::member_count_of(group);
  if (expected == 0) return Errc::malformed;
  auto bytes = detail::EnvelopeBytes::copy_of(group);
  Result<void> done;
  std::size_t count = 0;
  const auto take = [&](bool store) {
    detail::shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_field) {
        if constexpr (Facts::guarded) {
          if (!done || !detail::find_member(group, Facts::number)) return;
          detail::Cell trial;
          done = trial.adopt(bytes, body, detail::FieldPlace<Facts::member>::facts);
          if (done && store) detail::CellOffice::cell(record.*Facts::member).swap(trial);
          ++count;
        }
      }
    });
  };
  take(false);
  if (done && count != expected) done = Errc::malformed;
  if (done) take(true);
  return done;
}

}  // namespace at_rest
}  // namespace custody::inline v0
