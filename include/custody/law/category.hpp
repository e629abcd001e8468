// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/law/level.hpp>

namespace custody::inline v0 {

// clang-format off
/// What kind of data a field holds; decides its lowest level and how long it may be kept.
enum class Category : std::uint8_t {
  account_id, phone, password, nickname, avatar, bio, email, birthday, gender, address, contact_list, address_book,
  message_body, attachment, message_meta, group_membership, device_id, ip_address, access_log, precise_location,
  coarse_location, biometric, real_name, id_number, id_photo, payment_account, transaction, user_tag, support_ticket,
  consent_record,
};
// clang-format on

/// The facts of a category: from GB/T 43697 grades, GB/T 45574 and PIPL Art. 28 (sensitive kinds), and the necessary-data
/// provisions for instant messaging (2021). `ceiling_days` 0 means the life of the account.
struct CategoryFacts {
  Category category;
  const char* id;
  const char* zh;
  const char* en;
  Level grade;  ///< never protected below this
  bool sensitive;  ///< sensitive personal data: separate consent, impact assessment
  bool im_necessary;  ///< the service may insist on it
  std::int32_t ceiling_days;
  std::int32_t floor_days;
  bool delivery_only;  ///< private communication: no staff may read it (Civil Code 1032, Telecom Regulations 65)
};

namespace detail {

// clang-format off
inline constexpr CategoryFacts category_table[] = {
    {Category::account_id, "account_id", "账号", "account id", Level::grade2, false, true, 0, 0, false},
    {Category::phone, "phone", "手机号码", "phone number", Level::grade3, false, true, 0, 0, false},
    {Category::password, "password", "密码", "password", Level::grade4, false, false, 0, 0, false},
    {Category::nickname, "nickname", "昵称", "nickname", Level::grade2, false, false, 0, 0, false},
    {Category::avatar, "avatar", "头像", "avatar", Level::grade2, false, false, 0, 0, false},
    {Category::bio, "bio", "个人简介", "profile text", Level::grade2, false, false, 0, 0, false},
    {Category::email, "email", "电子邮箱", "e-mail address", Level::grade3, false, false, 0, 0, false},
    {Category::birthday, "birthday", "出生日期", "date of birth", Level::grade3, false, false, 0, 0, false},
    {Category::gender, "gender", "性别", "gender", Level::grade2, false, false, 0, 0, false},
    {Category::address, "address", "住址", "postal address", Level::grade3, false, false, 0, 0, false},
    {Category::contact_list, "contact_list", "联系人列表", "contact list", Level::grade3, false, true, 0, 0, false},
    {Category::address_book, "address_book", "通讯录", "phone address book", Level::grade4, false, false, 1, 0, false},
    {Category::message_body, "message_body", "消息内容", "message text", Level::grade4, false, false, 0, 0, true},
    {Category::attachment, "attachment", "附件", "attachment", Level::grade4, false, false, 0, 0, true},
    {Category::message_meta, "message_meta", "消息收发记录", "message metadata", Level::grade3, false, true, 184, 0, false},
    {Category::group_membership, "group_membership", "群组关系", "group membership", Level::grade2, false, false, 0, 0, false},
    {Category::device_id, "device_id", "设备标识", "device identifier", Level::grade3, false, false, 184, 0, false},
    {Category::ip_address, "ip_address", "IP 地址", "IP address", Level::grade3, false, false, 366, 183, false},
    {Category::access_log, "access_log", "访问日志", "access log", Level::grade3, false, false, 366, 183, false},
    {Category::precise_location, "precise_location", "精确位置", "precise location", Level::grade4, true, false, 1, 0, false},
    {Category::coarse_location, "coarse_location", "粗略位置", "coarse location", Level::grade2, false, false, 366, 0, false},
    {Category::biometric, "biometric", "生物识别信息", "biometric template", Level::grade4, true, false, 0, 0, false},
    {Category::real_name, "real_name", "真实姓名", "real name", Level::grade3, false, false, 0, 0, false},
    {Category::id_number, "id_number", "身份证件号码", "identity number", Level::grade4, true, false, 0, 0, false},
    {Category::id_photo, "id_photo", "身份证件照片", "photo of an identity document", Level::grade4, true, false, 1, 0, false},
    {Category::payment_account, "payment_account", "支付账号", "payment account", Level::grade4, true, false, 0, 0, false},
    {Category::transaction, "transaction", "交易记录", "transaction record", Level::grade3, false, false, 1096, 1096, false},
    {Category::user_tag, "user_tag", "用户标签", "user tag", Level::grade3, false, false, 0, 0, false},
    {Category::support_ticket, "support_ticket", "客服工单", "support ticket", Level::grade3, false, false, 366, 0, false},
    {Category::consent_record, "consent_record", "同意记录", "consent record", Level::grade2, false, false, 0, 0, false},
};
// clang-format on

[[nodiscard]] constexpr bool category_table_in_order() noexcept {
  std::uint8_t expected = 0;
  for (const CategoryFacts& facts : category_table) {
    if (static_cast<std::uint8_t>(facts.category) != expected++) return false;
  }
  return true;
}
static_assert(category_table_in_order());

}  // namespace detail

[[nodiscard]] constexpr const CategoryFacts& facts_of(Category category) noexcept {
  return detail::category_table[static_cast<std::uint8_t>(category)];
}

}  // namespace custody::inline v0
