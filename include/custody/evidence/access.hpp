// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <custody/law/actor.hpp>
#include <custody/law/category.hpp>
#include <custody/law/level.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// Whether an actor may work for a purpose with data up to a level: the role lists the purpose and is cleared. PIPL
/// Art. 51; CSL Art. 42. Errors: role_lacks_purpose (also for an actor without a role), clearance_too_low. Thread-safe.
[[nodiscard]] inline Result<void> may(const Actor& actor, std::string_view purpose, Level level) noexcept {
  if (actor.role == nullptr || !actor.role->may(purpose)) return Errc::role_lacks_purpose;
  if (actor.role->clearance < level) return Errc::clearance_too_low;
  return {};
}

/// The same for data of one category: its own grade counts too, and staff never get private communication, whatever
/// their role lists (Civil Code Art. 1032; Telecommunications Regulations Art. 65). Errors: as above.
[[nodiscard]] inline Result<void> may(const Actor& actor, std::string_view purpose, Level level,
                                      Category category) noexcept {
  const CategoryFacts& facts = facts_of(category);
  if (auto allowed = may(actor, purpose, higher(level, facts.grade)); !allowed) return allowed;
  if (facts.delivery_only && actor.role->kind == RoleKind::staff) return Errc::role_lacks_purpose;
  return {};
}

}  // namespace custody::inline v0
