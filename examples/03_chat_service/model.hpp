// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the product promises, as types: why data is used, who may use it, what is kept and for how long. The notices,
// the manifest and the report page are made from this file; what it forbids does not compile.

#include <cstdint>
#include <string>

#include <custody/custody.hpp>

namespace chat {

using custody::Basis;
using custody::Category;
using custody::Level;

// Purposes
// ------------------------------------------------------------------------------------------------------------- `core`
// purposes are the service itself. The others are questions: a "no" costs the person nothing.

struct AccountService final : custody::Purpose<"account.service", Basis::contract, custody::core,
                                               custody::notice<"开通和管理您的账号", "to open and run your account">> {
};
struct MessageDelivery final
    : custody::Purpose<"message.delivery", Basis::contract, custody::core,
                       custody::notice<"收发消息", "to deliver messages between you and the people you write to">> {};
struct RealNameVerify final
    : custody::Purpose<"real_name.verify", Basis::legal_duty, custody::core,
                       custody::notice<"依法核验真实身份", "to check your identity, as the law wants of messengers">> {
};
struct NetworkLog final
    : custody::Purpose<"network.log", Basis::legal_duty, custody::core,
                       custody::notice<"依法留存网络日志", "to keep the network log that the law wants">> {};
struct SecurityAntiFraud final
    : custody::Purpose<"security.antifraud", Basis::contract, custody::core,
                       custody::notice<"保障账号安全、防范诈骗", "to keep accounts safe and stop fraud">> {};
struct RightsRequest final
    : custody::Purpose<
          "rights.request", Basis::legal_duty, custody::core,
          custody::notice<"响应您查阅、复制、删除等请求", "to answer your requests to see, copy or erase">> {};
struct CustomerSupport final
    : custody::Purpose<"customer.support", Basis::contract,
                       custody::notice<"处理您的客服工单", "to answer you when you ask for help">> {};
struct PersonalisedPush final
    : custody::Purpose<"push.personalised", Basis::consent,
                       custody::notice<"个性化推送", "to choose notifications that may interest you">> {};
struct Improve final
    : custody::Purpose<"improve", Basis::consent, custody::notice<"改进产品与服务", "to improve the product">> {};
struct Marketing final : custody::Purpose<"marketing", Basis::consent,
                                          custody::notice<"向您寄送优惠和礼品", "to send you offers and gifts">> {};
struct LocationShare final
    : custody::Purpose<"location.share", Basis::separate_consent,
                       custody::notice<"向您选择的联系人共享位置", "to show your position to contacts you choose">> {};
struct FaceLogin final : custody::Purpose<"biometric.login", Basis::separate_consent,
                                          custody::notice<"刷脸登录", "to let you sign in with your face">> {};

using Product = custody::Product<"chat-service", custody::Region::CN, AccountService, MessageDelivery, RealNameVerify,
                                 NetworkLog, SecurityAntiFraud, RightsRequest, CustomerSupport, PersonalisedPush,
                                 Improve, Marketing, LocationShare, FaceLogin>;
using Vault = custody::Vault<Product, custody::SqliteStore>;

// Records
// -------------------------------------------------------------------------------------------------------------- A
// person's own data. A field names the purposes it may serve, what kind of data it is, and how long it is kept when
// that is shorter than the life of the account. What is not listed here is not collected.

struct Person : custody::Retained<custody::account_life, custody::erase_within<custody::working_days(15)>> {
  custody::Public<std::string> uid;
  custody::Personal<std::string, RealNameVerify> name;
  custody::Personal<std::string, RealNameVerify, AccountService> birthday;
  custody::Personal<std::string, AccountService, RealNameVerify, SecurityAntiFraud, CustomerSupport> phone;
  custody::Sensitive<std::string, RealNameVerify> id_number;
  custody::Personal<std::string, AccountService, CustomerSupport, Marketing> email;
  custody::Personal<std::string, Marketing> address;
  custody::Personal<std::string, AccountService, MessageDelivery, CustomerSupport, PersonalisedPush> nickname;
  custody::Personal<std::string, AccountService, PersonalisedPush, Improve> bio;
  custody::Personal<std::string, SecurityAntiFraud, NetworkLog> ip;
  custody::Personal<std::string, MessageDelivery, SecurityAntiFraud> device_id;
  custody::Sensitive<std::string, LocationShare> geo;
  custody::Sensitive<std::string, FaceLogin> face_template;

