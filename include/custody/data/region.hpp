// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>
#include <utility>

#include <custody/data/personal.hpp>

namespace custody::inline v0 {
namespace detail {

/// The guarded type of a policy: what map and join give back.
template <class Payload, class Policy>
struct Rebuilt;
template <class Payload, Level L, bool S, class... Tags>
struct Rebuilt<Payload, Policy<L, S, Tags...>> {
  using type =
      std::conditional_t<S, Sensitive<Classified<Payload, L>, Tags...>, Personal<Classified<Payload, L>, Tags...>>;
};
template <class Payload, Level L, bool S>
struct Rebuilt<Payload, Policy<L, S>> {
  using type = Classified<Payload, L>;
};

/// Why `map(permit, value, f)` does or does not compile.
enum class RegionVerdict : unsigned char { good, no_permit, undeclared, captures, points };

template <class Function, class... Payloads>
[[nodiscard]] consteval RegionVerdict judge_function() noexcept {
  if constexpr (!std::is_empty_v<Function> || !std::is_nothrow_invocable_v<Function, const Payloads&...>) {
    return RegionVerdict::captures;
  } else {
    using Made = std::invoke_result_t<Function, const Payloads&...>;
    if constexpr (is_pointer_or_view<Made> || !HasCodec<std::remove_cvref_t<Made>>) return RegionVerdict::points;
    return RegionVerdict::good;
  }
}
template <class PermitType, class Policy, class Function, class... Payloads>
[[nodiscard]] consteval RegionVerdict judge_region() noexcept {
  if constexpr (!is_permit<PermitType>) {
    return RegionVerdict::no_permit;
  } else if constexpr (!may_serve<Policy, typename PermitType::purpose>) {
    return RegionVerdict::undeclared;
  } else {
    return judge_function<Function, Payloads...>();
  }
}

/// A decoded value that is wiped when the region ends.
template <class Payload>
struct Held {
  Payload value{};
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() { wipe_value(value); }
};

template <class Lazy = void>
[[nodiscard]] Owners owners_of(const Cell& a, const Cell* b = nullptr) {
  Owners all = a.binding()->owners;
  if (b != nullptr) {
    for (const Ref<SubjectState>& owner : b->binding()->owners) all.push_back(owner);
  }
  return all;
}

/// Seals a region's result as derived data of the owners, and wipes it.
template <class Target, class Made>
[[nodiscard]] Result<Target> keep_result(const Cell& first, Owners owners, Made&& made) {
  auto source = provenance(first.binding()->core, std::move(owners));
  if (!source) return source.error();
  Target target;
  using Payload = payload_of<Target>;
  auto done = feed<Payload>(std::forward<Made>(made), [&](ByteView plain) {
    return CellOffice::cell(target).seal_transient(plain, type_facts<Payload, policy_of<Target>>, *source);
  });
  if (!done) return done.error();
  return target;
}

template <class Tag, class Type, class Policy, class Function>
using Mapped =
    typename Rebuilt<std::remove_cvref_t<std::invoke_result_t<Function, const payload_of<Type>&>>, Policy>::type;

}  // namespace detail

/// Computes on a value without letting it out: `f` is captureless and noexcept, sees the plaintext, and its result is
/// sealed again under the same policy, remembering whose it is. That `f` writes to no global is a convention.
/// Errors: as release. Rules O11, O12.
template <class Tag, class Type, class Function>
  requires(detail::is_readable<Type> &&
           detail::judge_region<Permit<Tag>, detail::policy_of<Type>, Function, detail::payload_of<Type>>() ==
               detail::RegionVerdict::good)
auto map(const Permit<Tag>& permit, const Type& value, Function f)
    -> Result<detail::Mapped<Tag, Type, detail::policy_of<Type>, Function>> {
  using Payload = detail::payload_of<Type>;
  using Target = detail::Mapped<Tag, Type, detail::policy_of<Type>, Function>;
  const detail::Cell& cell = detail::CellOffice::cell(value);
  const detail::Opening opening(cell, detail::type_facts<Payload, detail::policy_of<Type>>, PermitOffice::body(permit),
                                detail::purpose_facts<Tag>,
                                {Verb::derive, "map", Level::core, false, &detail::policy_of<Target>::facts});
  if (!opening) return opening.error();
  detail::Held<Payload> held;
  if (!detail::decode(opening.plain(), held.value)) return Errc::malformed;
  return detail::keep_result<Target>(cell, detail::owners_of(cell), f(std::as_const(held.value)));
}

/// Computes on two values of one or two persons, with a permit for each. The result serves only purposes that both parts
/// allow, at the higher level, and belongs to all owners. Errors: as release.
template <class Tag, class A, class B, class Function,
          class Joined = detail::joined<detail::policy_of<A>, detail::policy_of<B>>>
  requires(detail::is_readable<A> && detail::is_readable<B> && detail::may_serve<detail::policy_of<A>, Tag> &&
           detail::may_serve<detail::policy_of<B>, Tag> &&
           detail::judge_function<Function, detail::payload_of<A>, detail::payload_of<B>>() ==
               detail::RegionVerdict::good)
auto join(const Permit<Tag>& permit_a, const A& a, const Permit<Tag>& permit_b, const B& b, Function f)
    -> Result<typename detail::Rebuilt<
        std::remove_cvref_t<std::invoke_result_t<Function, const detail::payload_of<A>&, const detail::payload_of<B>&>>,
        Joined>::type> {
  using Made =
      std::remove_cvref_t<std::invoke_result_t<Function, const detail::payload_of<A>&, const detail::payload_of<B>&>>;
  using Target = typename detail::Rebuilt<Made, Joined>::type;
  const detail::Cell& first = detail::CellOffice::cell(a);
  const detail::Cell& second = detail::CellOffice::cell(b);
  const detail::Opening open_a(first, detail::type_facts<detail::payload_of<A>, detail::policy_of<A>>,
                               PermitOffice::body(permit_a), detail::purpose_facts<Tag>,
                               {Verb::derive, "join", Level::core, false, &Joined::facts});
  if (!open_a) return open_a.error();
  const detail::Opening open_b(second, detail::type_facts<detail::payload_of<B>, detail::policy_of<B>>,
                               PermitOffice::body(permit_b), detail::purpose_facts<Tag>,
                               {Verb::derive, "join", Level::core, false, &Joined::facts});
  if (!open_b) return open_b.error();
  if (!(first.binding()->core == second.binding()->core)) return Errc::wrong_ring;
  detail::Held<detail::payload_of<A>> held_a;
  detail::Held<detail::payload_of<B>> held_b;
  if (!detail::decode(open_a.plain(), held_a.value) || !detail::decode(open_b.plain(), held_b.value))
    return Errc::malformed;
  return detail::keep_result<Target>(first, detail::owners_of(first, &second),
                                     f(std::as_const(held_a.value), std::as_const(held_b.value)));
}

/// Gives a value a narrower declaration: fewer purposes, a higher level. Nothing widens. Errors: as release.
template <class To, class Tag, class From>
  requires(detail::is_readable<From> && detail::is_readable<To> &&
           std::is_same_v<detail::payload_of<From>, detail::payload_of<To>> &&
           detail::narrows<detail::policy_of<From>, detail::policy_of<To>> &&
           detail::may_serve<detail::policy_of<From>, Tag>)
Result<To> restrict_to(const Permit<Tag>& permit, const From& from) {
  const detail::Cell& cell = detail::CellOffice::cell(from);
  const detail::Opening opening(cell, detail::type_facts<detail::payload_of<From>, detail::policy_of<From>>,
                                PermitOffice::body(permit), detail::purpose_facts<Tag>,
                                {Verb::derive, "restrict_to", Level::core, false, &detail::policy_of<To>::facts});
  if (!opening) return opening.error();
  auto source = detail::provenance(cell.binding()->core, detail::owners_of(cell));
  if (!source) return source.error();
  To target;
  auto done = detail::CellOffice::cell(target).seal_transient(
      opening.plain(), detail::type_facts<detail::payload_of<To>, detail::policy_of<To>>, *source);
  if (!done) return done.error();
  return target;
}

template <class PermitType, class Type, class Function>
  requires(detail::is_readable<Type> &&
           detail::judge_region<PermitType, detail::policy_of<Type>, Function, detail::payload_of<Type>>() ==
               detail::RegionVerdict::no_permit)
CUSTODY_DETAIL_REFUSE(
    "custody[P6]: data is computed on with something that is no permit (PIPL Art. 13). "
    "Fix: pass a custody::Permit<Purpose> from a vault or key ring.",
    map(const PermitType&, const Type&, Function));
template <class PermitType, class Type, class Function>
  requires(detail::is_readable<Type> &&
           detail::judge_region<PermitType, detail::policy_of<Type>, Function, detail::payload_of<Type>>() ==
               detail::RegionVerdict::undeclared)
CUSTODY_DETAIL_REFUSE(
    "custody[P1]: data is computed on for a purpose its declaration does not list (PIPL Art. 6). "
    "Fix: declare the purpose on the field and in the notice, or do not use it.",
    map(const PermitType&, const Type&, Function));
template <class PermitType, class Type, class Function>
  requires(detail::is_readable<Type> &&
           detail::judge_region<PermitType, detail::policy_of<Type>, Function, detail::payload_of<Type>>() ==
               detail::RegionVerdict::captures)
CUSTODY_DETAIL_REFUSE(
    "custody[O12]: a region's function captures, may throw or does not take the payload (PIPL Art. 51). "
    "Fix: use a captureless noexcept lambda over const T&.",
    map(const PermitType&, const Type&, Function));
template <class PermitType, class Type, class Function>
  requires(detail::is_readable<Type> &&
           detail::judge_region<PermitType, detail::policy_of<Type>, Function, detail::payload_of<Type>>() ==
               detail::RegionVerdict::points)
CUSTODY_DETAIL_REFUSE(
    "custody[O11]: a region returns a pointer or a view into the plaintext (PIPL Art. 51). "
    "Fix: return an owning value; it is sealed again.",
    map(const PermitType&, const Type&, Function));

template <class Tag, class A, class B, class Function>
  requires(detail::is_readable<A> && detail::is_readable<B> &&
           !(detail::may_serve<detail::policy_of<A>, Tag> && detail::may_serve<detail::policy_of<B>, Tag>))
CUSTODY_DETAIL_REFUSE(
    "custody[P9]: joined data is used for a purpose that not all its parts allow (PIPL Art. 6). "
    "Fix: use a purpose that every part declares.",
    join(const Permit<Tag>&, const A&, const Permit<Tag>&, const B&, Function));

template <class To, class Tag, class From>
  requires(detail::is_readable<From> && detail::is_readable<To> &&
           !detail::narrows<detail::policy_of<From>, detail::policy_of<To>>)
CUSTODY_DETAIL_REFUSE(
    "custody[P2]: a declaration would be widened or its level lowered (PIPL Art. 6; DSL Art. 21). "
    "Fix: restrict_to a subset of the purposes at the same or a higher level.",
    restrict_to(const Permit<Tag>&, const From&));

template <class To, class Tag, class From>
  requires(detail::is_readable<From> && detail::is_readable<To> &&
           detail::narrows<detail::policy_of<From>, detail::policy_of<To>> &&
           !detail::may_serve<detail::policy_of<From>, Tag>)
CUSTODY_DETAIL_REFUSE(
    "custody[P1]: data is used for a purpose its declaration does not list (PIPL Art. 6). "
    "Fix: declare the purpose on the field and in the notice, or do not use it.",
    restrict_to(const Permit<Tag>&, const From&));
template <class To, class PermitType, class From>
  requires(detail::is_readable<From> && detail::is_readable<To> && !detail::is_permit<PermitType>)
CUSTODY_DETAIL_REFUSE(
    "custody[P6]: data is given another declaration with something that is no permit (PIPL Art. 13). "
    "Fix: pass a custody::Permit<Purpose> from a vault or key ring.",
    restrict_to(const PermitType&, const From&));

template <class PermitA, class A, class PermitB, class B, class Function>
  requires(detail::is_readable<A> && detail::is_readable<B> &&
           (!detail::is_permit<PermitA> || !std::is_same_v<PermitA, PermitB>))
CUSTODY_DETAIL_REFUSE(
    "custody[P6]: data is joined without a permit of one purpose for each part (PIPL Art. 13). "
    "Fix: pass two custody::Permit<Purpose> of the same purpose.",
    join(const PermitA&, const A&, const PermitB&, const B&, Function));
template <class Tag, class A, class B, class Function>
  requires(detail::is_readable<A> && detail::is_readable<B> && detail::may_serve<detail::policy_of<A>, Tag> &&
           detail::may_serve<detail::policy_of<B>, Tag> &&
           detail::judge_function<Function, detail::payload_of<A>, detail::payload_of<B>>() ==
               detail::RegionVerdict::captures)
CUSTODY_DETAIL_REFUSE(
    "custody[O12]: a region's function captures, may throw or does not take the payload (PIPL Art. 51). "
    "Fix: use a captureless noexcept lambda over const T&.",
    join(const Permit<Tag>&, const A&, const Permit<Tag>&, const B&, Function));
template <class Tag, class A, class B, class Function>
  requires(detail::is_readable<A> && detail::is_readable<B> && detail::may_serve<detail::policy_of<A>, Tag> &&
           detail::may_serve<detail::policy_of<B>, Tag> &&
           detail::judge_function<Function, detail::payload_of<A>, detail::payload_of<B>>() ==
               detail::RegionVerdict::points)
CUSTODY_DETAIL_REFUSE(
    "custody[O11]: a region returns a pointer or a view into the plaintext (PIPL Art. 51). "
    "Fix: return an owning value; it is sealed again.",
    join(const Permit<Tag>&, const A&, const Permit<Tag>&, const B&, Function));

}  // namespace custody::inline v0
