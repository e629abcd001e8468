// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace custody::inline v0 {

/// A string literal that can be a template argument, so that a policy carries its words in its type.
template <std::size_t Size>
struct fixed_string {
  char text[Size]{};

  consteval fixed_string(const char (&literal)[Size]) noexcept {  // NOLINT(google-explicit-constructor)
    for (std::size_t i = 0; i != Size; ++i) text[i] = literal[i];
  }
  [[nodiscard]] constexpr std::size_t length() const noexcept { return Size - 1; }
  [[nodiscard]] constexpr const char* c_str() const noexcept { return text; }
};

/// The atom of a named concept: compilers print the sentence when the condition does not hold.
/// The literal stands where the concept is written; `Holds` is one plain bool, never a disjunction.
template <bool Holds, fixed_string Why>
inline constexpr bool rule = Holds;

namespace detail {

template <class...>
inline constexpr bool never = false;  ///< false, but only once a template is instantiated

/// The return type of a refusing overload: g++ prints it, sentence and all, in "use of deleted function".
template <fixed_string Why>
struct refused;
/// The same for constructors: a defaulted last parameter of this type.
template <fixed_string Why>
struct refused_argument {};
/// The same for conversion operators: another spelling of the target type.
template <class Target, fixed_string Why>
using refused_target = Target;

}  // namespace detail
}  // namespace custody::inline v0

/// Refuses every call of one signature with a sentence that stands in the first error line, while `requires`
/// still sees plain false. Internal. Use: `CUSTODY_DETAIL_REFUSE("custody[O1]: ...", operator==(const A&, const B&))`
/// after the template head and specifiers; g++ needs a deleted function, clang an unavailable one.
/// Constructors and conversion operators have no return type to print. g++ shows the sentence as a defaulted parameter or
/// in the spelling of the target, clang 19 as the reason of the deletion, clang 14 as the constraint that does not hold.
#if defined(__clang__)
#define CUSTODY_DETAIL_REFUSE_CONVERSION(sentence, head, target) \
  head __attribute__((unavailable(sentence))) operator target() const { __builtin_trap(); }
#define CUSTODY_DETAIL_REFUSE(sentence, ...) \
  __attribute__((unavailable(sentence))) ::custody::detail::refused<sentence>* __VA_ARGS__ { return nullptr; }
#define CUSTODY_DETAIL_REFUSE_CONST(sentence, ...) \
  __attribute__((unavailable(sentence))) ::custody::detail::refused<sentence>* __VA_ARGS__ const { return nullptr; }
#else
#define CUSTODY_DETAIL_REFUSE_CTOR(sentence, name, type, parameter) \
  name(parameter, ::custody::detail::refused_argument<sentence> = {}) = delete
#define CUSTODY_DETAIL_REFUSE_CONVERSION(sentence, head, target) \
  head operator ::custody::detail::refused_target<target, sentence>() const = delete
#define CUSTODY_DETAIL_REFUSE(sentence, ...) ::custody::detail::refused<sentence> __VA_ARGS__ = delete
#define CUSTODY_DETAIL_REFUSE_CONST(sentence, ...) ::custody::detail::refused<sentence> __VA_ARGS__ const = delete
#endif
#if defined(__clang__) && __clang_major__ >= 19
#define CUSTODY_DETAIL_REFUSE_CTOR(sentence, name, type, parameter)                                             \
  _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wc++26-extensions\"") name(parameter) = \
      delete (sentence)_Pragma("clang diagnostic pop")
#elif defined(__clang__)
#define CUSTODY_DETAIL_REFUSE_CTOR(sentence, name, type, parameter) \
  name(parameter)                                                   \
    requires ::custody::rule<::custody::detail::never<type>, sentence>
#endif
