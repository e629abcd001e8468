// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/data/codec.hpp>
#include <custody/data/opening.hpp>
#include <custody/data/sink.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0::detail {

/// A sink's name, counted by the compiler.
template <class Target>
inline constexpr std::string_view place_name = Target::custody_name;

/// How a sink is called: texts as a view, other byte payloads as a span, everything else as `const T&`.
template <class SinkType, class Payload>
[[nodiscard]] consteval auto sink_argument() noexcept {
  using Called = std::remove_reference_t<SinkType>&;
  if constexpr (std::is_same_v<Payload, std::string> && std::is_invocable_v<Called, std::string_view>) {
    return std::type_identity<std::string_view>{};
  } else if constexpr (RawPayload<Payload> && std::is_invocable_v<Called, std::span<const std::byte>>) {
    return std::type_identity<std::span<const std::byte>>{};
  } else {
    return std::type_identity<const Payload&>{};
  }
}
template <class SinkType, class Payload>
using argument_for = typename decltype(sink_argument<SinkType, Payload>())::type;

template <class SinkType, class Payload>
inline constexpr bool accepts =
    std::is_invocable_v<std::remove_reference_t<SinkType>&, argument_for<SinkType, Payload>>;

template <class Type>
inline constexpr bool is_result = false;
template <class Type>
inline constexpr bool is_result<Result<Type>> = true;

/// What may come back from a sink: nothing that could carry the data out.
template <class Type>
inline constexpr bool carries_nothing =
    std::is_void_v<Type> || std::is_same_v<Type, bool> || std::is_enum_v<Type> || std::is_same_v<Type, Result<void>>;

template <class Returned>
struct ReleaseResult {
  using type = Result<Returned>;
};
template <class Value>
struct ReleaseResult<Result<Value>> {
  using type = Result<Value>;
};
template <class SinkType, class Payload, bool = accepts<SinkType, Payload>>
struct SinkResult {};
template <class SinkType, class Payload>
struct SinkResult<SinkType, Payload, true> {
  using returned = std::invoke_result_t<std::remove_reference_t<SinkType>&, argument_for<SinkType, Payload>>;
  using type = typename ReleaseResult<returned>::type;
};
template <class SinkType, class Payload>
using sink_result = typename SinkResult<SinkType, Payload>::type;

template <class Type>
inline constexpr bool is_permit = false;
template <class Tag>
inline constexpr bool is_permit<Permit<Tag>> = true;

/// Why `value.release(permit, sink)` does or does not compile; exactly one holds.
enum class ReleaseVerdict : unsigned char {
  good,
  no_permit,
  no_consent,
  undeclared,
  no_sink,
  other_sink,
  low_sink,
  leaky
};

template <class Policy, class Tag>
inline constexpr bool may_serve = Policy::purpose_count == 0 || Policy::template lists<Tag>;

template <class Payload, class SinkType>
[[nodiscard]] consteval bool leaks() noexcept {
  if constexpr (!accepts<SinkType, Payload>) {
    return false;
  } else {
    return !carries_nothing<typename SinkResult<SinkType, Payload>::returned>;
  }
}

template <class Policy, class Payload, class PermitType, class SinkType>
[[nodiscard]] consteval ReleaseVerdict judge_release() noexcept {
  if constexpr (!is_permit<PermitType>) {
    return ReleaseVerdict::no_permit;
  } else if constexpr (!may_serve<Policy, typename PermitType::purpose>) {
    return ReleaseVerdict::undeclared;
  } else if constexpr (!SinkLike<SinkType>) {
    return ReleaseVerdict::no_sink;
  } else {
    using Target = std::remove_cvref_t<SinkType>;
    if constexpr (!std::is_same_v<typename Target::custody_purpose, typename PermitType::purpose>) {
      return ReleaseVerdict::other_sink;
    } else if constexpr (!may_flow_to<Policy::level, Target::custody_highest>) {
      return ReleaseVerdict::low_sink;
    } else if constexpr (!accepts<SinkType, Payload>) {
      return ReleaseVerdict::no_sink;
    } else {
      return leaks<Payload, SinkType>() ? ReleaseVerdict::leaky : ReleaseVerdict::good;
    }
  }
}
template <class Policy, class Payload, class PermitType, class SinkType>
inline constexpr ReleaseVerdict release_verdict = judge_release<Policy, Payload, PermitType, SinkType>();

