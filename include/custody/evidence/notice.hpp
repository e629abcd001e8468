// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/crypto/hash.hpp>
#include <custody/evidence/notice_parts.hpp>
#include <custody/law/category.hpp>
#include <custody/law/purpose.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {

template <unsigned Said>
class NoticeDraft;

/// A complete notice: what a person was told before being asked. Can only be made by a draft that says everything. A
/// value; const calls are thread-safe. PIPL Art. 17, 30, 31; Network Data Regulations Art. 21; GDPR Art. 13.
class Notice {
 public:
  /// Starts a notice; `version` is the product's own name for it and is kept with each consent.
  [[nodiscard]] static NoticeDraft<0> draft(std::string_view version);

  [[nodiscard]] const std::string& version() const noexcept { return parts_.version; }
  /// The canonical bytes: every part length-prefixed, both languages.
  [[nodiscard]] const Bytes& canonical() const noexcept { return canonical_; }
  /// SHA-256 of the canonical bytes.
  [[nodiscard]] const Digest& hash() const noexcept { return hash_; }
  [[nodiscard]] const std::vector<PurposeFacts>& purposes() const noexcept { return parts_.purposes; }
  [[nodiscard]] const std::vector<Category>& kinds() const noexcept { return parts_.kinds; }
  /// Whether the notice is about a purpose.
  [[nodiscard]] bool covers(std::string_view purpose) const noexcept {
    return detail::find_purpose(parts_, purpose) != nullptr;
  }
  [[nodiscard]] bool speaks_to_guardians() const noexcept { return !parts_.guardian.zh.empty(); }
  /// SHA-256 of what a consent stands on (PIPL Art. 14): the purpose, the manner and the kinds, without contact,
  /// retention or rights. Errors: not_found when the notice is not about the purpose.
  [[nodiscard]] Result<Digest> terms_hash(std::string_view purpose) const {
    const PurposeFacts* facts = detail::find_purpose(parts_, purpose);
    if (facts == nullptr) return Errc::not_found;
    return sha256(detail::terms_bytes(parts_, *facts));
  }
  /// The ids of the kinds, joined by commas.
  [[nodiscard]] std::string category_list() const {
    return detail::joined_kinds(parts_.kinds, &CategoryFacts::id, ",");
  }
  /// The notice to show, in Chinese.
  [[nodiscard]] std::string text_zh() const { return detail::render(parts_, detail::notice_words_zh); }
  /// The notice to show, in English.
  [[nodiscard]] std::string text_en() const { return detail::render(parts_, detail::notice_words_en); }

 private:
  template <unsigned Said>
  friend class NoticeDraft;
  explicit Notice(detail::NoticeParts parts)
      : parts_(std::move(parts)), canonical_(detail::notice_bytes(parts_)), hash_(sha256(canonical_)) {}

  detail::NoticeParts parts_;
  Bytes canonical_;
  Digest hash_;
};

/// A notice in the making: each call gives a new draft whose type knows what was said; `complete()` exists once all of
/// it was. Not thread-safe. Rules C3, C4.
template <unsigned Said>
class NoticeDraft {
 public:
  static constexpr bool is_complete = (Said & detail::said_all) == detail::said_all;
  static constexpr bool lacks_only_manner = (Said & detail::said_all) == (detail::said_all & ~detail::said_manner);
  static constexpr bool lacks_necessity = (Said & detail::said_needs_why) != 0 && (Said & detail::said_why) == 0;

