// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace custody::inline v0::detail {

/// Spells a type so that it depends on a template parameter: what uses it is compiled where it is used, not where the
/// header is included. A model header that only declares fields must stay cheap.
template <class Type, class Lazy>
struct Later {
  using type = Type;
};
template <class Type, class Lazy>
using later = typename Later<Type, Lazy>::type;

}  // namespace custody::inline v0::detail
