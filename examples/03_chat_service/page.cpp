// SPDX-License-Identifier: Apache-2.0

// The report page: what is held, why, how long, what was used, refused and destroyed, and whether the log is intact.
// It loads nothing and names nobody; persons are handles, which mean nothing after an erasure.
#include <array>
#include <initializer_list>
#include <utility>

#include <ctime>

#include <nlohmann/json.hpp>

#include <custody/edges/manifest.hpp>
#include <custody/edges/privacy_notice.hpp>

#include "report.hpp"

namespace chat {

namespace {

using nlohmann::json;

[[nodiscard]] std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// A text in two languages, Chinese above English.
[[nodiscard]] std::string both(std::string_view zh, std::string_view en) {
  return escaped(zh) + "<span class=en>" + escaped(en) + "</span>";
}

/// 12 345 678 in groups of three.
[[nodiscard]] std::string number(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, "&#8239;");
  return digits;
}

[[nodiscard]] std::string date(custody::Instant at) {
  const std::time_t seconds = at.ms / 1000;
  std::tm parts{};
  char text[32] = "";
  if (::gmtime_r(&seconds, &parts) != nullptr) static_cast<void>(std::strftime(text, sizeof text, "%Y-%m-%d", &parts));
  return text;
}

[[nodiscard]] std::string hex(const custody::Handle& handle) {
  std::string out;
  for (const std::byte each : handle.bytes) {
    constexpr const char* digits = "0123456789abcdef";
    out += digits[std::to_integer<unsigned>(each) >> 4U];
    out += digits[std::to_integer<unsigned>(each) & 15U];
  }
  return out;
}

/// A table whose rows become cards on a narrow screen. Cells are HTML already; a heading that starts with '#' is a
/// number.
class Table {
 public:
  explicit Table(std::initializer_list<const char*> headings) : headings_(headings) {
    out_ = "<table><thead><tr>";
    for (const char* heading : headings_) {
      out_ += is_number(heading) ? "<th class=n>" : "<th>";
      out_ += escaped(plain(heading)) + "</th>";
    }
    out_ += "</tr></thead><tbody>";
  }
  void row(std::initializer_list<std::string> cells, const char* kind = "") {
    out_ += std::string("<tr class='") + kind + "'>";
    std::size_t column = 0;
    for (const std::string& cell : cells) {
      const char* heading = headings_[column++];
      out_ += std::string("<td") + (is_number(heading) ? " class=n" : "") + " data-label='" + escaped(plain(heading)) +
              "'>" + (cell.empty() ? "" : "<div>" + cell + "</div>") + "</td>";
    }
    out_ += "</tr>";
    ++rows_;
  }
  [[nodiscard]] std::string done() const {
    return rows_ == 0 ? "<p class=none>无 <span class=en>none</span></p>" : out_ + "</tbody></table>";
  }

