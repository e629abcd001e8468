// SPDX-License-Identifier: Apache-2.0
#pragma once

#ifndef CUSTODY_DECLASSIFY_LINKED
#error \
    "custody[D2]: the way out of custody is included but not asked for (PIPL Art. 51). Fix: link custody::declassify."
#endif

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <custody/data/personal.hpp>

namespace custody::inline v0 {

/// Why plaintext is taken out of custody: the base of a final, empty tag type whose name stands in the evidence and in the
/// manifest. Use: `struct ForTaxAudit final : custody::Reason<"tax-audit-2026"> {};` Rule D1.
template <fixed_string Name>
struct Reason {
  static_assert(Name.length() != 0 && Name.length() < 64, "a reason needs a name of 1 to 63 characters");
  static constexpr const char* custody_reason = detail::literal<Name>.c_str();
};

namespace detail {

template <fixed_string Name>
std::true_type reason_base(const Reason<Name>*) noexcept;
std::false_type reason_base(...) noexcept;

template <class Why, bool IsClass = std::is_class_v<Why>>
inline constexpr bool is_reason = false;
template <class Why>
inline constexpr bool is_reason<Why, true> =
    !std::is_const_v<Why> && !std::is_volatile_v<Why> && std::is_final_v<Why> && std::is_empty_v<Why> &&
    decltype(reason_base(static_cast<Why*>(nullptr)))::value;

template <class Why, class Tag, class Rules>
struct ReasonOutlet {
  static inline Outlet outlet{"declassify", Why::custody_reason, purpose_facts<Tag>.id, Rules::level, nullptr};
  static inline const OutletEntry entry{outlet};
};

/// How often plaintext was taken out, for all reasons.
[[nodiscard]] __attribute__((visibility("default"))) inline std::atomic<std::uint64_t>& declassified_total() noexcept {
  static constinit std::atomic<std::uint64_t> count{0};
  return count;
}
template <class Why>
inline std::atomic<std::uint64_t> declassified_for{0};  // NOLINT(*-avoid-non-const-global-variables)

/// Why `declassify<Why>(permit, field)` does or does not compile.
enum class DeclassifyVerdict : unsigned char { good, other, no_reason, no_permit, undeclared };
template <class Why, class PermitType, class Type>
[[nodiscard]] consteval DeclassifyVerdict judge_declassify() noexcept {
  if constexpr (!is_readable<Type>) {
    return DeclassifyVerdict::other;
  } else if constexpr (!is_reason<Why>) {
    return DeclassifyVerdict::no_reason;
  } else if constexpr (!is_permit<PermitType>) {
    return DeclassifyVerdict::no_permit;
  } else {
    return may_serve<policy_of<Type>, typename PermitType::purpose> ? DeclassifyVerdict::good
                                                                    : DeclassifyVerdict::undeclared;
  }
}
template <class Why, class PermitType, class Type>
inline constexpr DeclassifyVerdict declassify_verdict = judge_declassify<Why, PermitType, Type>();

}  // namespace detail

/// How often plaintext was taken out since the program started: for every reason, or for one.
[[nodiscard]] inline std::uint64_t declassified() noexcept {
  return detail::declassified_total().load(std::memory_order_relaxed);
}
template <class Why>
[[nodiscard]] std::uint64_t declassified() noexcept {
  return detail::declassified_for<Why>.load(std::memory_order_relaxed);
}

/// The one deliberate way out: gives the plaintext to the caller, who keeps and wipes it. Under a permit, recorded with the
/// reason's name, counted, and listed in the manifest. Errors: as release. PIPL Art. 51. Rules D1, D2, P1, P6.
template <class Why, class Tag, class Type>
  requires(detail::declassify_verdict<Why, Permit<Tag>, Type> == detail::DeclassifyVerdict::good)
[[nodiscard]] Result<detail::payload_of<Type>> declassify(const Permit<Tag>& permit, const Type& field) {
  using Payload = detail::payload_of<Type>;
  static_cast<void>(&detail::ReasonOutlet<Why, Tag, detail::policy_of<Type>>::entry);
  const detail::Opening opening(detail::CellOffice::cell(field), detail::type_facts<Payload, detail::policy_of<Type>>,
                                PermitOffice::body(permit), detail::purpose_facts<Tag>,
                                {Verb::declassify, Why::custody_reason, Level::core});
  if (!opening) return opening.error();
  detail::declassified_total().fetch_add(1, std::memory_order_relaxed);
  detail::declassified_for<Why>.fetch_add(1, std::memory_order_relaxed);
  Payload out{};
  if (!detail::decode(opening.plain(), out)) return Errc::malformed;
  return out;
}

template <class Why = void, class PermitType, class Type>
  requires(detail::declassify_verdict<Why, PermitType, Type> == detail::DeclassifyVerdict::no_reason)
CUSTODY_DETAIL_REFUSE(
    "custody[D1]: plaintext is taken out without a declared reason (PIPL Art. 51). "
    "Fix: struct Why final : custody::Reason<\"...\"> {};",
    declassify(const PermitType&, const Type&));
template <class Why, class PermitType, class Type>
  requires(detail::declassify_verdict<Why, PermitType, Type> == detail::DeclassifyVerdict::no_permit)
CUSTODY_DETAIL_REFUSE(
    "custody[P6]: plaintext is taken out with something that is no permit (PIPL Art. 13). "
    "Fix: pass a custody::Permit<Purpose> from a vault or key ring.",
    declassify(const PermitType&, const Type&));
template <class Why, class PermitType, class Type>
  requires(detail::declassify_verdict<Why, PermitType, Type> == detail::DeclassifyVerdict::undeclared)
CUSTODY_DETAIL_REFUSE(
    "custody[P1]: data is used for a purpose its declaration does not list (PIPL Art. 6). "
    "Fix: declare the purpose on the field and in the notice, or do not use it.",
    declassify(const PermitType&, const Type&));

}  // namespace custody::inline v0
