// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <custody/crypto/normalise.hpp>
#include <custody/data/bind.hpp>
#include <custody/data/key_ring.hpp>
#include <custody/data/password.hpp>
#include <custody/data/personal.hpp>
#include <custody/data/public.hpp>
#include <custody/edges/channel.hpp>
#include <custody/keys/memory_key_store.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/law/product.hpp>

#include "custody_catch.hpp"

namespace edges_test {

using namespace custody;

struct Service final : Purpose<"account.service", Basis::contract, core, notice<"提供账号服务", "run your account">> {};
struct RealName final : Purpose<"real_name.verify", Basis::legal_duty, notice<"核验真实身份", "check your identity">> {
};
struct Push final : Purpose<"push.personalised", Basis::consent, notice<"个性化推送", "personal recommendations">> {};
struct Stats final : Purpose<"analytics", Basis::consent, parent<Push>> {};  // no words for people
using Demo = Product<"demo-im", Region::CN, Service, RealName, Push, Stats>;

struct Peer : Channel<"peer-link", Transport::tls, Level::grade4> {};
struct Lan : Channel<"lan", Transport::local, Level::grade2> {};

enum class Mood : std::uint8_t { calm = 1, merry = 2 };

/// One member of every sort that the json roads know.
struct Account : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  Public<std::int64_t> created;
  Public<std::vector<std::string>> labels;
  std::string nickname;  // still in clear
  Personal<std::string, Service, Push> phone;
  Personal<std::string, Service> email;
  Classified<Personal<std::string, RealName>, Level::grade4> id_number;
  Personal<std::int32_t, Service> birthday;
  Personal<std::vector<std::string>, Service> contacts;
  Personal<std::vector<std::byte>, Service> avatar;
  Personal<std::optional<std::string>, Service> bio;
  Personal<Mood, Service> mood;
  Personal<double, Service> height;
  Personal<bool, Service> married;
  using custody_fields = Fields<
      record<"account", 1>, key<&Account::uid>, owner<&Account::uid>, migrating<&Account::nickname>,
      field<1, "phone", &Account::phone, Category::phone, indexed<phone_e164>>,
      field<2, "id_number", &Account::id_number, Category::id_number, retained<until_checked>>,
      field<3, "mail", &Account::email, Category::email>, field<4, "birthday", &Account::birthday, Category::birthday>,
      field<5, "contacts", &Account::contacts, Category::contact_list>,
      field<6, "avatar", &Account::avatar, Category::avatar>, field<7, "bio", &Account::bio, Category::bio>,
      field<8, "mood", &Account::mood, Category::user_tag>, field<9, "height", &Account::height, Category::user_tag>,
      field<10, "married", &Account::married, Category::user_tag>, field<11, "created", &Account::created>,
      field<12, "labels", &Account::labels>>;
};

/// A second record, with a legal floor.
struct Login : Retained<keep_for<calendar_days(200)>, keep_at_least<calendar_days(183)>> {
  Public<std::string> id;
  Personal<std::string, Service> address;
  using custody_fields =
      Fields<record<"login", 2>, key<&Login::id>, field<1, "address", &Login::address, Category::ip_address>>;
};

/// A record with a password.
struct Secret : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> id;
  PasswordOf<PassphraseCost::interactive(), Service> password;
  using custody_fields =
      Fields<record<"secret", 3>, key<&Secret::id>, field<1, "password", &Secret::password, Category::password>>;
};

/// Remembers the evidence; may be told to fail.
struct Notebook final : Witness {
  struct Line {
    Verb verb;
    bool granted;
    Errc reason;
    std::string purpose, field, place;
  };
  std::vector<Line> lines;
  bool broken = false;
  Result<void> record(std::span<const Event> events) noexcept override {
    if (broken) return Errc::evidence_unwritable;
    for (const Event& e : events) {
      lines.push_back(
          {e.verb, e.granted, e.reason, std::string(e.purpose), std::string(e.field), std::string(e.place)});
    }
    return {};
  }
};
struct Yes final : Authority {
  Result<void> decide(const Question&) noexcept override { return {}; }
};

inline constexpr Role api = role<"api", RoleKind::service, Level::grade4, Service, RealName, Push>;

/// A ring with two people in it.
struct World {
  MemoryKeyStore keys;
  Notebook book;
  Yes yes;
  ManualClock clock{{1'700'000'000'000}};
  Result<RootKey> root = RootKey::from_bytes(as_bytes("0123456789abcdef0123456789abcdef"));
  Result<KeyRing<Demo>> ring = KeyRing<Demo>::open(keys, *root, book, yes, clock);
  Subject alice = *ring->enrol("alice");
  Subject bob = *ring->enrol("bob");

  template <class Tag>
  Permit<Tag> permit(const Subject& subject) {
    return std::move(*ring->permit<Tag>(subject, {&api, "api-1"}, clock.now() + minutes(5)));
  }
  template <class Record = Account>
  Binding place(std::string_view row = "row", std::uint64_t version = 0) {
    return *ring->binding<Record>(row, alice, version);
  }
  /// What a field holds, as its permit's sink sees it; the error's sentence otherwise.
  template <class Tag, class Field>
  std::string seen(const Permit<Tag>& permit, const Field& field) {
    std::string out;
    const auto done =
        field.release(permit, sink<Tag, "test", Level::grade4>([&](std::string_view text) { out = text; }));
    return done ? out : text(done.error().code);
  }
};

inline Result<void> bind_all(const Binding& place, Account& a) {
  for (const auto& done :
       {custody::bind<&Account::phone>(place, a.phone), custody::bind<&Account::id_number>(place, a.id_number),
        custody::bind<&Account::email>(place, a.email), custody::bind<&Account::birthday>(place, a.birthday),
        custody::bind<&Account::contacts>(place, a.contacts), custody::bind<&Account::avatar>(place, a.avatar),
        custody::bind<&Account::bio>(place, a.bio), custody::bind<&Account::mood>(place, a.mood),
        custody::bind<&Account::height>(place, a.height), custody::bind<&Account::married>(place, a.married)}) {
    if (!done) return done;
  }
  return {};
}

/// Texts that break naive code; all are valid UTF-8.
inline const std::vector<std::string>& naughty() {
  static const std::vector<std::string> all{"",
                                            " ",
                                            std::string("\0", 1),
                                            std::string("a\0b", 3),
                                            "\"",
                                            "\\",
                                            "\n\r\t",
                                            "{\"a\":1}",
                                            "null",
                                            "'; DROP TABLE users;--",
                                            "<script>alert(1)</script>",
                                            "%s%n%x",
                                            "${jndi:ldap://x}",
                                            "ÅÍÎÏ˝ÓÔ",
                                            "田中さんにあげて下さい",
                                            "\xF0\x9F\x92\xA9",
                                            "\xEF\xBB\xBF",
                                            "\xE2\x80\xAE"
                                            "abc",
                                            "\xEF\xBF\xBE",
                                            "\xF4\x8F\xBF\xBF",
                                            "~c1.",
                                            "~c1.AAAA",
                                            "~c1.wQEBAQAA",
                                            std::string(70'000, 'x')};
  return all;
}

}  // namespace edges_test
