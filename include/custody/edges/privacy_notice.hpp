// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/edges/privacy_notice_parts.hpp>

namespace custody::inline v0 {
namespace detail {

inline void NoticeWriter::manner() {
  out_.heading(pick("五、处理方式与安全措施", "5. How your data is handled and protected"));
  out_.say(pick(
      "我们以自动化方式收集、存储、使用、传输和删除上述个人信息。个人信息自接收之时起即行加密，以密文形式保存；"
      "只有为本规则所列目的并取得相应授权时才能解密，每次解密均留有记录。传输只在加密通道（TLS）中或者在本机内进行。",
      "We collect, store, use, transmit and erase the data listed above by automated means. It is encrypted as soon as "
      "it is received and kept as ciphertext; it is decrypted only for a purpose of this notice and under a permit, "
      "and "
      "each time is recorded. It travels under TLS or stays on the machine."));
}

inline void NoticeWriter::recipients() {
  out_.heading(pick("六、对外提供清单", "6. Who receives your data"));
  if (party_.recipients.empty()) {
    out_.say(
        pick("未经您的单独同意，我们不向其他个人信息处理者提供您的个人信息，法律、行政法规另有规定的除外。"
             "需要提供时，我们会事先告知接收方的名称或者姓名、联系方式、处理目的、处理方式和个人信息的种类。",
             "We give your data to no other handler without your separate consent, unless a law says otherwise. Before "
             "we do, "
             "we tell you the recipient's name and contact, the purpose, the manner and the kinds of data."));
  } else {
    std::vector<Row> rows{{pick("接收方", "Recipient"), pick("联系方式", "Contact"), pick("处理目的", "Purpose"),
                           pick("处理方式", "Manner"), pick("个人信息种类", "Kinds of data")}};
    for (const NoticeRecipient& one : party_.recipients) {
      rows.push_back({std::string(one.name), std::string(one.contact), std::string(one.purpose),
                      std::string(one.manner), std::string(one.kinds)});
    }
    out_.table(std::move(rows));
  }
  places();
}

inline void NoticeWriter::places() {
  const auto outlets = sorted_outlets();
  if (outlets.empty()) return;
  out_.say(pick("程序中可以取得个人信息明文的环节如下：",
                "These are the places in the program that may see your data in clear:"));
  std::vector<Row> rows{{pick("环节", "Place"), pick("类型", "Type"), pick("处理目的", "Purpose")}};
  for (const Outlet* outlet : outlets) {
    const std::string_view kind = outlet->kind;
    std::string purpose = outlet->purpose;
    for (const PurposeFacts& known : all_.purposes) {
      if (purpose == known.id) purpose = purpose_text(known, language_);
    }
    rows.push_back({outlet->name,
                    kind == "channel" ? pick("传输通道", "channel")
                    : kind == "sink"  ? pick("处理环节", "processing step")
                                      : pick("例外取出", "exception"),
                    std::move(purpose)});
  }
  out_.table(std::move(rows));
}

inline std::vector<std::string> NoticeWriter::rights_listed() const {
  return {pick("查阅、复制您的个人信息", "access and copy your data"),
          pick("更正、补充不准确或者不完整的个人信息", "correct or complete it"),
          pick("删除个人信息", "have it erased"),
          pick("限制或者拒绝对个人信息的处理", "restrict or refuse its handling"),
          pick("在符合国家网信部门规定条件时，将个人信息转移至您指定的个人信息处理者",
               "move it to a handler you choose, under the conditions of the law"),
          pick("撤回同意", "withdraw consent"),
          pick("注销账号", "close your account"),
          pick("要求对个人信息处理规则进行解释说明", "have these rules explained"),
          pick("通过自动化决策方式作出对您权益有重大影响的决定的，要求予以说明并拒绝仅通过自动化决策作出决定",
               "have an automated decision that matters to you explained, and refuse a purely automated one")};
}

inline void NoticeWriter::rights() {
  out_.heading(pick("七、您的权利及其行使方式", "7. Your rights and how to use them"));
  out_.list(rights_listed());
  out_.say(pick("行使上述权利的途径：", "To use these rights: ") +
           given(party_.rights_channel, "行使权利的途径", "channel for requests") + pick("。", "."));
  if (all_.region == Region::EU) {
    out_.say(pick("我们在收到请求之日起一个月内答复；拒绝请求的，说明理由。",
                  "We answer within one month of your request; a refusal comes with its reasons."));
    return;
  }
  out_.say(pick(
      "我们在十五个工作日内处理并答复您的请求，不设置不合理的条件；拒绝请求的，说明理由。"
      "自然人死亡的，其近亲属为了自身的合法、正当利益，可以依法行使查阅、复制、更正、删除等权利。",
      "We act and answer within 15 working days and set no unreasonable conditions; a refusal comes with its reasons. "
      "Close relatives of a person who died may use the rights of access, copy, correction and erasure as the law "
      "says."));
}

inline void NoticeWriter::withdrawal() {
  out_.heading(pick("八、撤回同意", "8. Withdrawing consent"));
  std::vector<std::string> items;
  for (const PurposeFacts& purpose : all_.purposes) {
    if (needs_consent(purpose.basis))
      items.push_back(purpose_text(purpose, language_) + pick("（", " (") + purpose.id + pick("）", ")"));
  }
  if (items.empty()) {
    out_.say(pick("本产品没有以您的同意为基础的处理目的。", "No purpose of this product rests on your consent."));
    return;
  }
  out_.say(pick("下列目的以您的同意为基础，您可以逐项同意，也可以随时逐项撤回，撤回与同意同样便捷：",
                "These purposes rest on your consent. You may give it and withdraw it at any time for each alone, as "
                "easily as you gave it:"));
  out_.list(items);
  out_.say(pick(
      "撤回同意后，我们立即停止相应处理并删除仅为该目的收集的个人信息；撤回不影响撤回前基于您的同意已进行的处理的效力，"
      "也不影响您使用不以该同意为必要的服务。",
      "After a withdrawal we stop at once and erase what was collected for that purpose alone. What was done before "
      "stays lawful, "
      "and services that do not need the consent stay open to you."));
}

inline void NoticeWriter::children() {
  out_.heading(pick("九、未满十四周岁未成年人的个人信息", "9. Children under 14"));
  out_.say(
      pick("不满十四周岁未成年人的全部个人信息均按敏感个人信息保护。我们只在取得其父母或者其他监护人同意后处理；监护人"
           "可以拒绝同意，"
           "拒绝后该未成年人不能使用需要该同意的功能；监护人可以随时查阅、更正、删除其个人信息。",
           "All data of a child under 14 is protected as sensitive. We handle it only with the consent of a parent or "
           "guardian, "
           "who may refuse - functions that need the consent then stay closed - and may access, correct or erase it at "
           "any time."));
}

inline void NoticeWriter::complaints() {
  out_.heading(pick("十、投诉与举报", "10. Complaints"));
  const std::string where = given(party_.contact, "联系方式", "contact");
  if (all_.region == Region::EU) {
    out_.say(zh() ? "您可以先与我们联系（" + where + "），也可以向您所在地的数据保护监管机构投诉。"
                  : "You may turn to us (" + where +
                        ") or lodge a complaint with the supervisory authority where you live.");
    return;
  }
  out_.say(
      zh()
          ? "您可以通过上述联系方式（" + where +
                "）向我们投诉、举报；也可以向履行个人信息保护职责的部门（如当地网信部门）投诉、举报；"
                "我们拒绝您行使权利的请求的，您可以依法向人民法院提起诉讼。"
          : "You may complain to us (" + where +
                ") or to the authority in charge of personal information protection, such as the local "
                "cyberspace administration. If we refuse a request about your rights, you may go to a people's court.");
}

inline void NoticeWriter::changes() {
  out_.heading(pick("十一、规则的变更", "11. Changes of this notice"));
  out_.say(
      pick("处理目的、处理方式或者个人信息的种类发生变更的，我们会重新取得您的同意；其他变更会在生效前公开告知。您可以"
           "随时查阅、保存本规则。",
           "When a purpose, the manner or a kind of data changes, we ask for your consent again; other changes are "
           "published before "
           "they come into force. You may read and save this notice at any time."));
}

}  // namespace detail

/// The privacy notice of a product as Markdown, made from its types and what the handler says about itself: the
/// contents of PIPL Art. 17 and 30 and the lists of Network Data Regulations Art. 21. Holds no data of a person. What a
/// lawyer must add (export, mergers, licences) is not made up.
template <class Product, class... Records>
[[nodiscard]] std::string privacy_notice(const NoticeParty& party, Language language) {
  const detail::Inventory all = detail::inventory<Product, Records...>();
  return detail::to_markdown(detail::NoticeWriter(all, party, language).write());
}

/// The same as one HTML page that loads nothing.
template <class Product, class... Records>
[[nodiscard]] std::string privacy_notice_html(const NoticeParty& party, Language language) {
  const detail::Inventory all = detail::inventory<Product, Records...>();
  return detail::to_html(detail::NoticeWriter(all, party, language).write(), language == Language::zh ? "zh-CN" : "en");
}

}  // namespace custody::inline v0