 private:
  [[nodiscard]] static bool is_number(std::string_view heading) { return heading.starts_with('#'); }
  [[nodiscard]] static std::string_view plain(std::string_view heading) {
    return is_number(heading) ? heading.substr(1) : heading;
  }
  std::vector<const char*> headings_;
  std::string out_;
  std::size_t rows_ = 0;
};

constexpr std::array<std::array<const char*, 3>, 16> word_list{{
    {"permit", "申请许可", "asked for a permit"},
    {"release", "使用", "tried to use"},
    {"store", "存储", "tried to store"},
    {"read", "读取", "tried to read"},
    {"provide", "提供", "tried to hand out"},
    {"grade1", "一级", "1"},
    {"grade2", "二级", "2"},
    {"grade3", "三级", "3"},
    {"grade4", "四级", "4"},
    {"contract", "履行合同", "contract"},
    {"legal_duty", "法定义务", "duty of law"},
    {"consent", "同意", "consent"},
    {"separate_consent", "单独同意", "separate consent"},
    {"person", "个人资料", "a person's own data"},
    {"sign_in", "登录日志", "sign-in log"},
    {"message", "消息", "messages"},
}};

[[nodiscard]] std::array<const char*, 3> word(std::string_view id) {
  for (const auto& known : word_list) {
    if (id == known[0]) return known;
  }
  return {"", "", ""};
}

[[nodiscard]] std::string words(std::string_view id) {
  const auto [known, zh, en] = word(id);
  return *known == '\0' ? escaped(id) : both(zh, en);
}

/// Why something was refused, for people.
constexpr std::array<std::array<const char*, 2>, 22> reason_list{{
    {custody::text(custody::Errc::no_consent), "没有同意"},
    {custody::text(custody::Errc::consent_withdrawn), "同意已撤回"},
    {custody::text(custody::Errc::permit_withdrawn), "许可因撤回而失效"},
    {custody::text(custody::Errc::objected), "本人拒绝"},
    {custody::text(custody::Errc::guardian_missing), "缺少监护人同意"},
    {custody::text(custody::Errc::role_lacks_purpose), "该角色无此权限"},
    {custody::text(custody::Errc::clearance_too_low), "该角色级别不够"},
    {custody::text(custody::Errc::expired), "保存期限已过"},
    {custody::text(custody::Errc::destroyed), "密钥已销毁"},
    {custody::text(custody::Errc::not_found), "没有这个账号"},
    {custody::text(custody::Errc::restricted), "已封存"},
    {custody::text(custody::Errc::wrong_subject), "许可属于他人"},
    {"the line is malformed", "输入行格式错误"},
    {"the user id is taken", "用户标识重复"},
    {"of a person who could not register", "未能注册者的信息"},
    {"no consent to marketing: address", "未同意营销，不收集住址"},
    {"no separate consent: position", "未单独同意，不收集位置"},
    {"no separate consent: face", "未单独同意，不收集人脸"},
    {"no account has this number", "没有这个号码的账号"},
    {"the receiver has no account", "收件人没有账号"},
    {"the sender has no account", "发件人没有账号"},
    {"private communication is for no member of staff", "任何员工都不得查看通信内容"},
}};

[[nodiscard]] std::string reason_words(std::string_view reason) {
  for (const auto& [en, zh] : reason_list) {
    if (reason == en) return both(zh, en);
  }
  return escaped(reason);
}

/// Everything the page is made from.
class Page {
 public:
  explicit Page(const Service& service)
      : tally_(service.tally()),
        evidence_(service.evidence()),
        manifest_(custody::manifest<Product, Person, SignIn, Message>()) {
    for (const json& purpose : manifest_["purposes"]) purposes_[purpose["data_use"]] = &purpose;
  }

  [[nodiscard]] std::string write() const {
    return head() + sums() + held() + notice() + used() + refused() + destroyed() + said() + log() + foot();
  }

 private:
  [[nodiscard]] static std::string section(const char* id, const char* zh, const char* en, const std::string& body) {
    return std::string("<section id=") + id + "><h2>" + both(zh, en) + "</h2>" + body + "</section>\n";
  }
  [[nodiscard]] static std::string say(std::string_view zh, std::string_view en) {
    return "<p>" + escaped(zh) + "</p><p class=en>" + escaped(en) + "</p>";
  }
  [[nodiscard]] std::string purpose(std::string_view id) const {
    const auto found = purposes_.find(std::string(id));
    if (found == purposes_.end()) return escaped(id);
    const json& notice = (*found->second)["notice"];
    return both(notice["zh"].get<std::string>(), notice["en"].get<std::string>());
  }
  /// A field or record by the names of the declaration: "message.body" as "消息 body".
  [[nodiscard]] std::string thing(const std::string& name) const {
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) return words(name);
    const std::string record = name.substr(0, dot);
    const std::string field = name.substr(dot + 1);
    for (const json& known : manifest_["records"]) {
      if (known["name"] != record) continue;
      for (const json& each : known["fields"]) {
        if (each["name"] != field) continue;
        return both(each["category"]["zh"].get<std::string>(), each["category"]["en"].get<std::string>());
      }
      return words(record);
    }
    return escaped(name);
  }
  [[nodiscard]] static std::uint64_t at(const std::map<std::string, std::uint64_t>& counts, const std::string& name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
  }

  [[nodiscard]] static std::string head();
  [[nodiscard]] std::string sums() const;
  [[nodiscard]] std::string held() const;
  [[nodiscard]] std::string held_record(const json& record) const;
  [[nodiscard]] static std::string notice();
  [[nodiscard]] std::string used() const;
  [[nodiscard]] std::string refused() const;
  [[nodiscard]] std::string destroyed() const;
  [[nodiscard]] static std::string certificate(const char* zh, const char* en, const custody::ErasureCertificate& made);
  [[nodiscard]] std::string said() const;
  [[nodiscard]] std::string log() const;
  [[nodiscard]] static std::string foot() { return "</main></body></html>\n"; }
  [[nodiscard]] std::string verdicts() const;

