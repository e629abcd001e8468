// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <custody/law/level.hpp>
#include <custody/law/purpose.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {

/// A program acting for the product, or a member of its staff. Staff never read private communication.
enum class RoleKind : std::uint8_t { service = 1, staff = 2 };

/// What a role may do, as data; made by custody::role. Static storage.
struct Role {
  const char* name = "";
  RoleKind kind = RoleKind::service;
  Level clearance = Level::grade1;
  const PurposeFacts* purposes = nullptr;
  std::size_t purpose_count = 0;
  std::size_t name_size = 0;  ///< 0: not counted yet; evidence does not count it for each line

  [[nodiscard]] constexpr std::string_view name_view() const noexcept { return detail::counted(name, name_size); }
  [[nodiscard]] constexpr bool may(std::string_view purpose) const noexcept {
    for (std::size_t i = 0; i != purpose_count; ++i) {
      if (purpose == purposes[i].id) return true;
    }
    return false;
  }
};

namespace detail {
template <class... Tags>
struct role_purposes {
  static constexpr PurposeFacts list[sizeof...(Tags)] = {purpose_facts<Tags>...};
};
}  // namespace detail

/// A role with its clearance and the purposes it serves: `inline constexpr auto support = custody::role<"support",
/// RoleKind::staff, Level::grade3, CustomerSupport>;` PIPL Art. 51; CSL Art. 42.
template <fixed_string Name, RoleKind Kind, Level Clearance, class... Tags>
  requires DeclaredLevel<Clearance> && (sizeof...(Tags) != 0) && PurposeTags<Tags...>
inline constexpr Role role{
    detail::literal<Name>.c_str(), Kind, Clearance, detail::role_purposes<Tags...>::list, sizeof...(Tags),
    detail::literal<Name>.length()};

/// Who asks: a role, and the name of the service or the pseudonym of the member of staff. The name goes into the audit
/// log, so it must not be a person's data; both must outlive every permit made for the actor.
struct Actor {
  const Role* role = nullptr;
  std::string_view name;
};

/// A person's age band: everything of an under-14 is sensitive and needs a guardian (PIPL Art. 28, 31).
enum class AgeBand : std::uint8_t { unknown = 0, under14 = 1, from14to17 = 2, adult = 3 };

}  // namespace custody::inline v0
