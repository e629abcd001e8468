// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace custody::inline v0::detail {

/// Stands for any initialiser of a member of Record, but not for the record or one of its bases.
template <class Record>
struct AnyMember {
  using custody_probe = AnyMember;
  template <class Type>
    requires(!std::is_same_v<std::remove_cvref_t<Type>, Record> &&
             !std::is_base_of_v<std::remove_cvref_t<Type>, Record> && std::is_copy_constructible_v<Type>)
  operator Type&() const&;  // NOLINT(google-explicit-constructor)
  template <class Type>
    requires(!std::is_same_v<std::remove_cvref_t<Type>, Record> &&
             !std::is_base_of_v<std::remove_cvref_t<Type>, Record> && !std::is_copy_constructible_v<Type>)
  operator Type&&() const&&;  // NOLINT(google-explicit-constructor)
};

/// A base class takes the first pair of braces of an aggregate initialisation.
template <class Record, bool HasBase, class Before, class Nested, class After>
inline constexpr bool braces = false;
template <class Record, std::size_t... B, std::size_t... N, std::size_t... A>
inline constexpr bool
    braces<Record, false, std::index_sequence<B...>, std::index_sequence<N...>, std::index_sequence<A...>> = requires {
      Record{(static_cast<void>(B), AnyMember<Record>{})...,
             {(static_cast<void>(N), AnyMember<Record>{})...},
             (static_cast<void>(A), AnyMember<Record>{})...};
    };
template <class Record, std::size_t... B, std::size_t... N, std::size_t... A>
inline constexpr bool
    braces<Record, true, std::index_sequence<B...>, std::index_sequence<N...>, std::index_sequence<A...>> = requires {
      Record{{},
             (static_cast<void>(B), AnyMember<Record>{})...,
             {(static_cast<void>(N), AnyMember<Record>{})...},
             (static_cast<void>(A), AnyMember<Record>{})...};
    };

template <class Record, bool HasBase, class Sequence>
inline constexpr bool flat = false;
template <class Record, std::size_t... I>
inline constexpr bool flat<Record, false, std::index_sequence<I...>> =
    requires { Record{(static_cast<void>(I), AnyMember<Record>{})...}; };
template <class Record, std::size_t... I>
inline constexpr bool flat<Record, true, std::index_sequence<I...>> =
    requires { Record{{}, (static_cast<void>(I), AnyMember<Record>{})...}; };

template <class Record, bool HasBase, std::size_t Count>
inline constexpr bool takes = flat<Record, HasBase, std::make_index_sequence<Count>>;
template <class Record, bool HasBase, std::size_t Before, std::size_t Nested, std::size_t After>
inline constexpr bool takes_nested = braces<Record, HasBase, std::make_index_sequence<Before>,
                                            std::make_index_sequence<Nested>, std::make_index_sequence<After>>;

/// The number of initialisers, where an array counts once for each element.
template <class Record, bool HasBase, std::size_t From = sizeof(Record) + 1>
[[nodiscard]] consteval std::size_t initialisers() noexcept {
  if constexpr (takes<Record, HasBase, From>) {
    return From;
  } else if constexpr (From == 0) {
    return 0;
  } else {
    return initialisers<Record, HasBase, From - 1>();
  }
}

/// How many of the initialisers from `At` on belong to one array member; 1 when the member there is no array. A nested
/// struct takes one initialiser however many it has inside, so only where fewer are left over is it an array.
template <class Record, bool HasBase, std::size_t At, std::size_t Total, std::size_t Try>
[[nodiscard]] consteval std::size_t span_of_member() noexcept {
  if constexpr (Try <= 1) {
    return 1;
  } else if constexpr (takes_nested<Record, HasBase, At, Try, Total - At - Try> &&
                       !takes_nested<Record, HasBase, At, Try, Total - At - Try + 1>) {
    return Try;
  } else {
    return span_of_member<Record, HasBase, At, Total, Try - 1>();
  }
}

template <class Record, bool HasBase, std::size_t At, std::size_t Total>
[[nodiscard]] consteval std::size_t members_from() noexcept {
  if constexpr (At >= Total) {
    return 0;
  } else {
    return 1 + members_from<Record, HasBase, At + span_of_member<Record, HasBase, At, Total, Total - At>(), Total>();
  }
}

/// The number of non-static data members of an aggregate; `HasBase` when it derives from one empty class.
template <class Record, bool HasBase>
[[nodiscard]] consteval std::size_t member_count() noexcept {
  constexpr std::size_t upper = sizeof(Record) < 96 ? sizeof(Record) : 96;
  return members_from<Record, HasBase, 0, initialisers<Record, HasBase, upper>()>();
}

}  // namespace custody::inline v0::detail
