// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <custody/law/category.hpp>
#include <custody/law/purpose.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// One statement in both languages of a notice; borrowed for the call.
struct Wording {
  std::string_view zh;
  std::string_view en;
};

namespace detail {

// What a draft has said so far; bits of NoticeDraft's argument.
inline constexpr unsigned said_handler = 1;
inline constexpr unsigned said_purposes = 2;
inline constexpr unsigned said_manner = 4;
inline constexpr unsigned said_kinds = 8;
inline constexpr unsigned said_retention = 16;
inline constexpr unsigned said_rights = 32;
inline constexpr unsigned said_all = 63;
inline constexpr unsigned said_why = 64;
inline constexpr unsigned said_guardian = 128;
inline constexpr unsigned said_needs_why = 256;

struct Bilingual {
  std::string zh;
  std::string en;

  Bilingual() = default;
  explicit Bilingual(Wording words) : zh(words.zh), en(words.en) {}
  [[nodiscard]] bool said() const noexcept { return !zh.empty() && !en.empty(); }
};

/// Everything a notice says.
struct NoticeParts {
  std::string version;
  std::string handler;
  std::string contact;
  std::vector<PurposeFacts> purposes;
  Bilingual manner;
  std::vector<Category> kinds;  ///< sorted, each once
  Bilingual retention;
  Bilingual rights;
  Bilingual necessity;
  Bilingual effect;
  Bilingual guardian;
};

[[nodiscard]] inline const PurposeFacts* find_purpose(const NoticeParts& parts, std::string_view id) noexcept {
  for (const PurposeFacts& facts : parts.purposes) {
    if (id == facts.id) return &facts;
  }
  return nullptr;
}

inline void add_kind(std::vector<Category>& kinds, Category kind) {
  auto at = kinds.begin();
  while (at != kinds.end() && *at < kind) ++at;
  if (at == kinds.end() || *at != kind) kinds.insert(at, kind);
}

[[nodiscard]] constexpr bool known_kind(Category kind) noexcept {
  return static_cast<std::size_t>(kind) < sizeof(category_table) / sizeof(category_table[0]);
}

/// The first part that is missing or unusable.
[[nodiscard]] inline Result<void> check_parts(const NoticeParts& parts, unsigned said) {
  bool sensitive = false;
  for (const Category kind : parts.kinds) {
    if (!known_kind(kind)) return Error{Errc::malformed, "kinds", static_cast<std::uint64_t>(kind)};
    sensitive = sensitive || facts_of(kind).sensitive;
  }
  if (parts.version.empty()) return Error{Errc::unset, "version", 0};
  if (parts.handler.empty()) return Error{Errc::unset, "handler", 0};
  if (parts.contact.empty()) return Error{Errc::unset, "contact", 0};
  if (parts.kinds.empty()) return Error{Errc::unset, "kinds", 0};
  if (!parts.manner.said()) return Error{Errc::unset, "manner", 0};
  if (!parts.retention.said()) return Error{Errc::unset, "retention", 0};
  if (!parts.rights.said()) return Error{Errc::unset, "rights", 0};
  if ((sensitive || (said & said_why) != 0) && !parts.necessity.said()) return Error{Errc::unset, "necessity", 0};
  if ((sensitive || (said & said_why) != 0) && !parts.effect.said()) return Error{Errc::unset, "effect", 0};
  if ((said & said_guardian) != 0 && !parts.guardian.said()) return Error{Errc::unset, "guardian", 0};
  return {};
}

inline void put_words(Canonical& to, const Bilingual& words) { to.part(words.zh).part(words.en); }

/// Purpose, manner and kinds: the terms whose change asks for a new consent (PIPL Art. 14).
inline void put_terms(Canonical& to, const NoticeParts& parts, const PurposeFacts& facts) {
  to.part(std::string_view{facts.id}).part(std::string_view{facts.notice_zh}).part(std::string_view{facts.notice_en});
  put_words(to, parts.manner);
  to.number(static_cast<std::uint32_t>(parts.kinds.size()));
  for (const Category kind : parts.kinds) to.part(std::string_view{facts_of(kind).id});
}

[[nodiscard]] inline Bytes terms_bytes(const NoticeParts& parts, const PurposeFacts& facts) {
  Bytes bytes;
  Canonical to(bytes);
  to.part("custody.terms.1");
  put_terms(to, parts, facts);
  return bytes;
}

[[nodiscard]] inline Bytes notice_bytes(const NoticeParts& parts) {
  Bytes bytes;
  Canonical to(bytes);
  to.part("custody.notice.1").part(parts.version).part(parts.handler).part(parts.contact);
  to.number(static_cast<std::uint32_t>(parts.purposes.size()));
  for (const PurposeFacts& facts : parts.purposes) {
    to.number(static_cast<std::uint8_t>(facts.basis));
    put_terms(to, parts, facts);
  }
  for (const Bilingual* words : {&parts.retention, &parts.rights, &parts.necessity, &parts.effect, &parts.guardian}) {
    put_words(to, *words);
  }
  return bytes;
}

[[nodiscard]] inline std::string joined_kinds(const std::vector<Category>& kinds, const char* CategoryFacts::* name,
                                              std::string_view comma) {
  std::string list;
  for (const Category kind : kinds) {
    if (!list.empty()) list += comma;
    list += facts_of(kind).*name;
  }
  return list;
}

/// The headings of one language, and where its texts are.
struct NoticeWords {
  const char*
      heading[10];  ///< version, handler, contact, purposes, manner, kinds, retention, rights, necessity, effect
  const char* guardian;
  const char* colon;
  const char* comma;
  std::string Bilingual::* text;
  const char* PurposeFacts::* purpose;
  const char* CategoryFacts::* kind;
};
inline constexpr NoticeWords notice_words_zh{
    {"版本", "个人信息处理者", "联系方式", "处理目的", "处理方式", "个人信息种类", "保存期限", "行使权利的方式和程序",
     "处理的必要性", "对个人权益的影响"},
    "监护人须知",
    "：",
    "、",
    &Bilingual::zh,
    &PurposeFacts::notice_zh,
    &CategoryFacts::zh};
inline constexpr NoticeWords notice_words_en{
    {"Version", "Handler", "Contact", "Purposes", "Manner", "Kinds of data", "Retention", "How to use your rights",
     "Why it is necessary", "What it means for you"},
    "For guardians",
    ": ",
    ", ",
    &Bilingual::en,
    &PurposeFacts::notice_en,
    &CategoryFacts::en};

/// The notice as lines of text; a purpose without words is named by its id.
[[nodiscard]] inline std::string render(const NoticeParts& parts, const NoticeWords& words) {
  std::string out;
  const auto line = [&out, &words](const char* heading, std::string_view text) {
    if (text.empty()) return;
    out.append(heading).append(words.colon).append(text).append("\n");
  };
  std::string purposes;
  for (const PurposeFacts& facts : parts.purposes) {
    if (!purposes.empty()) purposes += words.comma;
    const char* said = facts.*words.purpose;
    purposes += *said == '\0' ? facts.id : said;
  }
  line(words.heading[0], parts.version);
  line(words.heading[1], parts.handler);
  line(words.heading[2], parts.contact);
  line(words.heading[3], purposes);
  line(words.heading[4], parts.manner.*words.text);
  line(words.heading[5], joined_kinds(parts.kinds, words.kind, words.comma));
  line(words.heading[6], parts.retention.*words.text);
  line(words.heading[7], parts.rights.*words.text);
  line(words.heading[8], parts.necessity.*words.text);
  line(words.heading[9], parts.effect.*words.text);
  line(words.guardian, parts.guardian.*words.text);
  return out;
}

}  // namespace detail
}  // namespace custody::inline v0
