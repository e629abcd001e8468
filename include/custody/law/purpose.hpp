// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <custody/law/basis.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {

/// What a purpose is, as data: for permits, logs, notices and manifests. Strings have static storage.
struct PurposeFacts {
  const char* id = "";
  Basis basis = Basis::consent;
  bool core = false;          ///< may gate the basic service (PIPL Art. 16)
  const char* notice_zh = "";
  const char* notice_en = "";
  const char* parent = "";    ///< id of the purpose whose consent covers this one; empty when none
};

/// Option: the purpose is needed for the basic service, which may be withheld without it (PIPL Art. 16).
struct core {};
/// Option: what the notice says about the purpose, in Chinese and in English (PIPL Art. 17).
template <fixed_string Zh, fixed_string En>
struct notice {};
/// Option: a consent to, and an objection against, the parent covers this purpose too.
template <class Parent>
struct parent {};

namespace detail {

/// A declared name of a known length; 0: not counted yet.
[[nodiscard]] constexpr std::string_view counted(const char* name, std::size_t size) noexcept {
  return size != 0 ? std::string_view(name, size) : std::string_view(name);
}

template <fixed_string Text>
inline constexpr auto literal = Text;  ///< gives a literal carried in a type static storage

/// Purposes that may never gate the basic service: improvement, marketing, advertising, personalisation, recommendation,
/// training, analytics and biometrics (App Unlawful-collection Method 2019; PIPL Art. 16, 24). Known by how a word of
/// the id, between dots, begins.
[[nodiscard]] constexpr bool never_core(std::string_view id) noexcept {
  constexpr std::string_view stems[] = {"improve",    "marketing", "advert",   "recommend", "personalis",
                                        "personaliz", "biometric", "training", "analytics"};
  for (;;) {
    for (const std::string_view stem : stems) {
      if (id.substr(0, stem.size()) == stem) return true;
    }
    const std::size_t dot = id.find('.');
    if (id.substr(0, dot) == "ads") return true;
    if (dot == std::string_view::npos) return false;
    id.remove_prefix(dot + 1);
  }
}

template <class Option>
struct purpose_option {
  static constexpr bool known = false;
};
template <>
struct purpose_option<custody::core> {
  static constexpr bool known = true;
  static constexpr void apply(PurposeFacts& facts) noexcept { facts.core = true; }
};
template <fixed_string Zh, fixed_string En>
struct purpose_option<custody::notice<Zh, En>> {
  static constexpr bool known = true;
  static constexpr void apply(PurposeFacts& facts) noexcept {
    facts.notice_zh = literal<Zh>.c_str();
    facts.notice_en = literal<En>.c_str();
  }
};

}  // namespace detail

/// Why data may be used: the base of a final, empty tag type. PIPL Art. 6; GDPR Art. 5(1)(b). Rules P4, P8.
/// Use: `struct MessageDelivery final : custody::Purpose<"message.delivery", custody::Basis::contract, custody::core> {};`
template <fixed_string Id, Basis Lawful, class... Options>
struct Purpose {
  static constexpr fixed_string id = Id;
  static constexpr Basis basis = Lawful;
  static constexpr bool is_core = (std::is_same_v<Options, core> || ...);

  static_assert((detail::purpose_option<Options>::known && ...),
                "custody[P4]: a purpose has an option that is none (PIPL Art. 6). "
                "Fix: use custody::core, custody::notice<zh, en> or custody::parent<Tag>.");
  static_assert(Id.length() != 0 && Id.length() < 64,
                "custody[P4]: a purpose needs an id of 1 to 63 characters (PIPL Art. 6). Fix: give it a short id.");
  static_assert(!is_core || !detail::never_core({Id.text, Id.length()}),
                "custody[P8]: a purpose that may never gate the basic service claims to be core (PIPL Art. 16, 24). "
                "Fix: drop custody::core and ask for consent.");
  static_assert(
      !is_core || !needs_consent(Lawful),
      "custody[P8]: a consent purpose claims to be core, but service may not depend on consent (PIPL Art. 16). "
      "Fix: drop custody::core or name the real basis.");
};

namespace detail {

template <fixed_string Id, Basis Lawful, class... Options>
struct PurposeBase {
  static constexpr bool is_purpose = true;
  static constexpr PurposeFacts facts = [] {
    PurposeFacts made;
    made.id = Purpose<Id, Lawful, Options...>::id.c_str();
    made.basis = Lawful;
    (purpose_option<Options>::apply(made), ...);
    return made;
  }();
};
struct NoPurpose {
  static constexpr bool is_purpose = false;
};

template <fixed_string Id, Basis Lawful, class... Options>
PurposeBase<Id, Lawful, Options...> purpose_base(const Purpose<Id, Lawful, Options...>*) noexcept;
NoPurpose purpose_base(...) noexcept;

template <class Tag>
using purpose_base_of = decltype(purpose_base(static_cast<Tag*>(nullptr)));

template <class Tag, bool IsClass = std::is_class_v<Tag>>
inline constexpr bool is_purpose_tag = false;
template <class Tag>
inline constexpr bool is_purpose_tag<Tag, true> =
    !std::is_const_v<Tag> && !std::is_volatile_v<Tag> && std::is_final_v<Tag> && std::is_empty_v<Tag> &&
    std::is_trivially_copyable_v<Tag> && purpose_base_of<Tag>::is_purpose;

template <class Tag>
inline constexpr PurposeFacts purpose_facts = purpose_base_of<Tag>::facts;

template <class Tag>
[[nodiscard]] constexpr std::string_view purpose_id() noexcept {
  return {purpose_facts<Tag>.id};
}

template <class Parent>
struct purpose_option<custody::parent<Parent>> {
  static constexpr bool known = true;
  static constexpr void apply(PurposeFacts& facts) noexcept { facts.parent = purpose_facts<Parent>.id; }
};

}  // namespace detail

/// A declared purpose: final, empty, not const, and made from custody::Purpose. Rule P4.
template <class Tag>
concept PurposeTag = rule<detail::is_purpose_tag<Tag>,
                          "custody[P4]: this is not a declared purpose (PIPL Art. 6). "
                          "Fix: struct Name final : custody::Purpose<\"id\", custody::Basis::...> {};">;

/// The same for a list; the fold stands inside the rule, or g++ drops the sentence.
template <class... Tags>
concept PurposeTags = rule<(detail::is_purpose_tag<Tags> && ...),
                           "custody[P4]: this is not a declared purpose (PIPL Art. 6). "
                           "Fix: struct Name final : custody::Purpose<\"id\", custody::Basis::...> {};">;

}  // namespace custody::inline v0
