// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/edges/inventory.hpp>
#include <custody/edges/notice_document.hpp>
#include <custody/edges/wording.hpp>

namespace custody::inline v0 {

/// Another handler or an entrusted party that receives data (PIPL Art. 21, 23). Texts in the notice's language.
struct NoticeRecipient {
  std::string_view name{};
  std::string_view contact{};
  std::string_view purpose{};
  std::string_view manner{};
  std::string_view kinds{};
};

/// What a privacy notice says that types cannot know (PIPL Art. 17(1), 52). Borrowed for the call; a part that the law
/// demands and that is empty stands in the notice as a visible gap.
struct NoticeParty {
  std::string_view handler{};        ///< the handler's name
  std::string_view contact{};        ///< how to reach the handler
  std::string_view officer{};        ///< the officer for personal information and how to reach them; may be empty
  std::string_view address{};        ///< may be empty
  std::string_view effective_date{};
  std::string_view rights_channel{}; ///< where rights are exercised, such as a page of the settings or an address
  std::span<const NoticeRecipient> recipients{};
};

namespace detail {

/// Writes the sections of a notice, in the order of the law's list.
class NoticeWriter {
 public:
  NoticeWriter(const Inventory& all, const NoticeParty& party, Language language)
      : all_(all), party_(party), language_(language) {}

  [[nodiscard]] Document write() {
    head();
    kinds();
    sensitive();
    purposes();
    manner();
    recipients();
    rights();
    withdrawal();
    children();
    complaints();
    changes();
    return std::move(out_);
  }

 private:
  using Row = std::vector<std::string>;

  [[nodiscard]] std::string pick(const char* zh, const char* en) const { return detail::pick(language_, zh, en); }
  [[nodiscard]] bool zh() const noexcept { return language_ == Language::zh; }
  [[nodiscard]] std::string given(std::string_view text, const char* zh, const char* en) const {
    if (!text.empty()) return std::string(text);
    return pick("【待填写：", "[to be filled in: ") + pick(zh, en) + pick("】", "]");
  }
  void line(std::vector<std::string>& items, const char* zh, const char* en, const std::string& text) const {
    if (!text.empty()) items.push_back(pick(zh, en) + pick("：", ": ") + text);
  }

  /// Calls `use` with every guarded field and the record it is in.
  template <class Use>
  void each_field(Use&& use) const {
    for (const RecordEntry& entry : all_.records) {
      for (const FieldFacts* field : sorted_fields(*entry.facts)) use(*entry.facts, *field);
    }
  }
  [[nodiscard]] static std::string item_name(const RecordFacts& record, const FieldFacts& field) {
    return std::string(record.name) + "." + field.name;
  }
  /// The product's facts of a purpose: they are what the product's notice says.
  [[nodiscard]] std::string reasons(const FieldFacts& field, bool with_basis) const {
    std::string text;
    const PolicyFacts& policy = field.today().type.policy;
    for (std::size_t i = 0; i != policy.purpose_count; ++i) {
      if (!text.empty()) text += pick("；", "; ");
      text += purpose_text(policy.purposes[i], language_);
      if (with_basis) text += pick("——", " - ") + basis_text(policy.purposes[i].basis, all_.region, language_);
    }
    return text.empty() ? pick("无（不用于识别个人的数据）", "none (data that is not about a person)") : text;
  }
  [[nodiscard]] std::string kinds_of(const PurposeFacts& purpose) const {
    std::vector<std::string_view> kinds;
    each_field([&](const RecordFacts&, const FieldFacts& field) {
      if (!field.today().type.policy.lists(purpose.id)) return;
      const std::string_view kind = category_text(field.category, language_);
      for (const std::string_view known : kinds) {
        if (known == kind) return;
      }
      kinds.push_back(kind);
    });
    std::string text;
    for (const std::string_view kind : kinds) text.append(text.empty() ? "" : pick("、", ", ")).append(kind);
    return text.empty() ? pick("无", "none") : text;
  }

  void head() {
    out_.title(std::string(all_.product) + pick(" 隐私政策（个人信息处理规则）", " privacy notice"));
    out_.say(pick("本规则依据程序中的数据声明生成，所列内容与程序的实际处理一致。",
                  "This notice is made from the data declarations in the program, so the two cannot differ."));
    out_.heading(pick("一、个人信息处理者", "1. Who handles your data"));
    std::vector<std::string> items;
    line(items, "名称", "Name", given(party_.handler, "个人信息处理者的名称或者姓名", "name of the handler"));
    line(items, "联系方式", "Contact", given(party_.contact, "联系方式", "contact"));
    line(items, "个人信息保护负责人", "Data protection officer", std::string(party_.officer));
    line(items, "地址", "Address", std::string(party_.address));
    line(items, "生效日期", "In force from", given(party_.effective_date, "生效日期", "date"));
    out_.list(items);
  }