  using custody_fields = custody::Fields<
      custody::record<"person", 1>, custody::key<&Person::uid>, custody::owner<&Person::uid>,
      custody::field<1, "name", &Person::name, Category::real_name>,
      custody::field<2, "birthday", &Person::birthday, Category::birthday>,
      custody::field<3, "phone", &Person::phone, Category::phone, custody::indexed<custody::phone_e164>>,
      custody::field<4, "id_number", &Person::id_number, Category::id_number,
                     custody::retained<custody::until_checked>>,
      custody::field<5, "email", &Person::email, Category::email, custody::indexed<custody::email_case>>,
      custody::field<6, "address", &Person::address, Category::address>,
      custody::field<7, "nickname", &Person::nickname, Category::nickname>,
      custody::field<8, "bio", &Person::bio, Category::bio>,
      custody::field<9, "ip", &Person::ip, Category::ip_address,
                     custody::retained<custody::keep_for<custody::calendar_days(184)>>>,
      custody::field<10, "device_id", &Person::device_id, Category::device_id,
                     custody::retained<custody::keep_for<custody::calendar_days(184)>>>,
      custody::field<11, "geo", &Person::geo, Category::precise_location,
                     custody::retained<custody::keep_for<custody::calendar_days(1)>>>,
      custody::field<12, "face_template", &Person::face_template, Category::biometric>>;
};

/// One line of the network log: the law wants it for six months, so an erasure before that restricts it until then.
struct SignIn : custody::Retained<custody::keep_for<custody::calendar_days(184)>,
                                  custody::keep_at_least<custody::calendar_days(183)>> {
  custody::Public<std::string> id;
  custody::Public<std::string> uid;
  custody::Personal<std::string, SecurityAntiFraud, NetworkLog> ip;

  using custody_fields =
      custody::Fields<custody::record<"sign_in", 2>, custody::key<&SignIn::id>, custody::owner<&SignIn::uid>,
                      custody::field<1, "ip", &SignIn::ip, Category::ip_address>>;
};

/// A message belongs to everybody in its conversation. Nobody on the staff has a purpose that opens it.
struct Message : custody::Retained<custody::keep_for<custody::calendar_days(180)>> {
  custody::Public<std::string> id;
  custody::Public<custody::Conversation> room;
  custody::Public<std::string> sender;
  custody::Public<std::int64_t> sent_at;
  custody::Classified<custody::Personal<std::string, MessageDelivery>, Level::grade4> body;

  using custody_fields =
      custody::Fields<custody::record<"message", 3>, custody::key<&Message::id>, custody::conversation<&Message::room>,
                      custody::owner<&Message::sender>, custody::field<1, "sent_at", &Message::sent_at>,
                      custody::field<2, "body", &Message::body, Category::message_body>>;
};

// Who asks
// -------------------------------------------------------------------------------------------------------------

using custody::RoleKind;
inline constexpr auto server_role = custody::role<"chat-server", RoleKind::service, Level::grade4, AccountService,
                                                  MessageDelivery, SecurityAntiFraud, LocationShare>;
inline constexpr auto identity_role = custody::role<"identity-check", RoleKind::service, Level::grade4, RealNameVerify>;
inline constexpr auto push_role = custody::role<"push-gateway", RoleKind::service, Level::grade3, PersonalisedPush>;
inline constexpr auto rights_role = custody::role<"rights-desk", RoleKind::service, Level::grade4, RightsRequest>;
inline constexpr auto support_role = custody::role<"support-agent", RoleKind::staff, Level::grade3, CustomerSupport>;
/// A mistake in somebody's configuration: staff with the purpose and the clearance of message delivery.
inline constexpr auto mistaken_role =
    custody::role<"support-lead", RoleKind::staff, Level::grade4, CustomerSupport, MessageDelivery>;

inline constexpr custody::Actor server{&server_role, "server-1"};
inline constexpr custody::Actor identity_check{&identity_role, "identity-1"};
inline constexpr custody::Actor push_gateway{&push_role, "push-1"};
inline constexpr custody::Actor rights_desk{&rights_role, "rights-1"};
inline constexpr custody::Actor support_agent{&support_role, "agent-7"};
inline constexpr custody::Actor support_lead{&mistaken_role, "agent-1"};

}  // namespace chat
