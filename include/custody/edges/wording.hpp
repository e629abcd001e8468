// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <custody/law/basis.hpp>
#include <custody/law/category.hpp>
#include <custody/law/product.hpp>
#include <custody/law/purpose.hpp>
#include <custody/law/retention.hpp>

namespace custody::inline v0 {

/// The language of a notice.
enum class Language : std::uint8_t { zh = 1, en = 2 };

namespace detail {

[[nodiscard]] constexpr const char* start_name(Start start) noexcept {
  switch (start) {
    case Start::collected: return "collected";
    case Start::last_used: return "last_used";
    case Start::account_closed: return "account_closed";
    case Start::checked: return "checked";
  }
  return "unknown";
}

/// A text in the language asked for.
[[nodiscard]] constexpr const char* pick(Language language, const char* zh, const char* en) noexcept {
  return language == Language::zh ? zh : en;
}

[[nodiscard]] inline std::string days_text(Days days, Language language) {
  const std::string count = std::to_string(days.count);
  if (language == Language::zh) return count + (days.working ? " 个工作日" : " 天");
  return count + (days.working ? " working day" : " day") + (days.count == 1 ? "" : "s");
}

[[nodiscard]] inline std::string ceiling_zh(const RetentionTerms& terms) {
  const bool at_once = terms.ceiling.count == 0;
  const std::string days = days_text(terms.ceiling, Language::zh);
  switch (terms.start) {
    case Start::collected: return at_once ? "用后即删，不予保存" : "自收集之日起最长保存 " + days;
    case Start::last_used: return at_once ? "使用后立即删除" : "自最后一次使用之日起最长保存 " + days;
    case Start::account_closed:
      return "在账号存续期间保存，" + (at_once ? "账号注销时立即删除" : "账号注销后 " + days + "内删除");
    case Start::checked: return at_once ? "核验完成后立即删除" : "核验完成后 " + days + "内删除";
  }
  return {};
}

[[nodiscard]] inline std::string ceiling_en(const RetentionTerms& terms) {
  const bool at_once = terms.ceiling.count == 0;
  const std::string days = days_text(terms.ceiling, Language::en);
  switch (terms.start) {
    case Start::collected: return at_once ? "not kept after use" : "kept for at most " + days + " after collection";
    case Start::last_used: return at_once ? "erased after use" : "kept for at most " + days + " after the last use";
    case Start::account_closed:
      return "kept while the account exists, erased " +
             (at_once ? "when it is closed" : "within " + days + " after it is closed");
    case Start::checked:
      return at_once ? "erased as soon as the check is done" : "erased within " + days + " after the check is done";
  }
  return {};
}

/// How long data is kept, as a clause without a full stop (PIPL Art. 17(2), 19).
[[nodiscard]] inline std::string retention_text(const RetentionTerms& terms, Language language) {
  if (!terms.has_ceiling) return pick(language, "未设定保存期限", "no term is set");
  std::string text = language == Language::zh ? ceiling_zh(terms) : ceiling_en(terms);
  if (terms.floor.count == 0) return text;
  const std::string days = days_text(terms.floor, language);
  if (language == Language::zh) return text + "；依法至少保存 " + days + "，其间仅作存储并采取必要的安全保护措施";
  return text + "; the law asks for at least " + days + ", in which it is only stored and protected";
}

[[nodiscard]] constexpr const char* basis_cn(Basis basis, Language language) noexcept {
  switch (basis) {
    case Basis::consent:
      return pick(language, "您的同意（《个人信息保护法》第十三条第一款第一项）", "your consent (PIPL Art. 13(1)(1))");
    case Basis::separate_consent:
      return pick(language, "您的单独同意（《个人信息保护法》第十三条第一款第一项、第二十九条等）",
                  "your separate consent (PIPL Art. 13(1)(1), 29)");
    case Basis::contract:
      return pick(language, "订立、履行您作为一方当事人的合同所必需（《个人信息保护法》第十三条第一款第二项）",
                  "necessary for the contract with you (PIPL Art. 13(1)(2))");
    case Basis::legal_duty:
      return pick(language, "履行法定职责或者法定义务所必需（《个人信息保护法》第十三条第一款第三项）",
                  "necessary for a legal duty (PIPL Art. 13(1)(3))");
    case Basis::emergency:
      return pick(language,
                  "应对突发公共卫生事件，或者紧急情况下为保护自然人的生命健康和财产安全所必需（《个人信息保护法》第十三"
                  "条第一款第四项）",
                  "necessary in an emergency to protect life, health or property (PIPL Art. 13(1)(4))");
    case Basis::made_public:
      return pick(
          language,
          "在合理的范围内处理您自行公开或者其他已经合法公开的个人信息（《个人信息保护法》第十三条第一款第六项）",
          "data that you or others made public lawfully, within reason (PIPL Art. 13(1)(6))");
  }
  return "";
}

[[nodiscard]] constexpr const char* basis_eu(Basis basis, Language language) noexcept {
  switch (basis) {
    case Basis::consent:
      return pick(language, "您的同意（GDPR 第 6 条第 1 款 a 项）", "your consent (GDPR Art. 6(1)(a))");
    case Basis::separate_consent:
      return pick(language, "您的明示同意（GDPR 第 6 条第 1 款 a 项、第 9 条第 2 款 a 项）",
                  "your explicit consent (GDPR Art. 6(1)(a), 9(2)(a))");
    case Basis::contract:
      return pick(language, "履行与您订立的合同所必需（GDPR 第 6 条第 1 款 b 项）",
                  "necessary for the contract with you (GDPR Art. 6(1)(b))");
    case Basis::legal_duty:
      return pick(language, "履行法定义务所必需（GDPR 第 6 条第 1 款 c 项）",
                  "necessary for a legal duty (GDPR Art. 6(1)(c))");
    case Basis::emergency:
      return pick(language, "保护重大利益所必需（GDPR 第 6 条第 1 款 d 项）",
                  "necessary for vital interests (GDPR Art. 6(1)(d))");
    case Basis::made_public:
      return pick(language, "处理已公开的个人信息的正当利益（GDPR 第 6 条第 1 款 f 项）",
                  "legitimate interest in data made public (GDPR Art. 6(1)(f))");
  }
  return "";
}

/// The lawful basis in the words of the region's law.
[[nodiscard]] constexpr const char* basis_text(Basis basis, Region region, Language language) noexcept {
  return region == Region::EU ? basis_eu(basis, language) : basis_cn(basis, language);
}

/// What the notice calls a purpose; its id when the declaration has no words for people.
[[nodiscard]] inline std::string purpose_text(const PurposeFacts& purpose, Language language) {
  const char* words = pick(language, purpose.notice_zh, purpose.notice_en);
  return *words == '\0' ? purpose.id : words;
}

[[nodiscard]] constexpr const char* category_text(Category category, Language language) noexcept {
  return pick(language, facts_of(category).zh, facts_of(category).en);
}

/// What may happen to a person when sensitive data of a kind leaks or is misused (PIPL Art. 28, 30).
[[nodiscard]] constexpr const char* harm_text(Category category, Language language) noexcept {
  switch (category) {
    case Category::precise_location:
      return pick(language, "可能暴露您的行踪轨迹，危及您的人身安全",
                  "it may reveal your movements and put you in danger");
    case Category::biometric:
      return pick(language, "该信息无法更改，可能被长期用于冒充您的身份",
                  "it cannot be changed and may be used to pose as you for years");
    case Category::id_number:
    case Category::id_photo:
      return pick(language, "可能被他人冒用身份，造成名誉或者财产损失",
                  "others may pose as you and harm your name or property");
    case Category::payment_account:
      return pick(language, "可能导致账户被盗用，造成财产损失", "your account may be misused and money lost");
    case Category::message_body:
    case Category::attachment:
      return pick(language, "可能泄露您的私密信息和通信内容，使人格尊严受到侵害",
                  "your private communication may become known to others");
    default:
      return pick(language, "可能使您的人格尊严受到侵害，或者人身、财产安全受到危害",
                  "your dignity, safety or property may suffer");
  }
}

}  // namespace detail
}  // namespace custody::inline v0
