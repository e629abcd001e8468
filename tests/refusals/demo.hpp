// SPDX-License-Identifier: Apache-2.0
#pragma once

// The product of the refusal cases: a chat service with five purposes, its account record and its sinks.
#include <string>
#include <string_view>

#include <custody/sealing.hpp>

struct AccountService final : custody::Purpose<"account.service", custody::Basis::contract, custody::core> {};
struct MessageDelivery final : custody::Purpose<"message.delivery", custody::Basis::contract, custody::core> {};
struct RealNameVerify final : custody::Purpose<"real_name.verify", custody::Basis::legal_duty> {};
struct PersonalisedPush final : custody::Purpose<"push.personalised", custody::Basis::consent> {};
struct LocationShare final : custody::Purpose<"location.share", custody::Basis::separate_consent> {};
using Product = custody::Product<"demo-im", custody::Region::CN, AccountService, MessageDelivery, RealNameVerify,
                                 PersonalisedPush, LocationShare>;
using Ring = custody::KeyRing<Product>;

using Phone = custody::Personal<std::string, AccountService, PersonalisedPush>;
using Nickname = custody::Personal<std::string, AccountService>;
using IdNumber = custody::Classified<custody::Personal<std::string, RealNameVerify>, custody::Level::grade4>;

struct Account : custody::Retained<custody::account_life, custody::erase_within<custody::working_days(15)>> {
  custody::Public<std::string> uid;
  Phone phone;
  Nickname nickname;
  IdNumber id_number;
  using custody_fields = custody::Fields<
      custody::record<"account", 1>, custody::key<&Account::uid>, custody::owner<&Account::uid>,
      custody::field<1, "phone", &Account::phone, custody::Category::phone, custody::indexed<custody::phone_e164>>,
      custody::field<2, "nickname", &Account::nickname, custody::Category::nickname>,
      custody::field<3, "id_number", &Account::id_number, custody::Category::id_number,
                     custody::retained<custody::until_checked>>>;
};

struct ServiceDesk : custody::Sink<AccountService, "service-desk"> {
  void operator()(std::string_view) const {}
};
struct DeliveryChannel : custody::Sink<MessageDelivery, "delivery-channel"> {
  void operator()(std::string_view) const {}
};
struct PushGateway : custody::Sink<PersonalisedPush, "push-gateway"> {
  void operator()(std::string_view) const {}
};
