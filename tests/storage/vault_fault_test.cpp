// SPDX-License-Identifier: Apache-2.0
#include "faulty_store.hpp"
#include "vault_support.hpp"

#include <filesystem>

using namespace custody_test;

namespace {

using Box = Vault<Im, FaultyStore<SqliteStore>>;
using Kind = Faults::Kind;

/// Two persons with an account each and a conversation, closed; every test works on a copy.
class House {
 public:
  House() {
    Box vault = open(place_.path());
    REQUIRE(vault.publish(notice));
    const Subject li = enrol(vault, "u1");
    const Subject wu = enrol(vault, "u2");
    consent<PersonalisedPush>(vault, li, notice);
    consent<GroupAlbum>(vault, li, notice);
    Account account = account_of("u1");
    keep(vault, account);
    room = converse(vault, {li, wu});
    Message message = message_of("m1", room, "u1", "u2", "hello");
    keep(vault, message);
    Login login = login_of("l1", "u1");
    keep(vault, login);
    REQUIRE(vault.close());
  }
  [[nodiscard]] Box open(const std::string& at) const {
    VaultSettings settings;
    settings.clock = &clock;
    settings.log_buffer = 1;
    const SqliteStore::Options files{.data = at + "/im.db", .keys = at + "/im.keys", .durable = false, .busy_ms = 50};
    auto opened = Box::open({files, &faults}, root_of(), settings);
    if (!opened) FAIL("open: " << text(opened.error().code) << " " << opened.error().where);
    REQUIRE(opened->publish(notice));
    return std::move(*opened);
  }
  void copy_to(const TempDir& to) const {
    faults.disarm();
    for (const char* name : {"im.db", "im.keys"}) std::filesystem::copy_file(place_ / name, to / name);
  }
  mutable ManualClock clock{start_of_tests};
  mutable Faults faults;
  Conversation room;
  const Notice notice = full_notice();

 private:
  TempDir place_;
};

/// Does something with a store that fails at its n-th change, in each way, for every n; then looks.
template <class Act, class Look>
void everywhere(Act act, Look look) {
  const House house;
  const Kind kind = GENERATE(Kind::refuse, Kind::refuse_once, Kind::lose_answer, Kind::kill);
  std::uint64_t n = 0;
  for (bool struck = true; struck; ++n) {
    const TempDir here;
    house.copy_to(here);
    bool done = false;
    std::optional<Box> vault;
    if (kind == Kind::kill) {
      const int why = in_child([&] {
        Box mine = house.open(here.path());
        house.faults.arm(kind, n);
        return act(mine, house) ? 0 : 1;
      });
      struck = why == 200;
      done = why == 0;
      vault.emplace(house.open(here.path()));
    } else {
      vault.emplace(house.open(here.path()));
      house.faults.arm(kind, n);
      done = act(*vault, house);
      struck = !house.faults.hit.empty();
    }
    INFO("call " << n << " " << house.faults.hit << ", kind " << static_cast<int>(kind) << ", done " << done);
    house.faults.disarm();
    CHECK((done || struck));
    look(*vault, house, done);
    CHECK(vault->audit().verify());
  }
  CHECK(n > 2);
}

}  // namespace

TEST_CASE("a put that fails at any call has happened or has not", "[vault][fault][sqlite]") {
  everywhere(
      [](Box& vault, const House&) {
        auto account = vault.get<Account>("u1");
        account->phone = std::string("15400050000");
        account->id_number = std::string("459999197310212864");
        return vault.put(*account).has_value();
      },
      [](Box& vault, const House&, bool done) {
        Account account = load<Account>(vault, "u1");
        const std::string now = released(account.phone, permit<AccountService>(vault, *vault.find("u1")));
        CHECK((now == "15400050000" || now == "15400059572"));
        if (done) CHECK(now == "15400050000");
        CHECK(account.id_number.has_value() == (now == "15400050000"));
        CHECK(vault.find_by<&Account::phone>(now)->size() == 1);
        CHECK(vault.find_by<&Account::phone>(now == "15400050000" ? "15400059572" : "15400050000")->empty());
        account.phone = std::string("15400051111");
        keep(vault, account);
        CHECK(vault.find_by<&Account::phone>("15400051111")->size() == 1);
      });
}

TEST_CASE("a removal that fails at any call can be repeated", "[vault][fault][sqlite]") {
  everywhere([](Box& vault, const House&) { return vault.remove<Account>("u1").has_value(); },
             [](Box& vault, const House&, bool done) {
               const int again = failure(vault.remove<Account>("u1"));
               CHECK((again == fine || again == code(Errc::not_found)));
               if (done) CHECK(again == code(Errc::not_found));
               CHECK(vault.find_by<&Account::phone>("15400059572")->empty());
               CHECK(vault.store().real().key_store().index_rows_of(vault.find("u1")->handle())->size() == 1);
             });
}

TEST_CASE("a withdrawal that fails at any call is never half a consent", "[vault][fault][sqlite]") {
  everywhere([](Box& vault, const House&) { return vault.withdraw<PersonalisedPush>(*vault.find("u1")).has_value(); },
             [](Box& vault, const House&, bool done) {
               const Subject li = *vault.find("u1");
               const int why = failure(vault.permit<PersonalisedPush>(li, gateway));
               if (done) CHECK(why == code(Errc::consent_withdrawn));
               CHECK((why == fine || why == code(Errc::consent_withdrawn) || why == code(Errc::tampered)));
               const auto again = vault.withdraw<PersonalisedPush>(li);
               INFO("again " << failure(again) << " after " << why);
               CHECK(again);
               CHECK(failure(vault.permit<PersonalisedPush>(li, gateway)) == code(Errc::consent_withdrawn));
             });
}

TEST_CASE("an erasure that fails at any call can be repeated until there is a certificate", "[vault][fault][sqlite]") {
  everywhere(
      [](Box& vault, const House&) { return vault.erase(*vault.find("u2")).has_value(); },
      [](Box& vault, const House&, bool done) {
        if (auto wu = vault.find("u2"); wu) {
          CHECK_FALSE(done);
          auto again = vault.erase(*wu);
          if (!again) FAIL_CHECK("again: " << text(again.error().code));
        }
        CHECK(failure(vault.find("u2")) == code(Errc::not_found));
        CHECK(released(load<Message>(vault, "m1").body, permit<MessageDelivery>(vault, *vault.find("u1"))) == "hello");
      });
}
