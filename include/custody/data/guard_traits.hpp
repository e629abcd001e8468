// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/data/codec.hpp>
#include <custody/data/field_facts.hpp>
#include <custody/law/policy.hpp>

namespace custody::inline v0 {

class Incoming;

namespace detail {

/// Every guarded type derives from this; nothing else does.
struct GuardedTag {};

template <class Type>
inline constexpr bool is_guarded = std::is_base_of_v<GuardedTag, std::remove_cvref_t<Type>>;
/// A guarded type that only keeps a verifier of what it was given: compared, never read.
template <class Type>
inline constexpr bool is_verifier = requires { std::remove_cvref_t<Type>::custody_verifier; };
template <class Type>
inline constexpr bool is_readable = is_guarded<Type> && !is_verifier<Type>;

template <class Type>
using payload_of = typename Type::custody_declared::payload;
template <class Type>
using policy_of = typename Type::custody_declared::policy;

/// The level of personal data that says nothing else: the common grade of contact data.
inline constexpr Level personal_level = Level::grade3;
inline constexpr Level sensitive_level = Level::grade4;

/// What a declaration adds: a payload, its policy, and whether purposes were listed yet.
template <class Payload, class Policy, bool HasPurposes>
struct Declared {
  using payload = Payload;
  using policy = Policy;
  static constexpr bool has_purposes = HasPurposes;
};

template <class Type>
struct Unwrap {
  using type = Declared<Type, Policy<Level::grade1, false>, false>;
};
template <class Type>
  requires is_guarded<Type>
struct Unwrap<Type> {
  using type = typename Type::custody_declared;
};

template <class Inner, class Outer>
struct Purposes {
  using type = joined<typename Inner::policy, Outer>;  // both list purposes: they intersect
};
template <class Payload, Level L, bool S, class Outer>
struct Purposes<Declared<Payload, Policy<L, S>, false>, Outer> {
  using type = Outer;
};

template <class Policy, Level Lifted, bool IsSensitive>
struct Lift;
template <Level L, bool S, class... Tags, Level Lifted, bool IsSensitive>
struct Lift<Policy<L, S, Tags...>, Lifted, IsSensitive> {
  using type = Policy<higher(L, Lifted), S || IsSensitive, Tags...>;
};

/// Adds purposes and a level to a type that may be guarded already: purposes intersect, the level is the higher.
template <class Type, Level Lifted, bool IsSensitive, class... Tags>
struct Declare {
  using inner = typename Unwrap<Type>::type;
  using outer = policy_for<Lifted, IsSensitive, Tags...>;
  static constexpr bool has_purposes = inner::has_purposes || sizeof...(Tags) != 0;
  static constexpr auto pick() noexcept {
    if constexpr (sizeof...(Tags) == 0) {
      return std::type_identity<typename inner::policy>{};
    } else {
      return std::type_identity<typename Purposes<inner, outer>::type>{};
    }
  }
  using policy = typename Lift<typename Lift<typename decltype(pick())::type, Lifted, IsSensitive>::type,
                               inner::policy::level, inner::policy::sensitive>::type;
  using type = Declared<typename inner::payload, policy, has_purposes>;
};

/// Types that convert to anything, such as json values and variants of user interface libraries: as a source of a field
/// they would smuggle an envelope, a number or an error text into it.
struct Unrelated {
  explicit Unrelated(int) noexcept {}
};
template <class Type>
inline constexpr bool converts_to_anything = std::is_convertible_v<Type, Unrelated> || requires {
  typename std::remove_cvref_t<Type>::json_pointer;
} || requires(const std::remove_cvref_t<Type>& value) {
  value.canConvert(0);
  value.userType();
};

template <class Type>
inline constexpr bool is_view = false;
template <class Char, class Traits>
inline constexpr bool is_view<std::basic_string_view<Char, Traits>> = true;
template <class Element, std::size_t Extent>
inline constexpr bool is_view<std::span<Element, Extent>> = true;

template <>
inline constexpr bool is_view<ByteView> = true;
template <>
inline constexpr bool is_view<ByteSpan> = true;

/// Types that only point at data: sealing them would seal an address.
template <class Payload>
inline constexpr bool is_pointer_or_view =
    std::is_pointer_v<Payload> || std::is_member_pointer_v<Payload> || std::is_reference_v<Payload> ||
    std::is_null_pointer_v<Payload> || is_view<Payload> || requires(const Payload& value) {
      typename Payload::element_type;
      value.operator->();
    };

/// Why a source may or may not become a field's value.
enum class Intake : unsigned char { good, guarded, anything, null, unrelated };
template <class Source, class Payload>
inline constexpr Intake intake =
    is_guarded<Source>                                                  ? Intake::guarded
    : requires { typename std::remove_cvref_t<Source>::custody_probe; } ? Intake::unrelated
    : std::is_null_pointer_v<std::remove_cvref_t<Source>>               ? Intake::null
    : converts_to_anything<Source>                                      ? Intake::anything
    : std::is_convertible_v<Source, Payload> || std::is_same_v<std::remove_cvref_t<Source>, Incoming>
        ? Intake::good
        : Intake::unrelated;

/// Why one guarded type may or may not become another.
enum class Change : unsigned char { same, payload, purposes, level };
template <class From, class To>
[[nodiscard]] consteval Change judge_change() noexcept {
  if constexpr (!is_readable<From>) {
    return Change::payload;
  } else {
    using Source = typename std::remove_cvref_t<From>::custody_declared;
    if (!std::is_same_v<typename Source::payload, typename To::payload>) return Change::payload;
    if (std::is_same_v<typename Source::policy, typename To::policy>) return Change::same;
    return To::policy::level < Source::policy::level ? Change::level : Change::purposes;
  }
}
template <class From, class To>
inline constexpr Change change = judge_change<From, To>();

template <class Payload, class Policy>
inline constexpr TypeFacts type_facts{
    Policy::facts, codec_code<Payload>(),
    Codec<Payload>::name.data()};  // NOLINT(bugprone-suspicious-stringview-data-usage): a literal

}  // namespace detail
}  // namespace custody::inline v0
