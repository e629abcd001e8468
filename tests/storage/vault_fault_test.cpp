// SPDX-License-Identifier: Apache-2.0
#include "faulty_store.hpp"
#include "vault_support.hpp"

#include <filesystem>

using namespace custody_test;

namespace {

using FaultyBox = Vault<Im, FaultyStore<SqliteStore>>;
using Kind = Faults::Kind;

/// Wanted for a consent of everybody in the conversation.
struct Poster : Retained<keep_for<calendar_days(180)>> {
  Public<std::string> id;
  Public<Conversation> room;
  Public<std::string> author;
  Personal<std::string, GroupAlbum> caption;
  using custody_fields = Fields<record<"poster", 62>, key<&Poster::id>, conversation<&Poster::room>,
                                owner<&Poster::author>, field<1, "caption", &Poster::caption, Category::bio>>;
};

/// Two persons with an account each and a conversation, closed; every test works on a copy.
class House {
 public:
  House() {
    FaultyBox vault = open(place_.path());
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
  [[nodiscard]] FaultyBox open(const std::string& at) const {
    VaultSettings settings;
    settings.clock = &clock;
    settings.log_buffer = 1;
    const SqliteStore::Options files{.data = at + "/im.db", .keys = at + "/im.keys", .durable = false, .busy_ms = 50};
    auto opened = FaultyBox::open({files, &faults}, root_of(), settings);
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
    std::optional<FaultyBox> vault;
    if (kind == Kind::kill) {
      const int why = in_child([&] {
        FaultyBox mine = house.open(here.path());
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
      [](FaultyBox& vault, const House&) {
        auto account = vault.get<Account>("u1");
        account->phone = std::string("15400050000");
        account->id_number = std::string("459999197310212864");
        return vault.put(*account).has_value();
      },
      [](FaultyBox& vault, const House&, bool done) {
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
  everywhere([](FaultyBox& vault, const House&) { return vault.remove<Account>("u1").has_value(); },
             [](FaultyBox& vault, const House&, bool done) {
               const int again = failure(vault.remove<Account>("u1"));
               CHECK((again == fine || again == code(Errc::not_found)));
               if (done) CHECK(again == code(Errc::not_found));
               CHECK(vault.find_by<&Account::phone>("15400059572")->empty());
               CHECK(vault.store().real().key_store().index_rows_of(vault.find("u1")->handle())->size() == 1);
             });
}

TEST_CASE("a withdrawal that fails at any call is never half a consent", "[vault][fault][sqlite]") {
  everywhere(
      [](FaultyBox& vault, const House&) { return vault.withdraw<PersonalisedPush>(*vault.find("u1")).has_value(); },
      [](FaultyBox& vault, const House&, bool done) {
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
      [](FaultyBox& vault, const House&) { return vault.erase(*vault.find("u2")).has_value(); },
      [](FaultyBox& vault, const House&, bool done) {
        if (auto wu = vault.find("u2"); wu) {
          CHECK_FALSE(done);
          auto again = vault.erase(*wu);
          if (!again) FAIL_CHECK("again: " << text(again.error().code));
        }
        CHECK(failure(vault.find("u2")) == code(Errc::not_found));
        CHECK(released(load<Message>(vault, "m1").body, permit<MessageDelivery>(vault, *vault.find("u1"))) == "hello");
      });
}

TEST_CASE("an erasure whose evidence cannot be written destroys nothing", "[vault][fault][sqlite]") {
  const House house;
  const TempDir here;
  house.copy_to(here);
  FaultyBox vault = house.open(here.path());
  const Subject li = *vault.find("u1");  // a login is held by law, the account is not
  house.faults.arm(Kind::refuse, 0, "append_leaves");
  CHECK(failure(vault.erase(li)) == code(Errc::evidence_unwritable));
  house.faults.disarm();
  CHECK(load<Account>(vault, "u1").uid.get() == "u1");
  CHECK(stored_row<Login>(vault, "l1").state == RowState::active);
  CHECK(vault.permit<AccountService>(li, gateway));
  CHECK(vault.erase(li)->rows_held == 1);
}

TEST_CASE("an erasure that stopped behind the keys gives its certificate when it is repeated",
          "[vault][fault][sqlite]") {
  const House house;
  const std::string call = GENERATE("remove_rows_of", "keys.flush", "put_fact");
  const TempDir here;
  house.copy_to(here);
  FaultyBox vault = house.open(here.path());
  const Subject wu = *vault.find("u2");
  house.faults.arm(Kind::refuse, 0, call);
  CHECK_FALSE(vault.erase(wu));
  REQUIRE(house.faults.hit == call);
  house.faults.disarm();
  const auto made = vault.erase(wu);
  REQUIRE(made);
  CHECK(made->keys_destroyed);
  CHECK_FALSE(made->log_checkpoint.empty());
  CHECK(vault.store().real().rows_of(wu.handle(), 0, 0, 9)->empty());
  CHECK(failure(vault.erase(wu)) == code(Errc::destroyed));
  CHECK(released(load<Message>(vault, "m1").body, permit<MessageDelivery>(vault, *vault.find("u1"))) == "hello");
}

TEST_CASE("an owner whose keys cannot be read just now is not taken for one who is gone", "[vault][fault][sqlite]") {
  const House house;
  const std::string call = GENERATE("newest_generation", "epoch");
  const auto each = [&](auto act) {
    std::uint64_t n = 0;
    for (bool struck = true; struck; ++n) {
      const TempDir here;
      house.copy_to(here);
      FaultyBox vault = house.open(here.path());
      INFO(call << " " << n);
      act(vault, n);
      struck = !house.faults.hit.empty();
    }
  };
  SECTION("when another owner is erased") {
    each([&](FaultyBox& vault, std::uint64_t n) {
      const Subject li = *vault.find("u1");
      house.faults.arm(Kind::refuse_once, n, call);
      static_cast<void>(vault.erase(li));
      house.faults.disarm();
      CHECK(released(load<Message>(vault, "m1").body, permit<MessageDelivery>(vault, *vault.find("u2"))) == "hello");
    });
  }
  SECTION("when a consent of all is asked for") {
    each([&](FaultyBox& vault, std::uint64_t n) {
      Poster poster;
      poster.id = std::string("p1");
      poster.room = house.room;
      poster.author = std::string("u1");
      poster.caption = std::string("the lake");
      house.faults.arm(Kind::refuse_once, n, call);
      CHECK_FALSE(vault.put(poster));
      house.faults.disarm();
      CHECK(failure(vault.put(poster)) == code(Errc::no_live_basis));
    });
  }
}

TEST_CASE("a closing that cannot be read takes no date away", "[vault][fault][sqlite]") {
  const House house;
  std::uint64_t n = 0;
  for (bool struck = true; struck; ++n) {
    const TempDir here;
    house.copy_to(here);
    FaultyBox vault = house.open(here.path());
    REQUIRE(vault.close_account(*vault.find("u1")));
    const Instant ends = stored_row<Account>(vault, "u1").expires;
    REQUIRE(ends.ms != 0);
    Account account = load<Account>(vault, "u1");
    account.phone = std::string("15400050000");
    house.faults.arm(Kind::refuse_once, n, "get_row");
    static_cast<void>(vault.put(account));
    struck = !house.faults.hit.empty();
    house.faults.disarm();
    INFO(n);
    CHECK(stored_row<Account>(vault, "u1").expires == ends);
    house.clock.set(ends);
    house.faults.arm(Kind::refuse_once, n, "get_row");
    static_cast<void>(vault.sweep());
    house.faults.disarm();
    CHECK(failure(vault.get<Account>("u1")) != fine);
    static_cast<void>(vault.sweep());
    CHECK(failure(vault.get<Account>("u1")) == code(Errc::not_found));
    house.clock.set(start_of_tests);
  }
  CHECK(n > 2);
}

TEST_CASE("what a file says is what the caller and the log are told", "[vault][fault][sqlite]") {
  const House house;
  const Errc why = GENERATE(Errc::read_only, Errc::disk_full, Errc::locked, Errc::malformed, Errc::no_memory);
  const std::string call = GENERATE("begin", "put_row", "commit", "put_index", "keys.commit");
  const TempDir here;
  house.copy_to(here);
  FaultyBox vault = house.open(here.path());
  Account account = load<Account>(vault, "u1");
  account.phone = std::string("15400050000");
  account.id_number = std::string("459999197310212864");
  house.faults.code = why;
  house.faults.arm(Kind::refuse, 0, call);
  CHECK(failure(vault.put(account)) == code(why));
  CHECK(house.faults.hit == call);
  house.faults.disarm();
  CHECK(refusals(vault, Verb::store, why) == 1);
  CHECK(released(load<Account>(vault, "u1").phone, permit<AccountService>(vault, *vault.find("u1"))) == "15400059572");
  CHECK(vault.find_by<&Account::phone>("15400059572")->size() == 1);
  CHECK(vault.find_by<&Account::phone>("15400050000")->empty());
  const std::uint64_t version = stored_row<Account>(vault, "u1").version;
  keep(vault, account);  // the same object: it is bound already, but not stored
  CHECK(vault.find_by<&Account::phone>("15400050000")->size() == 1);
  CHECK(vault.store().real().key_store().index_rows_of(vault.find("u1")->handle())->size() == 3);
  CHECK(stored_row<Account>(vault, "u1").version == version + 1);
  CHECK(released(load<Account>(vault, "u1").id_number, permit<RealNameVerify>(vault, *vault.find("u1"))) ==
        "459999197310212864");
}

TEST_CASE("what is put again after it was changed or removed elsewhere is found", "[vault][fault][sqlite]") {
  const House house;
  const TempDir here;
  house.copy_to(here);
  FaultyBox vault = house.open(here.path());
  Account mine = load<Account>(vault, "u1");
  Account other = load<Account>(vault, "u1");
  other.phone = std::string("15400050000");
  keep(vault, other);
  keep(vault, mine);  // the later put wins, and is found
  CHECK(vault.find_by<&Account::phone>("15400059572")->size() == 1);
  CHECK(vault.find_by<&Account::phone>("15400050000")->empty());
  REQUIRE(vault.remove<Account>("u1"));
  keep(vault, mine);
  CHECK(vault.find_by<&Account::phone>("15400059572")->size() == 1);
  CHECK(vault.find_by<&Account::email>("li@mail.example")->size() == 1);
}