  const Tally& tally_;
  const Evidence& evidence_;
  const json manifest_;
  std::map<std::string, const json*> purposes_;
};

std::string Page::head() {
  return R"(<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>数据处理报告 Data report</title>
<style>
:root{--ink:#1d2430;--soft:#5b6676;--line:#dfe3e9;--paper:#fff;--tint:#f5f7fa;--good:#12633d;--goodtint:#e6f4ec;--bad:#9b1c1c;--badtint:#fdeaea}
*{box-sizing:border-box}
body{margin:0;background:var(--tint);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI","Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:66rem;margin:0 auto;padding:2.5rem 1.5rem 4rem;background:var(--paper);min-height:100vh}
h1{font-size:2rem;line-height:1.25;margin:0 0 .4rem;letter-spacing:-.01em}
h2{font-size:1.35rem;line-height:1.3;margin:3rem 0 .8rem;padding-top:1.1rem;border-top:2px solid var(--ink)}
h3{font-size:1.05rem;margin:1.8rem 0 .5rem}
p{margin:.3rem 0;max-width:46rem}
.en{color:var(--soft);font-size:.875em}
h1 .en,h2 .en,h3 .en{display:inline-block;margin-left:.6em;font-weight:400}
td .en{display:block;line-height:1.35}
.none{color:var(--soft)}
table{width:100%;border-collapse:collapse;margin:.8rem 0 1.2rem;font-size:.9375rem;line-height:1.45}
th{text-align:left;font-weight:600;font-size:.8125rem;color:var(--soft);border-bottom:1px solid var(--ink);padding:.35rem .9rem .35rem 0;vertical-align:bottom}
td{border-bottom:1px solid var(--line);padding:.5rem .9rem .5rem 0;vertical-align:top}
th:last-child,td:last-child{padding-right:0}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.sub td{border-bottom:0;padding-top:.1rem;padding-bottom:.1rem;color:var(--soft);font-size:.875rem}
tr.sub td .en{display:inline;margin-left:.5em;font-size:1em}
tr.sub td:first-child{padding-left:1.2rem}
.chips{display:flex;flex-wrap:wrap;gap:.5rem;margin:1.2rem 0 0;padding:0;list-style:none}
.chips li{border-radius:.4rem;padding:.45rem .8rem;background:var(--tint);border:1px solid var(--line)}
.chips li.good{background:var(--goodtint);border-color:#b7dcc6;color:var(--good)}
.chips li.bad{background:var(--badtint);border-color:#f0b8b8;color:var(--bad)}
.chips .en{color:inherit;opacity:.8;margin-left:.45em}
.held table{table-layout:fixed}.held th:nth-child(1){width:16%}.held th:nth-child(2){width:34%}.held th:nth-child(3){width:26%}.held th.n{white-space:normal}
.tag{display:inline-block;border-radius:.25rem;padding:0 .4rem;font-size:.8125rem;background:var(--badtint);color:var(--bad);white-space:nowrap}
.calm{background:var(--tint);color:var(--soft);border:1px solid var(--line)}
ul.why{margin:0;padding:0;list-style:none}
ul.why li{margin:0 0 .25rem}
pre,code{font:0.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--tint);border:1px solid var(--line);border-radius:.4rem;padding:.8rem 1rem;white-space:pre-wrap;word-break:break-all;margin:.6rem 0 1rem}
details{border:1px solid var(--line);border-radius:.4rem;margin:.7rem 0;padding:.6rem 1rem}
summary{cursor:pointer;font-weight:600}
details h1{font-size:1.2rem;margin-top:1rem}
details h2{font-size:1.05rem;border-top:0;margin-top:1.5rem;padding-top:0}
dl{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.35rem 1.2rem;margin:.6rem 0 1rem}
dt{color:var(--soft)}dd{margin:0;word-break:break-word}
@media(max-width:640px){
main{padding:1.5rem 1rem 3rem}h1{font-size:1.6rem}h1 .en,h2 .en,h3 .en{display:block;margin-left:0}
table,tbody,tr,td{display:block}thead{display:none}
tr{border:1px solid var(--line);border-radius:.4rem;margin:.6rem 0;padding:.3rem .8rem}
td{border:0;padding:.25rem 0;display:grid;grid-template-columns:7.5rem 1fr;gap:.7rem;text-align:left}
td::before{content:attr(data-label);color:var(--soft);font-size:.8125rem}
td.n{text-align:left;white-space:normal}
tr.sub{border:0;margin:0;padding:0 .8rem;display:flex;justify-content:space-between;gap:1rem}
tr.sub td{display:block;padding:.1rem 0}tr.sub td:first-child{padding-left:0}tr.sub td::before{content:none}
tr.sub td .en{display:block;margin:0}
tr.sub td:empty{display:none}
.held table{table-layout:auto}
dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}
}
@media print{body{background:#fff;font-size:10.5pt}main{max-width:none;padding:0}h2{break-after:avoid}tr,dl,pre{break-inside:avoid}
details{border:0;padding:0}a{color:inherit}}
</style></head><body><main>
<h1>数据处理报告<span class=en>Data report</span></h1>
<p>一个聊天服务半年的生命：它保存了谁的什么信息、为什么、多久、用在哪里、拒绝了什么、销毁了什么，以及记录是否可信。本页不含任何个人信息，不加载任何外部内容。</p>
<p class=en>Half a year in the life of a chat service: what it held about people, why and for how long, what was used, refused and destroyed, and whether the record of it can be believed. This page holds no personal data and loads nothing.</p>
)";
}

std::string Page::verdicts() const {
  bool sums_hold = true;
  for (const Sum* sum : {&tally_.people, &tally_.values, &tally_.sign_ins, &tally_.messages, &tally_.deliveries,
                         &tally_.pushes, &tally_.support}) {
    sums_hold = sums_hold && sum->adds_up();
  }
  const auto chip = [](bool good, const std::string& body) {
    return std::string("<li class=") + (good ? "good>" : "bad>") + body + "</li>";
  };
  return "<ul class=chips>" +
         chip(evidence_.intact,
              evidence_.intact ? both("审计日志完好", "log intact") : both("审计日志不完整", "log NOT intact")) +
         chip(sums_hold, sums_hold ? both("总数相符", "the sums add up") : both("总数不符", "the sums do NOT add up")) +
         chip(evidence_.refusals != 0, number(evidence_.refusals) + " " + both("次拒绝", "refusals")) + "</ul>";
}

std::string Page::sums() const {
  Table table({"项目 what", "#给出 given", "#接受 kept", "#拒绝 refused"});
  const auto add = [&](const char* zh, const char* en, const Sum& sum) {
    table.row({both(zh, en), number(sum.given), number(sum.kept), number(sum.refusals())});
    for (const auto& [reason, count] : sum.refused) table.row({reason_words(reason), "", "", number(count)}, "sub");
  };
  add("人", "people", tally_.people);
  add("个人信息项", "personal values", tally_.values);
  add("登录", "sign-ins", tally_.sign_ins);
  add("消息", "messages", tally_.messages);
  add("投递", "deliveries", tally_.deliveries);
  add("个性化推送", "personalised pushes", tally_.pushes);
  add("客服查看", "looks by support staff", tally_.support);
  return verdicts() + section("sums", "一、总数", "The sums",
                              say("每个人、每项信息、每条消息，或者被接受，或者因所列原因被拒绝。",
                                  "Every person, value and message was either kept or refused for a reason listed.") +
                                  table.done());
}

std::string Page::held_record(const json& record) const {
  Table table({"信息 data", "目的与依据 why", "期限 how long", "级别 level", "#首日 day 1", "#半年后 later"});
  const std::string name = record["name"];
  for (const json& field : record["fields"]) {
    std::string why = "<ul class=why>";
    for (const json& use : field["data_uses"]) {
      const json& facts = *purposes_.at(use.get<std::string>());
      const auto& [id, basis_zh, basis_en] = word(facts["legal_basis"].get<std::string>());
      why += "<li>" +
             both(facts["notice"]["zh"].get<std::string>() + "（" + basis_zh + "）",
                  facts["notice"]["en"].get<std::string>() + " (" + basis_en + ")") +
             "</li>";
    }
    why += "</ul>";
    std::string what = both(field["category"]["zh"].get<std::string>(), field["category"]["en"].get<std::string>());
    if (field["sensitive"].get<bool>()) what += "<span class=tag>敏感 sensitive</span> ";
    if (!field["sealed"]["index"].is_null()) what += "<span class='tag calm'>可等值查找 findable</span>";
    const std::string key = name + "." + field["name"].get<std::string>();
    table.row({what, why,
               both(field["retention"]["zh"].get<std::string>(), field["retention"]["en"].get<std::string>()),
               words(field["level"].get<std::string>()), number(at(tally_.before.values, key)),
               number(at(tally_.after.values, key))});
  }
  return "<h3>" + words(name) + " <span class=en>" + number(at(tally_.before.rows, name)) + " → " +
         number(at(tally_.after.rows, name)) + "</span></h3><div class=held>" + table.done() + "</div>";
}

std::string Page::held() const {
  const std::string suite = manifest_["records"][0]["fields"][0]["sealed"]["suite"];
  std::string body =
      say("由程序中的数据声明生成；数量按数据库中的密文逐行计数。每个字段单独密封（" + suite +
              "），密钥属于本人；“可等值查找”的字段另存一个带密钥的哈希值。",
          "Made from the declarations in the program; the numbers count the sealed values in the database. "
          "Every field is sealed on its own (" +
              suite +
              ") under a key of the person; a findable field is "
              "also kept as a keyed hash, so that it can be searched for when somebody types it.");
  for (const json& record : manifest_["records"]) body += held_record(record);
  return section("held", "二、保存了什么", "What is held, why and how long", body);
}

std::string Page::notice() {
  const custody::NoticeParty party{.handler = "Example Chat Ltd. / 示例聊天有限公司",
                                   .contact = "privacy@chat.example",
                                   .effective_date = "2026-01-01",
                                   .rights_channel = "privacy@chat.example"};
  const auto inner = [&](custody::Language language) {
    const std::string page = custody::privacy_notice_html<Product, Person, SignIn, Message>(party, language);
    const std::size_t from = page.find("<body>");
    const std::size_t to = page.rfind("</body>");
    return from < to ? page.substr(from + 6, to - from - 6) : std::string();
  };
  return section("notice", "三、告知", "The privacy notice",
                 say("每个人在被询问之前看到的规则，同样由数据声明生成。",
                     "The rules that everybody was shown before being asked, made from the same declarations.") +
                     "<details lang=zh-CN><summary>中文全文</summary>" + inner(custody::Language::zh) + "</details>" +
                     "<details lang=en><summary>Full text in English</summary>" + inner(custody::Language::en) +
                     "</details>");
}

std::string Page::used() const {
  Table table({"目的 purpose", "信息 data", "去向 where it went", "#次数 times"});
  for (const auto& [key, count] : evidence_.used) {
    table.row({purpose(key[0]), thing(key[1]), "<code>" + escaped(key[2]) + "</code>", number(count)});
  }
  return section("used", "四、用到了什么", "What was used",
                 say("每一次解密都有记录；下表完全由审计日志得出。",
                     "Every opening of a value is recorded; this table is made from the audit log alone.") +
                     table.done());
}

std::string Page::refused() const {
  Table table({"尝试 tried", "对象 for what", "原因 why not", "#次数 times"});
  for (const auto& [key, count] : evidence_.refused) {
    const bool is_purpose = purposes_.count(key[1]) != 0;
    table.row({words(key[0]), is_purpose ? purpose(key[1]) : thing(key[1]), reason_words(key[2]), number(count)});
  }
  return section("refused", "五、拒绝了什么", "What was refused",
                 say("程序想做而规则不允许的事，也来自审计日志。",
                     "What the program tried and the rules did not allow, from the same log.") +
                     table.done());
}

std::string Page::certificate(const char* zh, const char* en, const custody::ErasureCertificate& made) {
  std::string body =
      "<h3>" + both(zh, en) + "</h3><dl><dt>" + both("主体代号", " handle") + "</dt><dd><code>" + hex(made.subject) +
      "</code></dd><dt>" + both("日期", " date") + "</dt><dd>" + date(made.at) + "</dd><dt>" + both("密钥", " keys") +
      "</dt><dd>" +
      (made.keys_destroyed ? both("已销毁", " destroyed") : both("到期销毁", " to be destroyed on the day below")) +
      "</dd><dt>" + both("删除的记录", " records removed") + "</dt><dd>" + number(made.rows_removed) + "</dd>";
  if (made.rows_held != 0) {
    body += "<dt>" + both("封存的记录", " records restricted") + "</dt><dd>" + number(made.rows_held) + "</dd><dt>" +
            both("封存至", " until") + "</dt><dd>" + date(made.held_until) + "</dd>";
  }
  return body + "</dl><pre>" + escaped(made.log_checkpoint) + "</pre>";
}

std::string Page::destroyed() const {
  Table table({"什么 what", "何时 when", "#数量 number"});
  const auto add = [&](const char* zh, const char* en, const char* when_zh, const char* when_en, std::uint64_t count) {
    table.row({both(zh, en), both(when_zh, when_en), number(count)});
  };
  add("身份证号码", "identity numbers", "核验完成时", "when the check was done", tally_.identities_checked);
  add("精确位置", "positions", "保存一天之后", "after their one day", tally_.second_day.fields_removed);
  add("立即删除的人", "persons erased at once", "本人要求", "when they asked", tally_.erased);
  add("依法封存的人", "persons restricted", "网络日志须保存六个月", "the network log must be kept six months",
      tally_.restricted);
  add("封存期满后删除的人", "restricted persons erased", "半年后", "half a year later",
      tally_.half_year.persons_erased);
  add("记录（消息、登录日志等）", "records: messages, sign-ins and others", "保存期满", "at the end of their time",
      tally_.half_year.rows_removed);
  add("设备标识、IP 地址", "device identifiers and addresses", "保存期满", "at the end of their time",
      tally_.half_year.fields_removed);
  std::string body =
      say("删除一个人就是销毁其密钥：旧备份里的密文从此打不开。",
          "To erase a person is to destroy the person's keys: what an old backup of the data holds opens no more.") +
      table.done();
  if (tally_.certificate) body += certificate("删除证明", "Certificate of erasure", *tally_.certificate);
  if (tally_.held_certificate) {
    body += certificate("封存后删除的证明", "Certificate of a restricted erasure", *tally_.held_certificate);
  }
  return section("destroyed", "六、销毁了什么", "What was destroyed", body);
}

std::string Page::said() const {
  Table table({"人说了什么、做了什么 what people said and did", "#数量 number"});
  const auto add = [&](const char* zh, const char* en, std::uint64_t count) {
    table.row({both(zh, en), number(count)});
  };
  add("同意", "consents given", tally_.consents);
  add("不同意", "questions declined", tally_.declines);
  add("拒绝处理", "objections", tally_.objections);
  add("监护人代为同意的未成年人", "children a guardian answered for", tally_.guardians_answered);
  add("撤回同意", "withdrawals", tally_.withdrawals);
  add("撤回后，手中许可立即失效", "permits in hand that died with a withdrawal", tally_.bites);
  add("为一个人导出的信息项", "values exported for one person", tally_.exported_values);
  add("好友退出后，退出者再也读不到的消息", "messages that a friend who left cannot read any more",
      tally_.lost_by_leaver);
  add("好友退出后，留下者仍能读到的消息", "messages that the friend who stayed still reads", tally_.kept_by_friend);
  add("好友被删除后仍能读到的消息", "messages that a friend of an erased person still reads", tally_.still_read);
  return section("said", "七、人们的选择", "What people chose", table.done());
}

std::string Page::log() const {
  const std::string verdict = evidence_.intact
                                  ? "<span class=chips><li class=good>" + both("完好", "intact") + "</li></span>"
                                  : "<span class=chips><li class=bad>" + both("不完整", "NOT intact") + " " +
                                        escaped(evidence_.verdict) + "</li></span>";
  return section("log", "八、审计日志可信吗", "Is the log intact",
                 say("日志是一棵默克尔树，树根由服务签名。下面的结论来自独立的验证程序，它与写日志的程序不共用代码；"
                     "用下面的公钥和签名，任何人都可以自己验证。",
                     "The log is a Merkle tree whose root is signed. The verdict comes from an independent verifier "
                     "that shares no "
                     "code with the writer; with the key and the note below anybody can check it.") +
                     "<dl><dt>" + both("结论", " verdict") + "</dt><dd>" + verdict + "</dd><dt>" +
                     both("条数", " entries") + "</dt><dd>" + number(evidence_.entries) + "</dd><dt>" +
                     both("其中拒绝", " refusals among them") + "</dt><dd>" + number(evidence_.refusals) +
                     "</dd></dl><h3>" + both("签名的树根", "signed checkpoint") + "</h3><pre>" +
                     escaped(evidence_.checkpoint) + "</pre><h3>" + both("验证公钥", "verification key") +
                     "</h3><pre>" + escaped(evidence_.verification_key) + "</pre>");
}

}  // namespace

std::string report_page(const Service& service) { return Page(service).write(); }

}  // namespace chat
