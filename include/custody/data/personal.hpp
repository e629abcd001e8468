// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include <custody/data/guarded.hpp>

namespace custody::inline v0 {

/// A value about a person, sealed from the moment it is given; usable for these purposes only.
/// PIPL Art. 6; GDPR Art. 5(1)(b). Rules P1, P2, P4, P5, O1 to O12.
template <class Type, class... Tags>
class Personal final
    : public detail::Guarded<typename detail::Declare<Type, detail::personal_level, false, Tags...>::type::payload,
                             typename detail::Declare<Type, detail::personal_level, false, Tags...>::policy> {
  static_assert(sizeof...(Tags) != 0,
                "custody[P5]: personal data without a purpose (PIPL Art. 6). Fix: name the purposes it serves.");
  static_assert((detail::is_purpose_tag<Tags> && ...),
                "custody[P4]: personal data names something that is not a declared purpose (PIPL Art. 6). "
                "Fix: struct Name final : custody::Purpose<\"id\", custody::Basis::...> {};");
  static_assert(sizeof...(Tags) == 0 ||
                    detail::Declare<Type, detail::personal_level, false, Tags...>::policy::purpose_count != 0,
                "custody[P5]: nested declarations share no purpose, so the data serves none (PIPL Art. 6). "
                "Fix: name a purpose that both list.");
  using Base = detail::Guarded<typename detail::Declare<Type, detail::personal_level, false, Tags...>::type::payload,
                               typename detail::Declare<Type, detail::personal_level, false, Tags...>::policy>;

 public:
  using Base::Base;
  CUSTODY_DETAIL_ASSIGN_REFUSALS
};

/// A value of a protection level; nests with Personal either way, and the higher level wins. DSL Art. 21. Rules L1 to L5.
template <class Type, Level Lifted>
class Classified final : public detail::Guarded<typename detail::Declare<Type, Lifted, false>::type::payload,
                                                typename detail::Declare<Type, Lifted, false>::policy> {
  static_assert(detail::is_level<Lifted>,
                "custody[L3]: a level outside grade1..grade4, important, core was invented (DSL Art. 21). "
                "Fix: use one of the six custody::Level values.");
  using Base = detail::Guarded<typename detail::Declare<Type, Lifted, false>::type::payload,
                               typename detail::Declare<Type, Lifted, false>::policy>;

 public:
  using Base::Base;
  CUSTODY_DETAIL_ASSIGN_REFUSALS
};

namespace detail {
template <class Tag>
inline constexpr bool fit_for_sensitive = purpose_facts<Tag>.basis != Basis::consent;
}

/// Sensitive personal data: at least grade4, and never on an ordinary consent. PIPL Art. 28-30, 55. Rule C2.
template <class Type, class... Tags>
class Sensitive final
    : public detail::Guarded<typename detail::Declare<Type, detail::sensitive_level, true, Tags...>::type::payload,
                             typename detail::Declare<Type, detail::sensitive_level, true, Tags...>::policy> {
  static_assert(sizeof...(Tags) != 0,
                "custody[P5]: personal data without a purpose (PIPL Art. 6). Fix: name the purposes it serves.");
  static_assert((detail::is_purpose_tag<Tags> && ...),
                "custody[P4]: personal data names something that is not a declared purpose (PIPL Art. 6). "
                "Fix: struct Name final : custody::Purpose<\"id\", custody::Basis::...> {};");
  static_assert(
      (detail::fit_for_sensitive<Tags> && ...),
      "custody[C2]: sensitive data rests on an ordinary consent where a separate one is required (PIPL Art. 29). "
      "Fix: give the purpose Basis::separate_consent.");
  static_assert(sizeof...(Tags) == 0 ||
                    detail::Declare<Type, detail::sensitive_level, true, Tags...>::policy::purpose_count != 0,
                "custody[P5]: nested declarations share no purpose, so the data serves none (PIPL Art. 6). "
                "Fix: name a purpose that both list.");
  using Base = detail::Guarded<typename detail::Declare<Type, detail::sensitive_level, true, Tags...>::type::payload,
                               typename detail::Declare<Type, detail::sensitive_level, true, Tags...>::policy>;

 public:
  using Base::Base;
  CUSTODY_DETAIL_ASSIGN_REFUSALS
};

/// How a guarded value may stand in a log line: its kind, no value, no length.
template <class Type>
  requires detail::is_guarded<Type>
[[nodiscard]] constexpr const char* redacted(const Type&) noexcept {
  return "[sealed]";
}

}  // namespace custody::inline v0

template <class Type, class... Tags>
struct std::tuple_size<custody::Personal<Type, Tags...>> {
  static_assert(custody::detail::never<Type>,
                "custody[O7]: a guarded value was taken apart by a structured binding (PIPL Art. 51). "
                "Fix: bind the record, then release the field.");
};
template <class Type, class... Tags>
struct std::tuple_size<custody::Sensitive<Type, Tags...>> : std::tuple_size<custody::Personal<Type, Tags...>> {};
template <class Type, custody::Level Lifted>
struct std::tuple_size<custody::Classified<Type, Lifted>> : std::tuple_size<custody::Personal<Type>> {};
