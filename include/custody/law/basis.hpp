// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace custody::inline v0 {

/// The lawful basis of a purpose (PIPL Art. 13, which knows no "legitimate interest"; GDPR Art. 6).
enum class Basis : std::uint8_t {
  consent = 1,           ///< PIPL 13(1), 14: informed, voluntary, explicit
  separate_consent = 2,  ///< PIPL 29, 23, 25, 39: its own question, not bundled with others
  contract = 3,          ///< PIPL 13(2)
  legal_duty = 4,        ///< PIPL 13(3)
  emergency = 5,         ///< PIPL 13(4): life, health, property
  made_public = 6,       ///< PIPL 13(6), 27: lawfully public, within reason, unless refused
};

/// Whether the person must have said yes, and may say no again at any time (PIPL Art. 15).
[[nodiscard]] constexpr bool needs_consent(Basis basis) noexcept {
  return basis == Basis::consent || basis == Basis::separate_consent;
}

/// The name of a basis in manifests and logs.
[[nodiscard]] constexpr const char* name_of(Basis basis) noexcept {
  switch (basis) {
    case Basis::consent: return "consent";
    case Basis::separate_consent: return "separate_consent";
    case Basis::contract: return "contract";
    case Basis::legal_duty: return "legal_duty";
    case Basis::emergency: return "emergency";
    case Basis::made_public: return "made_public";
  }
  return "unknown";
}

}  // namespace custody::inline v0
