// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <custody/evidence/notice.hpp>
#include <custody/law/product.hpp>

#include "fakes.hpp"

namespace evidence_test {

struct Service final : custody::Purpose<"account.service", custody::Basis::contract, custody::core> {};
struct RealName final : custody::Purpose<"real_name.verify", custody::Basis::legal_duty> {};
struct Rescue final : custody::Purpose<"rescue", custody::Basis::emergency> {};
struct Public final : custody::Purpose<"directory", custody::Basis::made_public> {};
struct Marketing final : custody::Purpose<"marketing", custody::Basis::consent> {};
struct Email final : custody::Purpose<"marketing.email", custody::Basis::consent, custody::parent<Marketing>> {};
struct Weekly final : custody::Purpose<"marketing.email.weekly", custody::Basis::consent, custody::parent<Email>> {};
struct Shared final
    : custody::Purpose<"marketing.shared", custody::Basis::separate_consent, custody::parent<Marketing>> {};
struct Invoice final : custody::Purpose<"account.invoice", custody::Basis::contract, custody::parent<Service>> {};
struct Push final
    : custody::Purpose<"push.personalised", custody::Basis::consent, custody::notice<"个性化推送", "personal push">> {};
struct Location final : custody::Purpose<"location.share", custody::Basis::separate_consent> {};
struct Foreign final : custody::Purpose<"foreign", custody::Basis::consent> {};

using Demo = custody::Product<"demo", custody::Region::CN, Service, RealName, Rescue, Public, Marketing, Email, Weekly,
                              Shared, Invoice, Push, Location>;

template <class Tag>
constexpr const custody::PurposeFacts& facts = custody::detail::purpose_facts<Tag>;

/// A draft that says all it must.
template <class... Tags>
auto draft(std::string_view version) {
  return custody::Notice::draft(version)
      .handler("Demo Ltd", "privacy@demo.example")
      .purposes<Tags...>()
      .manner({"发送", "sent to you"})
      .template kinds<custody::Category::phone>()
      .retention({"一年", "one year"})
      .rights({"在设置中", "in the settings"});
}

}  // namespace evidence_test
