// SPDX-License-Identifier: Apache-2.0
#include <custody/edges/privacy_notice.hpp>

#include "world.hpp"

using namespace edges_test;

namespace {

const NoticeParty party{.handler = "某某科技有限公司 <b>|x",
                        .contact = "privacy@example.com",
                        .officer = "李某",
                        .address = "北京市",
                        .effective_date = "2026-01-01",
                        .rights_channel = "设置 > 隐私"};
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

struct Bare : Retained<keep_for<calendar_days(1)>> {
  Personal<std::string, Service> nick;
  using custody_fields = Fields<record<"bare", 3>, field<1, "nick", &Bare::nick, Category::nickname>>;
};
using Europe = Product<"eu-im", Region::EU, Service>;

}  // namespace

TEST_CASE("the notice names every field and every purpose in both languages", "[edges][notice]") {
  for (const Language language : {Language::zh, Language::en}) {
    for (const std::string& text : {privacy_notice<Demo, Account, Login>(party, language),
                                    privacy_notice_html<Demo, Account, Login>(party, language)}) {
      for (const auto& field : detail::shape_of<Account>::fields) {
        INFO(field.name);
        CHECK(has(text, std::string("account.") + field.name));
        CHECK(has(text, language == Language::zh ? facts_of(field.category).zh : facts_of(field.category).en));
      }
      CHECK(has(text, "login.address"));
      for (const PurposeFacts& purpose : Demo::purposes) {
        INFO(purpose.id);
        CHECK(has(text, purpose.id));
        CHECK(has(text, language == Language::zh ? purpose.notice_zh : purpose.notice_en));
      }
      CHECK(has(text, "privacy@example.com"));
      CHECK(has(text, "2026-01-01"));
      CHECK(custody::detail::pick(language, "a", "b") == std::string(language == Language::zh ? "a" : "b"));
    }
  }
}

