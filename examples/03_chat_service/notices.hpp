// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/evidence/notice.hpp>

#include "model.hpp"

namespace chat {

/// What people are told before they are asked. Location and face are questions of their own, with notices of their own.
struct Notices {
  custody::Notice service;
  custody::Notice location;
  custody::Notice face;
};

namespace detail {

inline constexpr custody::Wording retention_words{
    "注销账号后十五个工作日内删除；消息保存一百八十天；位置保存一天；网络日志依法保存六个月后删除。",
    "Erased within 15 working days after you close the account; messages after 180 days; positions after one day; the "
    "network log after the six months the law wants."};
inline constexpr custody::Wording rights_words{
    "在“设置-隐私”中可以查阅、复制、更正、删除、撤回同意和注销账号。",
    "Under Settings, Privacy you can see, copy, correct, erase, withdraw a consent and close the account."};
inline constexpr custody::Wording manner_words{"每个字段单独加密存储，每次使用都留有记录。",
                                               "Every field is sealed on its own and every use is recorded."};
inline constexpr custody::Wording guardian_words{
    "未满十四周岁的用户须由监护人同意；不同意则不能注册，且不影响监护人自己的账号；监护人可随时查阅和删除。",
    "A person under 14 needs a guardian's consent; without it there is no account, and the guardian's own account is "
    "not "
    "affected; the guardian may see and erase everything at any time."};

/// What all three notices say alike.
[[nodiscard]] inline auto common(std::string_view version) {
  return custody::Notice::draft(version)
      .handler("Example Chat Ltd. / 示例聊天有限公司", "privacy@chat.example")
      .manner(manner_words)
      .retention(retention_words)
      .rights(rights_words)
      .guardian(guardian_words);
}

}  // namespace detail

[[nodiscard]] inline custody::Result<Notices> write_notices() {
  auto service =
      detail::common("service-1")
          .purposes<AccountService, MessageDelivery, RealNameVerify, NetworkLog, SecurityAntiFraud, RightsRequest,
                    CustomerSupport, PersonalisedPush, Improve, Marketing>()
          .kinds<Category::real_name, Category::birthday, Category::phone, Category::id_number, Category::email,
                 Category::address, Category::nickname, Category::bio, Category::ip_address, Category::device_id,
                 Category::message_body>()
          .why({"法律要求即时通信服务核验真实身份。", "The law wants messengers to know who their users are."},
               {"身份证件号码核验后立即销毁。", "The identity number is destroyed as soon as it was checked."})
          .complete();
  if (!service) return service.error();
  auto location = detail::common("location-1")
                      .purposes<LocationShare>()
                      .kinds<Category::precise_location>()
                      .why({"没有位置就无法共享位置。", "A position cannot be shared without a position."},
                           {"您选择的联系人会知道您在哪里。", "The contacts you choose will know where you are."})
                      .complete();
  if (!location) return location.error();
  auto face = detail::common("face-1")
                  .purposes<FaceLogin>()
                  .kinds<Category::biometric>()
                  .why({"刷脸登录需要人脸模板；也可以使用密码。",
                        "Signing in with your face needs a face template; a password works as well."},
                       {"人脸无法更换，泄露后果严重。", "A face cannot be changed; a leak would be grave."})
                  .complete();
  if (!face) return face.error();
  return Notices{std::move(*service), std::move(*location), std::move(*face)};
}

}  // namespace chat
