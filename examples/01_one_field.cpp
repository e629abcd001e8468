// SPDX-License-Identifier: Apache-2.0
// One field of an ordinary struct in custody: everything else stays as it was.
// LINK: custody::sealing
#include <custody/sealing.hpp>

#include <cstdio>
#include <list>
#include <string>

// snippet: purposes
struct AccountService final : custody::Purpose<"account.service", custody::Basis::contract, custody::core,
                                               custody::notice<"提供账号服务", "to run your account">> {};
struct PersonalisedPush final
    : custody::Purpose<"push.personalised", custody::Basis::consent,
                       custody::notice<"向您推送个性化内容", "to send you personalised pushes">> {};
using Product = custody::Product<"demo-im", custody::Region::CN, AccountService, PersonalisedPush>;
// end: purposes

// snippet: struct
struct User {
  int id = 0;
  std::string nickname;                                                  // still in clear: its turn comes later
  custody::Personal<std::string, AccountService, PersonalisedPush> phone;  // sealed from the moment it is given

  using custody_fields =
      custody::Fields<custody::record<"user", 1>,
                      custody::retained<custody::account_life, custody::erase_within<custody::working_days(15)>>,
                      custody::migrating<&User::id>, custody::migrating<&User::nickname>,
                      custody::field<1, "phone", &User::phone, custody::Category::phone>>;
};
// end: struct

// snippet: host
/// Who decides whether a purpose has a basis: here the host's own consent table (nobody agreed to pushes).
class HostConsents final : public custody::Authority {
 public:
  custody::Result<void> decide(const custody::Question& question) noexcept override {
    if (custody::needs_consent(question.purpose->basis)) return custody::Errc::no_consent;
    return {};
  }
};

/// Where evidence goes: here the host's own log. Only declared names and handles reach it.
class HostLog final : public custody::Witness {
 public:
  custody::Result<void> record(std::span<const custody::Event> events) noexcept override {
    for (const custody::Event& event : events) {
      std::printf("  log: %s %s for %.*s\n", custody::name_of(event.verb), event.granted ? "granted" : "refused",
                  static_cast<int>(event.purpose.size()), event.purpose.data());
    }
    return {};
  }
};

inline constexpr auto api =
    custody::role<"api", custody::RoleKind::service, custody::Level::grade3, AccountService, PersonalisedPush>;
// end: host

int main() {
  const custody::SystemClock clock;
  HostConsents consents;
  HostLog log;
  auto root = custody::RootKey::create_key_file("root.key");
  if (!root) return 1;
  auto keys = custody::KeyFile::open("users.keys", *root);
  if (!keys) return 1;
  auto ring = custody::KeyRing<Product>::open(*keys, *root, log, consents, clock);
  if (!ring) return 1;

  // snippet: use
  User user;
  user.nickname = "Li Lei";
  user.phone = std::string("13800138000");  // sealed here; the string is wiped
  std::list<User> users(3, user);           // copies are copies of ciphertext

  auto person = ring->enrol("li.lei");  // a random handle and a key of one's own
  if (!person) return 1;
  auto place = ring->binding<User>("row-1", *person);
  if (!place || !custody::bind<&User::phone>(*place, user.phone)) return 1;
  auto column = custody::at_rest::text(user.phone);  // what your database stores
  if (!column) return 1;
  std::printf("column: %.4s... (%zu characters)\n", column->c_str(), column->size());
  // end: use

  // snippet: read
  User loaded;
  if (!custody::at_rest::from_text<&User::phone>(*place, *column, loaded.phone)) return 1;
  const auto until = clock.now() + custody::minutes(5);
  auto permit = ring->permit<AccountService>(*person, {&api, "api-1"}, until);
  if (!permit) return 1;
  auto sms = custody::sink<AccountService, "sms-gateway">(
      [](std::string_view number) { std::printf("sms to %.3s...\n", number.data()); });
  if (!loaded.phone.release(*permit, sms)) return 1;

  auto push = ring->permit<PersonalisedPush>(*person, {&api, "api-1"}, until);
  std::printf("push: %s\n", push ? "allowed" : custody::text(push.error().code));
  // end: read

  // snippet: erase
  if (!ring->erase(*person)) return 1;
  auto gone = loaded.phone.release(*permit, sms);
  std::printf("after erasure: %s\n", gone ? "still there" : custody::text(gone.error().code));
  // end: erase
  return gone ? 1 : 0;
}