TEST_CASE("the Chinese notice says what PIPL 17 and 30 ask for", "[edges][notice]") {
  const std::string text = privacy_notice<Demo, Account, Login>(party, Language::zh);
  for (const char* part : {"# demo-im 隐私政策（个人信息处理规则）",
                           "一、个人信息处理者",
                           "个人信息保护负责人：李某",
                           "收集的个人信息清单",
                           "处理目的及其合法性基础",
                           "保存期限",
                           "期满后的处理",
                           "敏感个人信息的处理",
                           "处理的必要性",
                           "对个人权益的影响",
                           "可能被他人冒用身份",
                           "处理目的逐项说明",
                           "基本功能服务所必需",
                           "对外提供清单",
                           "单独同意",
                           "查阅、复制",
                           "更正、补充",
                           "删除个人信息",
                           "限制或者拒绝",
                           "注销账号",
                           "解释说明",
                           "十五个工作日",
                           "撤回同意",
                           "个性化推送（push.personalised）",
                           "未满十四周岁",
                           "监护人",
                           "投诉",
                           "人民法院",
                           "规则的变更",
                           "账号注销后 15 个工作日内删除",
                           "核验完成后立即删除",
                           "自收集之日起最长保存 200 天；依法至少保存 183 天",
                           "《个人信息保护法》第十三条第一款第二项"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  CHECK(has(text, "【待填写：以清晰易懂的语言说明该目的】"));  // analytics has no words
  CHECK(has(text, "尚未分类、尚未加密的数据项"));                // the migrating nickname
}

TEST_CASE("the English notice says the same", "[edges][notice]") {
  const std::string text = privacy_notice<Demo, Account, Login>(party, Language::en);
  for (const char* part :
       {"Who handles your data", "The personal data we collect", "Why, and on what basis", "How long",
        "What happens then", "Sensitive personal data", "Why it is necessary", "What it means for you", "Each purpose",
        "Who receives your data", "Your rights", "Withdrawing consent", "Children under 14", "Complaints",
        "Changes of this notice", "kept while the account exists, erased within 15 working days after it is closed",
        "kept for at most 200 days after collection; the law asks for at least 183 days",
        "your consent (PIPL Art. 13(1)(1))"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  CHECK(!has(text, "同意"));  // no Chinese beside what the party gave
}

TEST_CASE("what the handler must still say is a visible gap", "[edges][notice]") {
  const std::string zh = privacy_notice<Demo, Bare>({}, Language::zh);
  for (const char* gap : {"【待填写：个人信息处理者的名称或者姓名】", "【待填写：联系方式】", "【待填写：生效日期】",
                          "【待填写：行使权利的途径】"}) {
    CHECK(has(zh, gap));
  }
  CHECK(!has(zh, "负责人"));
  CHECK(has(zh, "没有敏感个人信息"));
  CHECK(!has(zh, "尚未分类"));
  CHECK(has(privacy_notice<Demo, Bare>({}, Language::en), "to be filled in: name of the handler"));
}

TEST_CASE("a password says that only a verifier is kept", "[edges][notice]") {
  CHECK(has(privacy_notice<Demo, Secret>(party, Language::zh), "只保存无法还原的校验值"));
}

TEST_CASE("recipients are listed", "[edges][notice]") {
  const NoticeRecipient list[] = {{"推送公司", "push@example.org", "消息送达", "接口", "设备标识"}};
  NoticeParty with = party;
  with.recipients = list;
  const std::string text = privacy_notice<Demo, Bare>(with, Language::zh);
  CHECK(has(text, "| 推送公司 | push@example.org | 消息送达 | 接口 | 设备标识 |"));
  CHECK(!has(text, "未经您的单独同意"));
}

TEST_CASE("the region decides the words of the law", "[edges][notice]") {
  const std::string text = privacy_notice<Europe, Bare>(party, Language::en);
  CHECK(has(text, "GDPR Art. 6(1)(b)"));
  CHECK(has(text, "supervisory authority"));
  CHECK(has(text, "one month"));
  CHECK(!has(text, "PIPL"));
}

TEST_CASE("nothing that is given becomes markup", "[edges][notice]") {
  const std::string html = privacy_notice_html<Demo, Bare>(party, Language::zh);
  CHECK(has(html, "<html lang=\"zh-CN\">"));
  CHECK(has(html, "某某科技有限公司 &lt;b&gt;|x"));
  CHECK(!has(html, "<b>"));
  CHECK(has(html, "设置 &gt; 隐私"));
  CHECK(!has(html, "<script"));
  CHECK(has(privacy_notice<Demo, Bare>(party, Language::zh), "某某科技有限公司 \\<b\\>\\|x"));
  CHECK(detail::markdown_escaped("a\nb|c") == "a b\\|c");
  CHECK(detail::html_escaped("\"&'") == "&quot;&amp;&#39;");
}

TEST_CASE("retention in words", "[edges][notice]") {
  constexpr auto terms = [](Start start, Days ceiling, Days floor = {}) {
    return RetentionTerms{start, ceiling, floor, true};
  };
  CHECK(detail::retention_text(terms(Start::collected, calendar_days(1)), Language::en) ==
        "kept for at most 1 day after collection");
  CHECK(detail::retention_text(terms(Start::collected, {}), Language::zh) == "用后即删，不予保存");
  CHECK(detail::retention_text(terms(Start::last_used, calendar_days(30)), Language::zh) ==
        "自最后一次使用之日起最长保存 30 天");
  CHECK(detail::retention_text(terms(Start::last_used, {}), Language::en) == "erased after use");
  CHECK(detail::retention_text(terms(Start::checked, working_days(2)), Language::en) ==
        "erased within 2 working days after the check is done");
  CHECK(detail::retention_text(terms(Start::account_closed, {}), Language::en) ==
        "kept while the account exists, erased when it is closed");
  CHECK(detail::retention_text(RetentionTerms{}, Language::zh) == "未设定保存期限");
  for (std::uint8_t kind = 0; kind != sizeof detail::category_table / sizeof detail::category_table[0]; ++kind) {
    CHECK(*detail::harm_text(static_cast<Category>(kind), Language::zh) != '\0');
  }
  for (const Basis basis : {Basis::consent, Basis::separate_consent, Basis::contract, Basis::legal_duty,
                            Basis::emergency, Basis::made_public}) {
    for (const Region region : {Region::CN, Region::EU}) {
      CHECK(*detail::basis_text(basis, region, Language::zh) != '\0');
      CHECK(*detail::basis_text(basis, region, Language::en) != '\0');
    }
  }
}
