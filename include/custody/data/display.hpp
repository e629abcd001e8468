// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <type_traits>

#include <custody/data/mask.hpp>
#include <custody/data/personal.hpp>

namespace custody::inline v0 {
namespace detail {

template <class Tag, class Mask>
struct MaskOutlet {
  static inline Outlet outlet{"mask", Mask::custody_name, purpose_facts<Tag>.id, Level::core, nullptr};
  static inline const OutletEntry entry{outlet};
};

/// Why `show<Mask>(permit, field)` does or does not compile.
enum class ShowVerdict : unsigned char { good, no_text, no_mask, no_permit, undeclared };
template <class Mask, class PermitType, class Type>
[[nodiscard]] consteval ShowVerdict judge_show() noexcept {
  if constexpr (!is_readable<Type>) {  // NOLINT(bugprone-branch-clone): the next line needs a payload
    return ShowVerdict::no_text;
  } else if constexpr (!std::is_same_v<payload_of<Type>, std::string>) {
    return ShowVerdict::no_text;
  } else if constexpr (!is_mask<Mask>) {
    return ShowVerdict::no_mask;
  } else if constexpr (!is_permit<PermitType>) {
    return ShowVerdict::no_permit;
  } else {
    return may_serve<policy_of<Type>, typename PermitType::purpose> ? ShowVerdict::good : ShowVerdict::undeclared;
  }
}
template <class Mask, class PermitType, class Type>
inline constexpr ShowVerdict show_verdict = judge_show<Mask, PermitType, Type>();

}  // namespace detail

/// The masked form of a field, for a screen of support or of the person: the plaintext is masked before anything leaves,
/// and the look is recorded under the mask's name. Errors: as release. PIPL Art. 51. Rules P1, P6, O15.
template <class Mask, class Tag, class Type>
  requires(detail::show_verdict<Mask, Permit<Tag>, Type> == detail::ShowVerdict::good)
[[nodiscard]] Result<std::string> show(const Permit<Tag>& permit, const Type& field) {
  static_cast<void>(&detail::MaskOutlet<Tag, Mask>::entry);
  const detail::Opening opening(
      detail::CellOffice::cell(field), detail::type_facts<detail::payload_of<Type>, detail::policy_of<Type>>,
      PermitOffice::body(permit), detail::purpose_facts<Tag>, {Verb::release, Mask::custody_name, Level::core});
  if (!opening) return opening.error();
  return Mask::apply(as_text(opening.plain()));
}

template <class Mask, class PermitType, class Type>
  requires(detail::show_verdict<Mask, PermitType, Type> == detail::ShowVerdict::undeclared)
CUSTODY_DETAIL_REFUSE(
    "custody[P1]: data is used for a purpose its declaration does not list (PIPL Art. 6). "
    "Fix: declare the purpose on the field and in the notice, or do not use it.",
    show(const PermitType&, const Type&));
template <class Mask, class PermitType, class Type>
  requires(detail::show_verdict<Mask, PermitType, Type> == detail::ShowVerdict::no_permit)
CUSTODY_DETAIL_REFUSE(
    "custody[P6]: data is shown with something that is no permit (PIPL Art. 13). "
    "Fix: pass a custody::Permit<Purpose> from a vault or key ring.",
    show(const PermitType&, const Type&));
template <class Mask, class PermitType, class Type>
  requires(detail::show_verdict<Mask, PermitType, Type> == detail::ShowVerdict::no_mask)
CUSTODY_DETAIL_REFUSE(
    "custody[O15]: data is shown through something that is no mask of the library (PIPL Art. 51). "
    "Fix: use custody::mask_keep<First, Last> or another custody::mask_ type.",
    show(const PermitType&, const Type&));

}  // namespace custody::inline v0
