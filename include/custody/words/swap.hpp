// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace custody::inline v0::detail {

/// std::swap without its constraints, which cost a model header more to check than the values that are swapped in it.
template <class Type>
void swap_values(Type& a, Type& b) noexcept {
  Type kept = static_cast<Type&&>(a);
  a = static_cast<Type&&>(b);
  b = static_cast<Type&&>(kept);
}

}  // namespace custody::inline v0::detail