/// Why a call without a permit is refused: a consent purpose is a rule of its own.
template <class SinkType>
[[nodiscard]] consteval ReleaseVerdict judge_missing_permit() noexcept {
  if constexpr (SinkLike<SinkType>) {
    constexpr Basis basis = purpose_facts<typename std::remove_cvref_t<SinkType>::custody_purpose>.basis;
    return needs_consent(basis) ? ReleaseVerdict::no_consent : ReleaseVerdict::no_permit;
  } else {
    return ReleaseVerdict::no_permit;
  }
}
template <class SinkType>
inline constexpr ReleaseVerdict missing_permit = judge_missing_permit<SinkType>();

/// Hands opened bytes to a sink as it wants them; a decoded value is wiped afterwards.
template <class Payload, class SinkType>
[[nodiscard]] sink_result<SinkType, Payload> pour(ByteView plain, SinkType& sink) {
  using Argument = argument_for<SinkType, Payload>;
  using Returned = typename SinkResult<SinkType, Payload>::returned;
  const auto call = [&](auto&& argument) -> sink_result<SinkType, Payload> {
    if constexpr (std::is_void_v<Returned>) {
      sink(argument);
      return {};
    } else {
      return sink(argument);
    }
  };
  if constexpr (std::is_same_v<Argument, std::string_view>) {
    return call(as_text(plain));
  } else if constexpr (std::is_same_v<Argument, std::span<const std::byte>>) {
    return call(static_cast<Argument>(plain));
  } else {
    struct Wiped {
      Payload value{};
      Wiped() = default;
      Wiped(const Wiped&) = delete;
      Wiped& operator=(const Wiped&) = delete;
      ~Wiped() { wipe_value(value); }
    } holder;
    if (!decode(plain, holder.value)) return Errc::malformed;
    return call(static_cast<const Payload&>(holder.value));
  }
}

/// The same verdict for the functions that release without being a member of a field.
template <class Type, class PermitType, class SinkType>
struct ReleaseJudged {
  static constexpr ReleaseVerdict verdict =
      release_verdict<typename Type::custody_declared::policy, typename Type::custody_declared::payload, PermitType,
                      SinkType>;
  static_assert(verdict != ReleaseVerdict::undeclared,
                "custody[P1]: data is used for a purpose its declaration does not list (PIPL Art. 6). "
                "Fix: declare the purpose on the field and in the notice, or do not use it.");
  static_assert(verdict != ReleaseVerdict::no_permit && verdict != ReleaseVerdict::no_consent,
                "custody[P6]: data is released with something that is no permit (PIPL Art. 13). "
                "Fix: pass a custody::Permit<Purpose> from a vault or key ring.");
  static_assert(verdict != ReleaseVerdict::no_sink && verdict != ReleaseVerdict::other_sink,
                "custody[P7]: data is released into something that is no declared sink for it (PIPL Art. 6). "
                "Fix: custody::sink<Purpose, \"name\">(callable taking the payload).");
  static_assert(verdict != ReleaseVerdict::low_sink,
                "custody[L2]: data flows into a sink or log of a lower level (DSL Art. 21). "
                "Fix: declare the sink for the level if it is protected accordingly.");
  static_assert(verdict != ReleaseVerdict::leaky,
                "custody[O11]: a sink returns something that can carry the plaintext out (PIPL Art. 51). "
                "Fix: return void, bool, an enum or Result<void>.");
  static constexpr bool good = verdict == ReleaseVerdict::good;
};

