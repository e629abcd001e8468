// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

namespace custody::inline v0 {

/// A member declared to need no protection: an id, a time, a counter. An ordinary value; the declaration is the point.
template <class Type>
class Public final {
 public:
  using custody_public = Type;
  Public() = default;
  template <class Source>
    requires(std::is_convertible_v<Source, Type> && !std::is_same_v<std::remove_cvref_t<Source>, Public>)
  Public(Source&& value) : value_(std::forward<Source>(value)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] const Type& get() const noexcept { return value_; }
  [[nodiscard]] operator const Type&() const noexcept { return value_; }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] const Type* operator->() const noexcept { return &value_; }

  [[nodiscard]] friend bool operator==(const Public& a, const Public& b)
    requires std::equality_comparable<Type>
  {
    return a.value_ == b.value_;
  }
  template <class Other>
    requires(!std::is_same_v<Other, Public> &&
             requires(const Type& a, const Other& b) {
               { a == b } -> std::convertible_to<bool>;
             })
  [[nodiscard]] bool operator==(
      const Other& other) const {  // a member: what converts to Public must not ask for itself
    return value_ == other;
  }
  [[nodiscard]] friend bool operator<(const Public& a, const Public& b)
    requires requires(const Type& x) {
      { x < x } -> std::convertible_to<bool>;
    }
  {
    return a.value_ < b.value_;
  }

 private:
  Type value_{};
};

namespace detail {
template <class Type>
inline constexpr bool is_public = false;
template <class Type>
inline constexpr bool is_public<Public<Type>> = true;
}  // namespace detail

}  // namespace custody::inline v0
