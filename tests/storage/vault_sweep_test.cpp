// SPDX-License-Identifier: Apache-2.0
#include "faulty_store.hpp"
#include "vault_support.hpp"

#include <filesystem>

using namespace custody_test;

namespace {

using Faulty = FaultyStore<SqliteStore>;
using TownBox = Vault<Im, Faulty>;
using Kind = Faults::Kind;

/// Indexed, and over after a while.
struct Visit : Retained<keep_for<calendar_days(90)>> {
  Public<std::string> id;
  Public<std::string> uid;
  Personal<std::string, AccountService> phone;
  using custody_fields = Fields<record<"visit", 61>, key<&Visit::id>, owner<&Visit::uid>,
                                field<1, "phone", &Visit::phone, Category::phone, indexed<phone_e164>>>;
};
constexpr int visits = 4;

/// A town where, after half a year, rows, a field and a waiting erasure are due; every test works on a copy.
class Town {
 public:
  explicit Town(ManualClock& clock) : clock_(&clock) {
    auto vault = open(place_.path());
    const Notice notice = full_notice();
    REQUIRE(vault.publish(notice));
    const Subject li = enrol(vault, "u1");
    const Subject wu = enrol(vault, "u2");
    const Subject he = enrol(vault, "u3");
    consent<LocationShare>(vault, li, notice);
    for (int i = 0; i != visits; ++i) {
      Visit visit;
      visit.id = "v" + std::to_string(i);
      visit.uid = "u" + std::to_string(1 + i % 2);
      visit.phone = "1540005000" + std::to_string(i);
      keep(vault, visit);
    }
    const Conversation room = converse(vault, {li, wu});
    Message message = message_of("m1", room, "u1", "u2", "hello");
    keep(vault, message);
    Account account = account_of("u1");
    account.location = std::string("30,120");
    keep(vault, account);
    Login login = login_of("l1", "u3");
    keep(vault, login);
    REQUIRE(vault.erase(he));
    held_ = he.handle();
    REQUIRE(vault.close());
    clock.advance(days(190));
  }
  [[nodiscard]] TownBox open(const std::string& at) const {
    VaultSettings settings;
    settings.clock = clock_;
    const SqliteStore::Options files{.data = at + "/im.db", .keys = at + "/im.keys", .durable = false, .busy_ms = 50};
    auto opened = TownBox::open({files, &faults}, root_of(), settings);
    if (!opened) FAIL("open: " << text(opened.error().code) << " " << opened.error().where);
    return std::move(*opened);
  }
  void copy_to(const TempDir& to) const {
    for (const char* name : {"im.db", "im.keys"}) {
      std::filesystem::copy_file(place_ / name, to / name);
      std::filesystem::permissions(to / name, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
  }
  [[nodiscard]] const Handle& held() const { return held_; }

  mutable Faults faults;

 private:
  ManualClock* clock_;
  TempDir place_;
  Handle held_{};
};

/// How many due rows are left; none of them is read, and every one that is gone was on record first.
[[nodiscard]] int rows_left(TownBox& vault) {
  int left = 0;
  for (int i = 0; i != visits; ++i) {
    const int why = failure(vault.get<Visit>("v" + std::to_string(i)));
    CHECK((why == code(Errc::expired) || why == code(Errc::not_found)));
    left += why == code(Errc::expired) ? 1 : 0;
  }
  const int why = failure(vault.get<Message>("m1"));
  CHECK((why == code(Errc::expired) || why == code(Errc::not_found)));
  left += why == code(Errc::expired) ? 1 : 0;
  const auto all = lines(vault);
  const auto told = [&](std::string_view record) {
    return std::count_if(all.begin(), all.end(), [&](const Line& line) {
      return line.verb == Verb::sweep && line.granted && line.record == record;
    });
  };
  CHECK(told("visit") + told("message") >= visits + 1 - left);
  return left;
}
/// The last word of the log about the person whose erasure waited: not that it was done while the keys are alive.
[[nodiscard]] bool erasure_told_truly(TownBox& vault, const Town& town) {
  int granted = 0;
  bool last = false;
  for (const Line& line : lines(vault)) {
    if (line.verb != Verb::erase || line.subject != town.held()) continue;
    granted += line.granted ? 1 : 0;
    last = line.granted;
  }
  return granted <= 1 || !last ||
         *vault.store().real().key_store().destroyed(town.held());  // one: when it was asked for
}
/// Sweeps without faults: whatever happened before, this finishes it.
void finish(TownBox& vault, const Town& town) {
  const auto swept = vault.sweep();
  if (!swept) FAIL("sweep: " << text(swept.error().code));
  CHECK(rows_left(vault) == 0);
  CHECK_FALSE(load<Account>(vault, "u1").location.has_value());
  CHECK(released(load<Account>(vault, "u1").phone, permit<AccountService>(vault, *vault.find("u1"))) == "15400059572");
  CHECK(*vault.store().real().key_store().destroyed(town.held()));
  CHECK(vault.store().real().rows_of(town.held(), 0, 0, 9)->empty());
  CHECK(vault.store().real().key_store().index_rows_of(vault.find("u2")->handle())->size() == 1);  // the user id
  CHECK(vault.find_by<&Account::phone>("15400059572")->size() == 1);
  CHECK(*vault.store().real().row_count() == 3);  // two persons and an account
  CHECK(vault.sweep()->rows_removed == 0);
  CHECK(vault.audit().verify());
  CHECK(independent_verdict(vault).ok);
}

}  // namespace

TEST_CASE("a sweep whose store fails at any call is finished by the next", "[vault][sweep][sqlite]") {
  ManualClock clock(start_of_tests);
  const Town town(clock);
  const Kind kind = GENERATE(Kind::refuse, Kind::refuse_once, Kind::lose_answer);
  std::uint64_t n = 0;
  for (bool struck = true; struck; ++n) {
    const TempDir here;
    town.copy_to(here);
    town.faults.disarm();
    TownBox vault = town.open(here.path());
    town.faults.arm(kind, n);
    const auto swept = vault.sweep();
    struck = !town.faults.hit.empty();
    const std::string hit = town.faults.hit;
    town.faults.disarm();
    INFO(n << " " << hit << " " << static_cast<int>(kind));
    if (!struck) CHECK(swept);
    if (kind == Kind::refuse_once) CHECK(erasure_told_truly(vault, town));
    static_cast<void>(rows_left(vault));
    finish(vault, town);
  }
  CHECK(n > 15);
}

TEST_CASE("a sweep that is killed at any call is finished by the next", "[vault][sweep][sqlite]") {
  ManualClock clock(start_of_tests);
  const Town town(clock);
  std::uint64_t n = 0;
  for (bool killed = true; killed; ++n) {
    const TempDir here;
    town.copy_to(here);
    const int why = in_child([&] {
      TownBox vault = town.open(here.path());
      town.faults.arm(Kind::kill, n);
      return vault.sweep() ? 0 : 1;
    });
    killed = why == 200;
    INFO(n);
    if (!killed) CHECK(why == 0);
    TownBox vault = town.open(here.path());
    static_cast<void>(rows_left(vault));
    finish(vault, town);
  }
  CHECK(n > 15);
}

TEST_CASE("a sweep whose evidence cannot be written destroys nothing", "[vault][sweep][sqlite]") {
  ManualClock clock(start_of_tests);
  const Town town(clock);
  const TempDir here;
  town.copy_to(here);
  TownBox vault = town.open(here.path());
  town.faults.code = Errc::disk_full;
  town.faults.arm(Kind::refuse, 0, "append_leaves");
  CHECK(failure(vault.sweep()) == code(Errc::evidence_unwritable));
  CHECK(*vault.store().real().row_count() == visits + 6);
  CHECK_FALSE(*vault.store().real().key_store().destroyed(town.held()));
  CHECK(vault.store().real().key_store().index_rows_of(vault.find("u1")->handle())->size() == 5);
  town.faults.disarm();
  CHECK(refusals(vault, Verb::sweep, Errc::evidence_unwritable) >=
        visits + 1);  // what was not done is not told as done
  CHECK(rows_left(vault) == visits + 1);
  finish(vault, town);
}

TEST_CASE("a row that cannot be removed does not keep the others", "[vault][sweep][sqlite]") {
  ManualClock clock(start_of_tests);
  const Town town(clock);
  const TempDir here;
  town.copy_to(here);
  TownBox vault = town.open(here.path());
  town.faults.bad = stored_row<Visit>(vault, "v1").tag;
  CHECK(failure(vault.sweep()) == code(Errc::storage_failed));
  CHECK(rows_left(vault) == 1);
  CHECK(failure(vault.get<Visit>("v1")) == code(Errc::expired));
  CHECK_FALSE(load<Account>(vault, "u1").location.has_value());
  CHECK(*vault.store().real().key_store().destroyed(town.held()));
  CHECK(refusals(vault, Verb::sweep, Errc::storage_failed) == 2);  // the row, and the sweep
  const auto all = lines(vault);
  CHECK(std::count_if(all.begin(), all.end(), [](const Line& line) {
          return line.verb == Verb::sweep && !line.granted && line.record == "visit" && !line.subject.is_zero();
        }) == 1);
  town.faults.bad.reset();
  finish(vault, town);
}

TEST_CASE("a damaged row does not keep the others", "[vault][sweep][sqlite]") {
  ManualClock clock(start_of_tests);
  const Town town(clock);
  const TempDir here;
  town.copy_to(here);
  TownBox vault = town.open(here.path());
  const std::string which = " WHERE id=(SELECT min(id) FROM rows WHERE record=61)";
  std::string body;
  {
    Stranger admin(here / "im.db");
    body = admin.get("SELECT body FROM rows" + which);
    REQUIRE(admin.set("UPDATE rows SET body=?1" + which, "x"));
  }
  CHECK(failure(vault.sweep()) == code(Errc::malformed));
  CHECK(*vault.store().real().row_count() == 4);
  CHECK(refusals(vault, Verb::sweep, Errc::malformed) == 2);
  CHECK(failure(vault.get<Visit>("v0")) == code(Errc::malformed));
  {
    Stranger admin(here / "im.db");
    REQUIRE(admin.set("UPDATE rows SET body=?1" + which, body));
  }
  finish(vault, town);
}

TEMPLATE_TEST_CASE("a sweep of several pages, with rows among them that stay", "[vault][sweep]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Visit visit;
  visit.id = std::string("v");
  visit.uid = std::string("u1");
  visit.phone = std::string("15400050000");
  keep(vault, visit);
  StoredRow row = stored_row<Visit>(vault, "v");
  REQUIRE(vault.store().begin());
  for (int i = 0; i != 2600; ++i) {
    row.record = i % 2 == 0 ? 61 : 4711;  // nobody declares the other
    row.tag[0] = static_cast<std::byte>(i);
    row.tag[1] = static_cast<std::byte>(i >> 8);
    REQUIRE(vault.store().put_row(row));
  }
  REQUIRE(vault.store().commit());
  home.clock.advance(days(91));
  const std::uint64_t before = vault.audit().size();
  const auto swept = vault.sweep();
  REQUIRE(swept);
  CHECK(swept->rows_removed == 1301);
  CHECK(swept->unknown_records == 1300);
  CHECK(vault.audit().size() == before + 1301);
  CHECK(*vault.store().row_count() == 1301);
  CHECK(vault.store().key_store().index_rows_of(li.handle())->size() == 1);
}

TEST_CASE("a sweep while another program holds a file", "[vault][sweep][sqlite]") {
  ManualClock clock(start_of_tests);
  const Town town(clock);
  const TempDir here;
  town.copy_to(here);
  TownBox vault = town.open(here.path());
  const std::string name = GENERATE("im.db", "im.keys");
  {
    Stranger other(here / name);
    REQUIRE(other.run("BEGIN IMMEDIATE"));
    CHECK(failure(vault.sweep()) == code(name == "im.db" ? Errc::evidence_unwritable : Errc::locked));
    REQUIRE(other.run("COMMIT"));
  }
  CHECK(rows_left(vault) == visits + 1);
  CHECK(refusals(vault, Verb::sweep, Errc::locked) == (name == "im.db" ? 0 : 1));
  finish(vault, town);
}
