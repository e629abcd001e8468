// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/law/level.hpp>

namespace custody::inline v0 {

/// How data travels; anything but these two is refused (S9: every transfer is under TLS, or does not leave the machine).
enum class Transport : std::uint8_t { tls = 1, local = 2 };

/// What a store, channel or key provider declares about itself, in a member named `custody_protection`:
/// the highest level it is fit for. Without the declaration it is refused. Rules S5, L4.
struct Protection {
  Level highest = Level::grade1;
  const char* name = "";
};

namespace detail {
template <class Place>
inline constexpr bool declares_protection = requires { Protection{Place::custody_protection}; };
}  // namespace detail

/// A store, channel or key provider that declares its protection. Rule S5.
template <class Place>
concept DeclaresProtection =
    rule<detail::declares_protection<Place>,
         "custody[S5]: a store, channel or key provider does not declare its protection (PIPL Art. 51). "
         "Fix: static constexpr custody::Protection custody_protection{custody::Level::..., \"name\"};">;

}  // namespace custody::inline v0