template <class Payload, class Tag, class SinkType>
[[nodiscard]] sink_result<SinkType, Payload> release_cell(const Cell& cell, const TypeFacts& type,
                                                          const Permit<Tag>& permit, SinkType& sink, Verb verb) {
  using Target = std::remove_cvref_t<SinkType>;
  static_cast<void>(Target::custody_inventory());
  const Opening opening(cell, type, PermitOffice::body(permit), purpose_facts<Tag>,
                        {verb, place_name<Target>, Target::custody_highest});
  if (!opening) return opening.error();
  return pour<Payload>(opening.plain(), sink);
}

}  // namespace custody::inline v0::detail

namespace custody::inline v0 {

/// A sink made in place from a callable: `custody::sink<PersonalisedPush, "push-gateway">([&](std::string_view text) {...})`.
template <class Tag, fixed_string Name, Level Highest = Level::grade3, class Function>
[[nodiscard]] auto sink(Function function) {
  return detail::MadeSink<Tag, Name, Highest, Function>(std::move(function));
}

}  // namespace custody::inline v0

/// The refusing twins of release(permit, sink). Internal; used once, inside Guarded.
#define CUSTODY_DETAIL_RELEASE_REFUSAL(verdict, sentence)                                       \
  template <class PermitType, class SinkType>                                                   \
    requires(release_verdict<Policy, Payload, PermitType, SinkType> == ReleaseVerdict::verdict) \
  CUSTODY_DETAIL_REFUSE_CONST(sentence, release(const PermitType&, SinkType&&));
#define CUSTODY_DETAIL_RELEASE_REFUSALS                                                                            \
  CUSTODY_DETAIL_RELEASE_REFUSAL(                                                                                  \
      undeclared,                                                                                                  \
      "custody[P1]: data is used for a purpose its declaration does not list (PIPL Art. 6). "                      \
      "Fix: declare the purpose on the field and in the notice, or do not use it.")                                \
  CUSTODY_DETAIL_RELEASE_REFUSAL(no_permit,                                                                        \
                                 "custody[P6]: data is released with something that is no permit (PIPL Art. 13). " \
                                 "Fix: pass a custody::Permit<Purpose> from a vault or key ring.")                 \
  CUSTODY_DETAIL_RELEASE_REFUSAL(                                                                                  \
      no_sink,                                                                                                     \
      "custody[P7]: data is released into something that is no declared sink for it (PIPL Art. 6). "               \
      "Fix: custody::sink<Purpose, \"name\">(callable taking the payload).")                                       \
  CUSTODY_DETAIL_RELEASE_REFUSAL(                                                                                  \
      other_sink,                                                                                                  \
      "custody[P7]: data is released into a sink of another purpose than the permit's (PIPL Art. 6). "             \
      "Fix: use a sink declared for the permit's purpose.")                                                        \
  CUSTODY_DETAIL_RELEASE_REFUSAL(low_sink,                                                                         \
                                 "custody[L2]: data flows into a sink or log of a lower level (DSL Art. 21). "     \
                                 "Fix: declare the sink for the level if it is protected accordingly.")            \
  CUSTODY_DETAIL_RELEASE_REFUSAL(                                                                                  \
      leaky,                                                                                                       \
      "custody[O11]: a sink returns something that can carry the plaintext out (PIPL Art. 51). "                   \
      "Fix: return void, bool, an enum or Result<void>.")                                                          \
  template <class SinkType>                                                                                        \
    requires(missing_permit<SinkType> == ReleaseVerdict::no_consent)                                               \
  CUSTODY_DETAIL_REFUSE_CONST(                                                                                     \
      "custody[C1]: data is released for a consent purpose without a permit (PIPL Art. 13, 14). "                  \
      "Fix: ask vault.permit<Purpose>(subject, actor) and pass it first.",                                         \
      release(SinkType&&));                                                                                        \
  template <class SinkType>                                                                                        \
    requires(missing_permit<SinkType> == ReleaseVerdict::no_permit)                                                \
  CUSTODY_DETAIL_REFUSE_CONST(                                                                                     \
      "custody[P6]: data is released without a permit (PIPL Art. 13). "                                            \
      "Fix: pass a custody::Permit<Purpose> first.",                                                               \
      release(SinkType&&));