  void kinds() {
    out_.heading(pick("二、收集的个人信息清单", "2. The personal data we collect"));
    std::vector<Row> rows{{pick("种类", "Kind"), pick("数据项", "Item"),
                           pick("处理目的及其合法性基础", "Why, and on what basis"), pick("保存期限", "How long"),
                           pick("期满后的处理", "What happens then"), pick("敏感个人信息", "Sensitive")}};
    each_field([&](const RecordFacts& record, const FieldFacts& field) {
      rows.push_back({category_text(field.category, language_), item_name(record, field), reasons(field, true),
                      retention_text(field.retention, language_), afterwards(field),
                      is_sensitive(field) ? pick("是", "yes") : pick("否", "no")});
    });
    out_.table(std::move(rows));
    std::size_t unlisted = 0;
    for (const RecordEntry& entry : all_.records) unlisted += entry.migrating_members + std::size_t{entry.unchecked};
    if (unlisted == 0) return;
    out_.say(given({}, "程序中另有尚未分类、尚未加密的数据项，如属个人信息，须在此逐项列明；数量：",
                   "the program holds items that are not classified and not encrypted yet; list those that are "
                   "personal data; number: ") +
             " " + std::to_string(unlisted));
  }
  [[nodiscard]] std::string afterwards(const FieldFacts& field) const {
    if (field.verifier_only) {
      return pick("只保存无法还原的校验值，期满后删除",
                  "only a verifier that cannot be turned back is kept; it is erased");
    }
    return pick("删除：销毁密钥，密文无法恢复", "erased: the key is destroyed and the ciphertext cannot be restored");
  }

  void sensitive() {
    out_.heading(pick("三、敏感个人信息的处理", "3. Sensitive personal data"));
    std::vector<Row> rows{{pick("种类", "Kind"), pick("数据项", "Item"), pick("处理的必要性", "Why it is necessary"),
                           pick("对个人权益的影响", "What it means for you")}};
    each_field([&](const RecordFacts& record, const FieldFacts& field) {
      if (!is_sensitive(field)) return;
      rows.push_back(
          {category_text(field.category, language_), item_name(record, field),
           pick("仅在为下列目的所必需时处理，缺少该信息即无法实现：",
                "handled only where these purposes cannot be reached without it: ") +
               reasons(field, false),
           pick("一旦泄露或者非法使用，", "if it leaks or is misused, ") + harm_text(field.category, language_)});
    });
    if (rows.size() == 1) {
      out_.say(pick("上表所列信息中没有敏感个人信息。", "None of the items listed above is sensitive personal data."));
      return;
    }
    out_.say(pick("以下信息一经收集即加密保存，并实行严格的访问控制。",
                  "These items are encrypted as soon as they are collected, under strict access control."));
    out_.table(std::move(rows));
  }

  void purposes() {
    out_.heading(pick("四、处理目的逐项说明", "4. Each purpose"));
    std::vector<Row> rows{{pick("处理目的", "Purpose"), pick("标识", "Id"), pick("合法性基础", "Basis"),
                           pick("使用的个人信息", "Data used"), pick("说明", "Note")}};
    for (const PurposeFacts& purpose : all_.purposes) {
      rows.push_back({given(pick(purpose.notice_zh, purpose.notice_en), "以清晰易懂的语言说明该目的",
                            "the purpose in plain words"),
                      purpose.id, basis_text(purpose.basis, all_.region, language_), kinds_of(purpose),
                      purpose_note(purpose)});
    }
    out_.table(std::move(rows));
  }
  [[nodiscard]] std::string purpose_note(const PurposeFacts& purpose) const {
    std::string text;
    if (purpose.core) {
      text = pick("基本功能服务所必需", "needed for the basic service");
    } else if (needs_consent(purpose.basis)) {
      text = pick("可以不同意，也可以随时撤回同意，不影响使用基本功能服务",
                  "you may refuse or withdraw at any time; the basic service does not depend on it");
    } else {
      text = pick("不作为使用基本功能服务的条件", "not a condition of the basic service");
    }
    if (*purpose.parent == '\0') return text;
    return text + pick("；随上级目的一并同意或者拒绝：", "; consented to or refused together with: ") + purpose.parent;
  }

  void manner();
  void recipients();
  void places();
  [[nodiscard]] std::vector<std::string> rights_listed() const;
  void rights();
  void withdrawal();
  void children();
  void complaints();
  void changes();

  const Inventory& all_;
  const NoticeParty& party_;
  Language language_;
  Document out_;
};

}  // namespace detail
}  // namespace custody::inline v0
