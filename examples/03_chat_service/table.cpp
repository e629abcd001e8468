// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "report.hpp"

namespace chat {

namespace {

/// Columns a text takes on a terminal: Chinese characters take two.
[[nodiscard]] int width_of(std::string_view text) {
  int width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;
    width += byte >= 0xE2 ? 2 : 1;
  }
  return width;
}

void line(std::string_view label, std::uint64_t given, std::uint64_t kept, std::uint64_t refused) {
  const int pad = 52 - width_of(label);
  std::printf("%.*s%*s%12llu%12llu%12llu\n", static_cast<int>(label.size()), label.data(), pad > 0 ? pad : 0, "",
              static_cast<unsigned long long>(given), static_cast<unsigned long long>(kept),
              static_cast<unsigned long long>(refused));
}

void sum_lines(std::string_view label, const Sum& sum) {
  line(label, sum.given, sum.kept, sum.refusals());
  for (const auto& [reason, count] : sum.refused) {
    std::printf("  %-50s%36llu\n", reason.c_str(), static_cast<unsigned long long>(count));
  }
}

void fact(std::string_view label, std::uint64_t count) {
  const int pad = 76 - width_of(label);
  std::printf("%.*s%*s%12llu\n", static_cast<int>(label.size()), label.data(), pad > 0 ? pad : 0, "",
              static_cast<unsigned long long>(count));
}

[[nodiscard]] bool sum_holds(std::string_view label, const Sum& sum) {
  if (sum.adds_up()) return true;
  std::fprintf(stderr, "the sum of %.*s does not add up\n", static_cast<int>(label.size()), label.data());
  return false;
}

}  // namespace

void print_table(const Service& service) {
  const Tally& tally = service.tally();
  const Evidence& evidence = service.evidence();
  std::printf("%52s%12s%12s%12s\n", "", "given", "kept", "refused");
  sum_lines("people 人", tally.people);
  sum_lines("personal values 个人信息项", tally.values);
  sum_lines("sign-ins 登录", tally.sign_ins);
  sum_lines("messages 消息", tally.messages);
  sum_lines("deliveries 投递", tally.deliveries);
  sum_lines("personalised pushes 个性化推送", tally.pushes);
  sum_lines("looks by support 客服查看", tally.support);
  std::printf("\n");
  fact("consents given 同意", tally.consents);
  fact("questions declined 不同意", tally.declines);
  fact("objections 拒绝处理", tally.objections);
  fact("children answered for by a guardian 监护人代为同意", tally.guardians_answered);
  fact("identity numbers destroyed after the check 核验后销毁的身份证号", tally.identities_checked);
  fact("withdrawals 撤回同意", tally.withdrawals);
  fact("  of them refused at the very next use 撤回后立即拒绝", tally.bites);
  fact("values exported for one person 导出的个人信息项", tally.exported_values);
  fact("values swept on the second day 第二天清除的信息项", tally.second_day.fields_removed);
  fact("messages a friend keeps after the other left 对方退出后保留的消息", tally.kept_by_friend);
  fact("persons erased at once 立即删除的人", tally.erased);
  fact("persons restricted until the law lets go 依法封存的人", tally.restricted);
  fact("  of them erased half a year later 半年后删除", tally.half_year.persons_erased);
  fact("records swept after half a year 半年后清除的记录", tally.half_year.rows_removed);
  fact("entries in the audit log 审计日志条数", evidence.entries);
  fact("  of them refusals 其中拒绝", evidence.refusals);
  std::printf("the audit log is %s\n", evidence.intact ? "intact 审计日志完好" : "NOT intact 审计日志不完整");
}

bool convincing(const Service& service) {
  const Tally& tally = service.tally();
  const Evidence& evidence = service.evidence();
  bool good = sum_holds("people", tally.people);
  good = sum_holds("personal values", tally.values) && good;
  good = sum_holds("sign-ins", tally.sign_ins) && good;
  good = sum_holds("messages", tally.messages) && good;
  good = sum_holds("deliveries", tally.deliveries) && good;
  good = sum_holds("pushes", tally.pushes) && good;
  good = sum_holds("looks by support", tally.support) && good;
  if (evidence.refusals == 0) {
    std::fprintf(stderr, "the run refused nothing, so it shows nothing\n");
    good = false;
  }
  if (!evidence.intact) {
    std::fprintf(stderr, "the audit log does not verify: %s\n", evidence.verdict.c_str());
    good = false;
  }
  return good;
}

}  // namespace chat