/// The refusals of everything that would print, compare, measure or take apart a guarded value. Internal; used by every
/// class that holds sealed or ingress data.
#define CUSTODY_DETAIL_OUTPUT_REFUSALS(Self)                                                                \
  template <class Stream>                                                                                   \
  friend CUSTODY_DETAIL_REFUSE(                                                                             \
      "custody[O1]: a guarded value was streamed (PIPL Art. 51). "                                          \
      "Fix: release(permit, sink), or print custody::redacted(value).",                                     \
      operator<<(Stream&, const Self&));                                                                    \
  template <class Me, class Other>                                                                          \
    requires(std::is_base_of_v<Self, Me>)                                                                   \
  friend CUSTODY_DETAIL_REFUSE(                                                                             \
      "custody[O2]: a guarded value was compared (PIPL Art. 51). "                                          \
      "Fix: Password::matches for secrets, a Lookup for equality search.",                                  \
      operator==(const Me&, const Other&));                                                                 \
  template <class Me, class Other>                                                                          \
    requires(std::is_base_of_v<Self, Me>)                                                                   \
  friend CUSTODY_DETAIL_REFUSE(                                                                             \
      "custody[O3]: a guarded value was ordered (PIPL Art. 51). "                                           \
      "Fix: order by a public key, or use a custody::Lookup.",                                              \
      operator<=>(const Me&, const Other&));                                                                \
  template <class Me, class Other>                                                                          \
    requires(std::is_base_of_v<Self, Me>)                                                                   \
  friend CUSTODY_DETAIL_REFUSE(                                                                             \
      "custody[O3]: a guarded value was ordered (PIPL Art. 51). "                                           \
      "Fix: order by a public key, or use a custody::Lookup.",                                              \
      operator<(const Me&, const Other&));                                                                  \
  template <class... Arguments>                                                                             \
  CUSTODY_DETAIL_REFUSE_CONST(                                                                              \
      "custody[O5]: the length of a guarded value was asked for (PIPL Art. 51). "                           \
      "Fix: empty() needs no purpose; measure inside a region or a sink.",                                  \
      size(Arguments&&...));                                                                                \
  template <class... Arguments>                                                                             \
  CUSTODY_DETAIL_REFUSE_CONST(                                                                              \
      "custody[O5]: a guarded value was iterated (PIPL Art. 51). "                                          \
      "Fix: work on the value inside custody::map or a sink.",                                              \
      begin(Arguments&&...));                                                                               \
  template <class... Arguments>                                                                             \
  CUSTODY_DETAIL_REFUSE_CONST(                                                                              \
      "custody[O5]: a guarded value was iterated (PIPL Art. 51). "                                          \
      "Fix: work on the value inside custody::map or a sink.",                                              \
      end(Arguments&&...));                                                                                 \
  template <class Index>                                                                                    \
  CUSTODY_DETAIL_REFUSE_CONST(                                                                              \
      "custody[O5]: a guarded value was indexed (PIPL Art. 51). "                                           \
      "Fix: work on the value inside custody::map or a sink.",                                              \
      operator[](const Index&));                                                                            \
  template <class Json>                                                                                     \
  friend void to_json(Json&, const Self&) {                                                                 \
    static_assert(::custody::detail::never<Json>,                                                           \
                  "custody[S2]: a guarded value was written to json implicitly (PIPL Art. 51). "            \
                  "Fix: custody::at_rest::write(json, key, field) or custody::wire::write<Purpose>(...)."); \
  }                                                                                                         \
  template <class Json>                                                                                     \
  friend void from_json(const Json&, Self&) {                                                               \
    static_assert(::custody::detail::never<Json>,                                                           \
                  "custody[S3]: a guarded value was read from json implicitly (PIPL Art. 51). "             \
                  "Fix: custody::at_rest::read(json, key, binding) or custody::wire::read<Purpose>(...)."); \
  }
