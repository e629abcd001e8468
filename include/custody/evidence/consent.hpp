// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <custody/evidence/evidence_store.hpp>
#include <custody/evidence/notice.hpp>
#include <custody/law/handle.hpp>
#include <custody/law/purpose.hpp>
#include <custody/words/result.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {
namespace detail {

/// What the ledger writes down of a consent.
struct ConsentTerms {
  const char* purpose = "";
  ConsentForm form = ConsentForm::plain;
  std::string notice;
  Digest notice_hash{};
  Digest terms_hash{};
  std::string categories;
  Handle guardian{};
};

[[nodiscard]] inline Result<ConsentTerms> consent_terms(const PurposeFacts& facts, ConsentForm form,
                                                        const Notice& notice, const Handle& guardian) {
  const auto terms = notice.terms_hash(facts.id);
  if (!terms) return Error{Errc::consent_outdated, facts.id, 0};
  return ConsentTerms{facts.id, form, notice.version(), notice.hash(), *terms, notice.category_list(), guardian};
}

}  // namespace detail

/// That one person said yes to one purpose after reading one notice; the ledger records it for whoever said it. Cannot
/// be made without a complete notice, nor in a weaker form than the purpose's basis wants. A value. PIPL Art. 14, 17,
/// 29, 31; GDPR Art. 7. Rules C2, C3. Errors of all: consent_outdated when the notice is not about the purpose.
template <class Tag>
  requires PurposeTag<Tag>
class Consent {
 public:
  static constexpr bool wants_separate = detail::purpose_facts<Tag>.basis == Basis::separate_consent;

#if defined(__clang__)
  __attribute__((
      unavailable("custody[C3]: a consent without a complete notice (PIPL Art. 17). "
                  "Fix: state handler, contact, purposes, kinds, retention and rights before asking.")))
  Consent() {}
#else
  Consent(detail::refused<"custody[C3]: a consent without a complete notice (PIPL Art. 17). "
                          "Fix: state handler, contact, purposes, kinds, retention and rights before asking."> (*)() =
              nullptr) = delete;
#endif

  /// An ordinary consent (PIPL Art. 14).
  [[nodiscard]] static Result<Consent> plain(const Notice& notice)
    requires(!wants_separate)
  {
    return make(ConsentForm::plain, notice, Handle{});
  }
  template <class Purpose = Tag>
    requires(Consent<Purpose>::wants_separate)
  static CUSTODY_DETAIL_REFUSE(
      "custody[C2]: an ordinary consent was given where the law wants a separate one (PIPL Art. 29). "
      "Fix: ask this question on its own and use Consent<P>::separate.",
      plain(const Notice&));
  /// A consent to this one question, asked on its own (PIPL Art. 23, 25, 29, 39).
  [[nodiscard]] static Result<Consent> separate(const Notice& notice) {
    return make(ConsentForm::separate, notice, Handle{});
  }
  /// A guardian's consent for a person under 14; the notice must speak to guardians (PIPL Art. 31). Errors:
  /// guardian_missing when it does not, or when the handle is zero.
  [[nodiscard]] static Result<Consent> guardian(const Notice& notice, const Handle& who) {
    if (who.is_zero() || !notice.speaks_to_guardians())
      return Error{Errc::guardian_missing, detail::purpose_facts<Tag>.id, 0};
    return make(ConsentForm::guardian, notice, who);
  }

  template <unsigned Said>
  static CUSTODY_DETAIL_REFUSE(
      "custody[C3]: a consent without a complete notice (PIPL Art. 17). "
      "Fix: state handler, contact, purposes, kinds, retention and rights before asking.",
      plain(const NoticeDraft<Said>&));
  template <unsigned Said>
  static CUSTODY_DETAIL_REFUSE(
      "custody[C3]: a consent without a complete notice (PIPL Art. 17). "
      "Fix: state handler, contact, purposes, kinds, retention and rights before asking.",
      separate(const NoticeDraft<Said>&));
  template <unsigned Said>
  static CUSTODY_DETAIL_REFUSE(
      "custody[C3]: a consent without a complete notice (PIPL Art. 17). "
      "Fix: state handler, contact, purposes, kinds, retention and rights before asking.",
      guardian(const NoticeDraft<Said>&, const Handle&));

  [[nodiscard]] const detail::ConsentTerms& terms() const noexcept { return terms_; }

 private:
  explicit Consent(detail::ConsentTerms terms) : terms_(std::move(terms)) {}
  [[nodiscard]] static Result<Consent> make(ConsentForm form, const Notice& notice, const Handle& guardian) {
    auto terms = detail::consent_terms(detail::purpose_facts<Tag>, form, notice, guardian);
    if (!terms) return terms.error();
    return Consent(*std::move(terms));
  }

  detail::ConsentTerms terms_;
};

}  // namespace custody::inline v0