  /// Who handles the data, and how to reach them (PIPL Art. 17(1), 52).
  [[nodiscard]] auto handler(std::string_view name, std::string_view contact) const {
    auto next = parts_;
    next.handler = name;
    next.contact = contact;
    return NoticeDraft < Said | detail::said_handler > (std::move(next));
  }
  /// The purposes, from their declarations (PIPL Art. 17(2)).
  template <class... Tags>
    requires(sizeof...(Tags) != 0) && PurposeTags<Tags...>
  [[nodiscard]] auto purposes() const {
    auto next = parts_;
    (next.purposes.push_back(detail::purpose_facts<Tags>), ...);
    return NoticeDraft < Said | detail::said_purposes > (std::move(next));
  }
  /// How the data is handled (PIPL Art. 17(2)).
  [[nodiscard]] auto manner(Wording words) const {
    return with<detail::said_manner>(&detail::NoticeParts::manner, words);
  }
  /// The kinds of data (PIPL Art. 17(2)); a sensitive kind makes `why` necessary.
  template <Category... Kinds>
    requires(sizeof...(Kinds) != 0)
  [[nodiscard]] auto kinds() const {
    constexpr bool sensitive = (facts_of(Kinds).sensitive || ...);
    auto next = parts_;
    (detail::add_kind(next.kinds, Kinds), ...);
    return NoticeDraft < Said | detail::said_kinds | (sensitive ? detail::said_needs_why : 0U) > (std::move(next));
  }
  /// The kinds of data as a list that is known at run time; `complete()` then checks that necessity was stated.
  [[nodiscard]] auto kinds(std::span<const Category> list) const {
    auto next = parts_;
    for (const Category kind : list) detail::add_kind(next.kinds, kind);
    return NoticeDraft < Said | detail::said_kinds > (std::move(next));
  }
  /// How long the data is kept and what happens then (PIPL Art. 17(2); Network Data Regulations Art. 21).
  [[nodiscard]] auto retention(Wording words) const {
    return with<detail::said_retention>(&detail::NoticeParts::retention, words);
  }
  /// How to see, copy, correct, delete, restrict, move, withdraw and close the account (PIPL Art. 17(3)).
  [[nodiscard]] auto rights(Wording words) const {
    return with<detail::said_rights>(&detail::NoticeParts::rights, words);
  }
  /// For sensitive data: why it is necessary and what it means for the person (PIPL Art. 30).
  [[nodiscard]] auto why(Wording necessity, Wording effect) const {
    auto next = parts_;
    next.necessity = detail::Bilingual(necessity);
    next.effect = detail::Bilingual(effect);
    return NoticeDraft < Said | detail::said_why > (std::move(next));
  }
  /// For persons under 14: what their guardians must know, with the consequences of refusing (PIPL Art. 31; Children's
  /// Provisions Art. 10).
  [[nodiscard]] auto guardian(Wording words) const {
    return with<detail::said_guardian>(&detail::NoticeParts::guardian, words);
  }

  /// The finished notice. Errors: unset, with the part's name, for a text that is empty in either language and for
  /// sensitive kinds without necessity and effect; malformed for an invented kind.
  [[nodiscard]] Result<Notice> complete() const
    requires(is_complete && !lacks_necessity)
  {
    if (auto good = detail::check_parts(parts_, Said); !good) return good.error();
    return Notice(parts_);
  }
  template <class Draft = NoticeDraft>
    requires(!Draft::is_complete && !Draft::lacks_only_manner)
  CUSTODY_DETAIL_REFUSE_CONST(
      "custody[C3]: a consent without a complete notice (PIPL Art. 17). "
      "Fix: state handler, contact, purposes, kinds, retention and rights before asking.",
      complete());
  template <class Draft = NoticeDraft>
    requires(Draft::lacks_only_manner)
  CUSTODY_DETAIL_REFUSE_CONST(
      "custody[C3]: a consent without a complete notice (PIPL Art. 17). "
      "Fix: state the manner of handling before asking.",
      complete());
  template <class Draft = NoticeDraft>
    requires(Draft::is_complete && Draft::lacks_necessity)
  CUSTODY_DETAIL_REFUSE_CONST(
      "custody[C4]: a notice about sensitive data without necessity and effect (PIPL Art. 30). "
      "Fix: add why(necessity, effect) to the notice.",
      complete());

 private:
  friend class Notice;
  template <unsigned Other>
  friend class NoticeDraft;
  explicit NoticeDraft(detail::NoticeParts parts) : parts_(std::move(parts)) {}

  template <unsigned Bit>
  [[nodiscard]] auto with(detail::Bilingual detail::NoticeParts::* part, Wording words) const {
    auto next = parts_;
    next.*part = detail::Bilingual(words);
    return NoticeDraft < Said | Bit > (std::move(next));
  }

  detail::NoticeParts parts_;
};

inline NoticeDraft<0> Notice::draft(std::string_view version) {
  detail::NoticeParts parts;
  parts.version = version;
  return NoticeDraft<0>(std::move(parts));
}

}  // namespace custody::inline v0
