// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/law/actor.hpp>
#include <custody/law/handle.hpp>
#include <custody/law/purpose.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// What a permit is asked for.
struct Question {
  Handle subject;
  const PurposeFacts* purpose = nullptr;
  Actor actor;
  Instant now;
};

/// Who decides whether a purpose has a live basis for a person: the consent ledger in a vault, the host's own consent
/// records otherwise. Must be thread-safe, must not call back into custody, and must outlive the ring.
class Authority {
 public:
  Authority() noexcept = default;
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  virtual ~Authority() = default;

  /// Success, or why not: no_consent, consent_withdrawn, consent_outdated, separate_consent_missing, guardian_missing,
  /// objected, restricted. Roles and clearances are checked by the ring.
  [[nodiscard]] virtual Result<void> decide(const Question& question) noexcept = 0;
};

}  // namespace custody::inline v0
