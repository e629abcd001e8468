// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "world.hpp"

/// Declarations that never change: tests/vectors/ was sealed under them.
namespace format_test {

namespace c = custody;

struct AccountService final : c::Purpose<"account.service", c::Basis::contract> {};
struct MessageDelivery final : c::Purpose<"message.delivery", c::Basis::contract> {};
struct RealNameVerify final : c::Purpose<"real_name.verify", c::Basis::legal_duty> {};
struct Push final : c::Purpose<"push.personalised", c::Basis::consent> {};
struct Ab final : c::Purpose<"ab", c::Basis::contract> {};
struct C final : c::Purpose<"c", c::Basis::contract> {};
struct A final : c::Purpose<"a", c::Basis::contract> {};
struct Bc final : c::Purpose<"bc", c::Basis::contract> {};

using Frozen =
    c::Product<"frozen-im", c::Region::CN, AccountService, MessageDelivery, RealNameVerify, Push, Ab, C, A, Bc>;
using ProductAb = c::Product<"ab", c::Region::CN, Ab, C, A, Bc>;
using ProductA = c::Product<"a", c::Region::CN, Ab, C, A, Bc>;

using Life = c::Retained<c::account_life, c::erase_within<c::working_days(15)>>;

struct Person : Life {
  c::Public<std::string> uid;
  c::Personal<std::string, Push, AccountService> phone;
  c::Classified<c::Personal<std::string, RealNameVerify>, c::Level::grade4> id_number;
  c::Personal<std::vector<std::string>, AccountService> tags;
  c::Personal<std::int64_t, AccountService> birthday;
  c::Sensitive<std::string, RealNameVerify> condition;
  c::Personal<std::string, AccountService, Push> nick;
  using custody_fields = c::Fields<c::record<"person", 1>, c::key<&Person::uid>, c::owner<&Person::uid>,
                                   c::field<1, "phone", &Person::phone, c::Category::phone, c::indexed<c::phone_e164>>,
                                   c::field<3, "id_number", &Person::id_number, c::Category::id_number>,
                                   c::field<4, "tags", &Person::tags, c::Category::user_tag>,
                                   c::field<5, "birthday", &Person::birthday, c::Category::birthday>,
                                   c::field<6, "condition", &Person::condition, c::Category::bio>,
                                   c::field<7, "nick", &Person::nick, c::Category::nickname,
                                            c::formerly<"nick", c::Personal<std::string, AccountService>>>>;
};

/// The declaration of `nick` before: revision 1.
struct PersonBefore : Life {
  c::Public<std::string> uid;
  c::Personal<std::string, AccountService> nick;
  using custody_fields = c::Fields<c::record<"person", 1>, c::key<&PersonBefore::uid>, c::owner<&PersonBefore::uid>,
                                   c::field<7, "nick", &PersonBefore::nick, c::Category::nickname>>;
};

/// Fields that are sealed together: of different lengths, levels and revisions, at the edges of what numbers can be.
struct Card : Life {
  c::Public<std::string> uid;
  c::Personal<std::string, Push, AccountService> name;
  c::Classified<c::Personal<std::string, AccountService, Push>, c::Level::grade4> address;
  c::Personal<std::vector<std::string>, AccountService, Push> tags;
  c::Personal<std::int64_t, AccountService, Push> since;
  c::Personal<std::string, AccountService, Push> motto;
  c::Personal<std::string, AccountService, Push> nick;
  using custody_fields =
      c::Fields<c::record<"card", 0x0A0B>, c::key<&Card::uid>, c::owner<&Card::uid>,
                c::field<5, "name", &Card::name, c::Category::nickname>,
                c::field<2, "address", &Card::address, c::Category::bio>,
                c::field<0x1234, "tags", &Card::tags, c::Category::user_tag>,
                c::field<1, "since", &Card::since, c::Category::birthday>,
                c::field<0xFEFF, "motto", &Card::motto, c::Category::bio>,
                c::field<7, "nick", &Card::nick, c::Category::nickname,
                         c::formerly<"nick", c::Personal<std::string, AccountService>>>,
                c::sealed_together<&Card::name, &Card::address, &Card::tags, &Card::since, &Card::motto, &Card::nick>>;
};

/// The declaration of `nick` before, sealed together with a field that is no longer declared.
struct CardBefore : Life {
  c::Public<std::string> uid;
  c::Personal<std::string, AccountService> nick;
  c::Personal<std::string, AccountService> gone;
  using custody_fields = c::Fields<c::record<"card", 0x0A0B>, c::key<&CardBefore::uid>, c::owner<&CardBefore::uid>,
                                   c::field<7, "nick", &CardBefore::nick, c::Category::nickname>,
                                   c::field<8, "gone", &CardBefore::gone, c::Category::nickname>,
                                   c::sealed_together<&CardBefore::nick, &CardBefore::gone>>;
};

/// A conversation's row, with versions.
struct Letter : c::Retained<c::keep_for<c::calendar_days(180)>> {
  c::Public<std::string> id;
  c::Public<std::string> talk;
  c::Classified<c::Personal<std::string, MessageDelivery>, c::Level::grade4> subject;
  c::Classified<c::Personal<std::string, MessageDelivery>, c::Level::grade4> body;
  using custody_fields = c::Fields<c::record<"letter", 0x01020305>, c::key<&Letter::id>, c::conversation<&Letter::talk>,
                                   c::field<1, "subject", &Letter::subject, c::Category::message_body>,
                                   c::field<2, "body", &Letter::body, c::Category::message_body>,
                                   c::sealed_together<&Letter::subject, &Letter::body>>;
};

struct Message : c::Retained<c::keep_for<c::calendar_days(180)>> {
  c::Public<std::string> id;
  c::Public<std::string> talk;
  c::Classified<c::Personal<std::string, MessageDelivery>, c::Level::grade4> body;
  using custody_fields =
      c::Fields<c::record<"message", 0x01020304>, c::key<&Message::id>, c::conversation<&Message::talk>,
                c::field<0x0506, "body", &Message::body, c::Category::message_body>>;
};

/// The purposes (`ab`,`c`) and (`a`,`bc`): the same letters in another split.
template <class... Tags>
struct Split : Life {
  c::Public<std::string> uid;
  c::Classified<c::Personal<std::string, Tags...>, c::Level::grade4> text;
  using custody_fields = c::Fields<c::record<"split", 9>, c::key<&Split::uid>, c::owner<&Split::uid>,
                                   c::field<1, "text", &Split::text, c::Category::bio>>;
};
using SplitAb = Split<Ab, C>;
using SplitA = Split<A, Bc>;

}  // namespace format_test
