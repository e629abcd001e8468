// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include "vault_support.hpp"

using namespace custody_test;

namespace {

/// The contact record, read under more purposes and at another level than it was stored under.
struct WideContact : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> id;
  Public<std::string> uid;
  Personal<std::string, AccountService, PersonalisedPush, MessageDelivery> phone;
  using custody_fields = Fields<record<"contact", 2>, key<&WideContact::id>, owner<&WideContact::uid>,
                                field<1, "phone", &WideContact::phone, Category::phone>>;
};
struct HighContact : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> id;
  Public<std::string> uid;
  Classified<Personal<std::string, AccountService, PersonalisedPush>, Level::grade4> phone;
  using custody_fields = Fields<record<"contact", 2>, key<&HighContact::id>, owner<&HighContact::uid>,
                                field<1, "phone", &HighContact::phone, Category::phone>>;
};

/// Two persons with an account and two contacts each, and permits for both.
template <class StoreType>
struct Village : Home<StoreType> {
  Village() {
    for (const char* uid : {"u1", "u2"}) {
      people.push_back(enrol(this->vault(), uid));
      Account account = account_of(uid, std::string("1540005900") + uid[1], std::string(uid) + "@mail.example");
      account.id_number = std::string("459999197310212864");
      keep(this->vault(), account);
      for (const char* n : {"a", "b"}) {
        Contact contact = contact_of(std::string(n) + uid, uid, std::string("154000510") + uid[1] + n);
        keep(this->vault(), contact);
      }
    }
  }
  /// Puts a row back as somebody who can write to the store would.
  void plant(const StoredRow& row) { REQUIRE(this->vault().store().put_row(row)); }
  template <class Record>
  StoredRow row(std::string_view key) {
    return stored_row<Record>(this->vault(), key);
  }
  /// What reading a contact's phone gives.
  int phone_of(std::string_view contact, std::size_t whose = 0) {
    auto found = this->vault().template get<Contact>(contact);
    if (!found) return code(found.error().code);
    return refusal(found->phone, permit<AccountService>(this->vault(), people[whose]));
  }
  std::vector<Subject> people;
};

}  // namespace

TEMPLATE_TEST_CASE("one flipped bit anywhere in a sealed field is found and on record", "[vault][attack]", MemoryStore,
                   SqliteStore) {
  Village<TestType> home;
  const StoredRow good = home.template row<Contact>("au1");
  const std::size_t size = cell_of(const_cast<StoredRow&>(good), 1).value.size();
  const auto service = permit<AccountService>(home.vault(), home.people[0]);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit != size * 8; ++bit) {
    StoredRow bad = good;
    cell_of(bad, 1).value[bit / 8] ^= std::byte{1} << (bit % 8);
    home.plant(bad);
    const Contact found = load<Contact>(home.vault(), "au1");
    std::string seen = "nothing";
    auto done = found.phone.release(service, sink<AccountService, "test">([&](std::string_view text) { seen = text; }));
    REQUIRE_FALSE(done);
    const Errc why = done.error().code;
    const bool expected = bit >= 48 ? why == Errc::tampered
                                    : why == Errc::tampered || why == Errc::malformed || why == Errc::not_bound ||
                                          why == Errc::suite_unavailable || why == Errc::unknown_revision ||
                                          why == Errc::unknown_key || why == Errc::truncated;
    CHECK(expected);
    CHECK(seen == "nothing");
    ++refused;
  }
  const auto all = lines(home.vault());
  CHECK(static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const Line& line) {
          return line.verb == Verb::release && !line.granted && line.place == "test";
        })) == refused);
  CHECK(static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const Line& line) {
          return !line.granted && line.record == "contact" && line.field == "phone";  // at the release, or at the load
        })) == refused);
  home.plant(good);
  CHECK(home.phone_of("au1") == fine);
}

TEMPLATE_TEST_CASE("one flipped bit in a row's own key refuses the whole row", "[vault][attack]", MemoryStore,
                   SqliteStore) {
  Village<TestType> home;
  const StoredRow good = home.template row<Contact>("au1");
  const std::size_t size = cell_of(const_cast<StoredRow&>(good), detail::key_cell).value.size();
  for (std::size_t bit = 0; bit < size * 8; bit += 3) {
    StoredRow bad = good;
    cell_of(bad, detail::key_cell).value[bit / 8] ^= std::byte{1} << (bit % 8);
    home.plant(bad);
    CHECK_FALSE(home.vault().template get<Contact>("au1"));
  }
  CHECK(last_line(home.vault()).verb == Verb::read);
  CHECK(refusals(home.vault(), Verb::read, Errc::tampered) > size);
  CHECK_FALSE(home.vault().template list<Contact>(home.people[0]));  // not silently shorter
}

TEMPLATE_TEST_CASE("an envelope cut at any length, lengthened or doubled is refused", "[vault][attack]", MemoryStore,
                   SqliteStore) {
  Village<TestType> home;
  const StoredRow good = home.template row<Contact>("au1");
  const Bytes whole = cell_of(const_cast<StoredRow&>(good), 1).value;
  for (std::size_t size = 0; size != whole.size(); ++size) {
    StoredRow bad = good;
    cell_of(bad, 1).value.resize(size);
    home.plant(bad);
    CHECK(home.phone_of("au1") == code(size < 46 ? Errc::truncated : Errc::tampered));
  }
  StoredRow longer = good;
  cell_of(longer, 1).value.push_back(std::byte{0});
  home.plant(longer);
  CHECK(home.phone_of("au1") == code(Errc::tampered));
  StoredRow twice = good;
  cell_of(twice, 1).value.insert(cell_of(twice, 1).value.end(), whole.begin(), whole.end());
  home.plant(twice);
  CHECK(home.phone_of("au1") == code(Errc::tampered));
}

TEMPLATE_TEST_CASE("an envelope moved to another place is refused", "[vault][attack]", MemoryStore, SqliteStore) {
  Village<TestType> home;
  const auto move_cell = [&](StoredRow from, std::uint16_t number, StoredRow to, std::uint16_t place) {
    cell_of(to, place) = {place, CellKind::sealed, cell_of(from, number).value};
    home.plant(to);
  };
  const auto contact = [&](const char* key) { return home.template row<Contact>(key); };
  const auto account = [&](const char* key) { return home.template row<Account>(key); };
  SECTION("to another row of the same person") {
    move_cell(contact("au1"), 1, contact("bu1"), 1);
    CHECK(home.phone_of("bu1") == code(Errc::tampered));
  }
  SECTION("to another field of the row") {
    const StoredRow row = account("u1");
    move_cell(row, 1, row, 2);
    CHECK(refusal(load<Account>(home.vault(), "u1").email, permit<AccountService>(home.vault(), home.people[0])) ==
          code(Errc::tampered));
    CHECK(failure(home.vault().template find_by<&Account::email>("u1@mail.example")) == code(Errc::tampered));
    CHECK(refusals(home.vault(), Verb::read, Errc::tampered) == 1);
  }
  SECTION("to another record with the same number and type") {
    move_cell(account("u1"), 1, contact("au1"), 1);
    CHECK(home.phone_of("au1") == code(Errc::tampered));
  }
  SECTION("to another person") {
    move_cell(contact("au1"), 1, contact("au2"), 1);
    CHECK(home.phone_of("au2", 1) == code(Errc::tampered));
  }
  SECTION("with the whole row's contents") {
    StoredRow a = contact("au1"), b = contact("bu1");
    std::swap(a.cells, b.cells);
    home.plant(a);
    home.plant(b);
    CHECK(home.phone_of("au1") == code(Errc::tampered));
    CHECK(home.phone_of("bu1") == code(Errc::tampered));
    CHECK(refusals(home.vault(), Verb::read, Errc::tampered) == 2);
  }
  SECTION("with the owner changed") {
    StoredRow row = contact("au1");
    row.owners = {home.people[1].handle()};
    home.plant(row);
    CHECK(home.phone_of("au1") == code(Errc::tampered));
    CHECK(home.phone_of("au1", 1) == code(Errc::tampered));
  }
  SECTION("with an owner added") {
    StoredRow row = contact("au1");
    row.owners.push_back(home.people[1].handle());
    std::sort(row.owners.begin(), row.owners.end());
    home.plant(row);
    CHECK(home.phone_of("au1", 1) == code(Errc::tampered));
  }
  SECTION("with no owner") {
    StoredRow row = contact("au1");
    row.owners.clear();
    home.plant(row);
    CHECK(home.phone_of("au1") == code(Errc::tampered));
  }
  SECTION("with an owner nobody knows") {
    StoredRow row = contact("au1");
    row.owners.front().bytes[3] ^= std::byte{1};
    home.plant(row);
    CHECK(home.phone_of("au1") == code(Errc::unknown_key));
  }
  SECTION("without its key") {
    StoredRow row = contact("au1");
    std::erase_if(row.cells, [](const StoredCell& cell) { return cell.field == detail::key_cell; });
    home.plant(row);
    CHECK(home.phone_of("au1") == code(Errc::malformed));
  }
  SECTION("as a transient envelope, or as clear text") {
    StoredRow row = contact("au1");
    Contact fresh = contact_of("x", "u1");
    const ByteView transient = detail::CellOffice::cell(fresh.phone).envelope();
    cell_of(row, 1).value.assign(transient.begin(), transient.end());
    home.plant(row);
    CHECK(home.phone_of("au1") == code(Errc::not_bound));
    cell_of(row, 1) = {1, CellKind::clear, Bytes{std::byte{'1'}, std::byte{'5'}}};
    home.plant(row);
    CHECK(home.phone_of("au1") == code(Errc::clear_refused));
  }
}

TEMPLATE_TEST_CASE("a row is not read under more purposes or at another level", "[vault][attack]", MemoryStore,
                   SqliteStore) {
  Village<TestType> home;
  const auto wide = load<WideContact>(home.vault(), "au1");
  CHECK(refusal(wide.phone, permit<MessageDelivery>(home.vault(), home.people[0])) == code(Errc::tampered));
  CHECK(refusal(wide.phone, permit<AccountService>(home.vault(), home.people[0])) == code(Errc::tampered));
  const auto high = load<HighContact>(home.vault(), "au1");
  CHECK(refusal(high.phone, permit<AccountService>(home.vault(), home.people[0])) == code(Errc::tampered));
  CHECK(refusals(home.vault(), Verb::release, Errc::tampered) == 3);
}

TEST_CASE("a row is not read in another product", "[vault][attack]") {
  using Other = Product<"other-im", Region::CN, AccountService, PersonalisedPush>;
  Village<MemoryStore> home;
  auto other = Vault<Other, MemoryStore>::open({}, root_of(), home.settings);
  REQUIRE(other);
  const Subject twin = enrol(*other, "u1");
  Contact contact = contact_of("au1", "u1");
  keep(*other, contact);
  StoredRow theirs = stored_row<Contact>(*other, "au1");
  theirs.cells = home.row<Contact>("au1").cells;
  REQUIRE(other->store().put_row(theirs));
  CHECK(failure(other->get<Contact>("au1")) == code(Errc::tampered));
  CHECK(stored_row<Contact>(*other, "au1").tag != home.row<Contact>("au1").tag);

  Home<SqliteStore> disk;
  disk.close();
  const auto wrong = Vault<Other, SqliteStore>::open(disk.options(), root_of(), disk.settings);
  CHECK(failure(wrong) == code(Errc::wrong_schema));
}

TEMPLATE_TEST_CASE("what is bound elsewhere is not stored again elsewhere", "[vault][attack]", MemoryStore,
                   SqliteStore) {
  Village<TestType> home;
  auto& vault = home.vault();
  const Contact mine = load<Contact>(vault, "au1");
  const auto refused = [&](Contact target) {
    target.phone = mine.phone;
    return failure(vault.put(target));
  };
  CHECK(refused(load<Contact>(vault, "bu1")) == code(Errc::foreign_envelope));  // another row
  CHECK(refused(load<Contact>(vault, "au2")) == code(Errc::foreign_envelope));  // another person
  CHECK(refused(contact_of("new", "u1")) == code(Errc::foreign_envelope));  // a new row
  CHECK(refused(load<Contact>(vault, "au1")) == fine);  // where it is from
  Account account = load<Account>(vault, "u1");
  account.phone = mine.phone;
  CHECK(failure(vault.put(account)) == code(Errc::foreign_envelope));  // another record
  account = load<Account>(vault, "u1");
  account.email = account.phone;
  CHECK(failure(vault.put(account)) == code(Errc::foreign_envelope));  // another field
  CHECK(refusals(vault, Verb::store, Errc::foreign_envelope) == 5);
  CHECK(last_line(vault).field == "email");
  CHECK(home.phone_of("bu1") == fine);
  Contact taken = contact_of("au1", "u2");  // somebody else's row
  CHECK(failure(vault.put(taken)) == code(Errc::foreign_envelope));
}

TEMPLATE_TEST_CASE("a transient envelope is not serialised, and a text that looks like an envelope stays a text",
                   "[vault][attack]", MemoryStore, SqliteStore) {
  Village<TestType> home;
  auto& vault = home.vault();
  Contact fresh = contact_of("peer", "u1");
  CHECK(failure(at_rest::blob(fresh.phone)) == code(Errc::not_bound));
  CHECK(failure(at_rest::text(fresh.phone)) == code(Errc::not_bound));
  const auto service = permit<AccountService>(vault, home.people[0]);
  CHECK(refusal(fresh.phone, service) == code(Errc::not_bound));

  const std::string lure = *at_rest::text(load<Contact>(vault, "au1").phone);
  CHECK(lure.substr(0, 4) == "~c1.");
  fresh.phone = lure;
  keep(vault, fresh);
  CHECK(released(load<Contact>(vault, "peer").phone, service) == lure);
  const Bytes raw = *at_rest::blob(load<Contact>(vault, "au1").phone);
  fresh.phone = std::string(as_text(raw));
  keep(vault, fresh);
  CHECK(released(load<Contact>(vault, "peer").phone, service) == as_text(raw));
  Contact named = contact_of(lure, lure);  // as a key and a user id too
  static_cast<void>(enrol(vault, lure));
  keep(vault, named);
  CHECK(load<Contact>(vault, lure).uid.get() == lure);
}

TEMPLATE_TEST_CASE("nobody who can write to the store changes who wrote what to whom", "[vault][attack]", MemoryStore,
                   SqliteStore) {
  Village<TestType> home;
  auto& vault = home.vault();
  const Conversation room = converse(vault, home.people);
  const Conversation other = converse(vault, home.people);
  Message message = message_of("m1", room, "u1", "u2", "I owe you 5");
  Message reply = message_of("m2", room, "u2", "u1", "I owe you 7");
  keep(vault, message);
  keep(vault, reply);
  const StoredRow good = home.template row<Message>("m1");
  const StoredRow answer = home.template row<Message>("m2");
  for (const StoredCell& cell : good.cells) {
    if (cell.kind != CellKind::clear) continue;  // no owner is in clear
    for (const Subject& person : home.people)
      CHECK(as_text(cell.value).find(as_text(person.handle().bytes)) == std::string_view::npos);
  }
  StoredRow bad = good;
  cell_of(bad, detail::key_cell) = cell_of(const_cast<StoredRow&>(answer), detail::key_cell);
  home.plant(bad);
  CHECK(failure(vault.template get<Message>("m1")) == code(Errc::tampered));
  bad = good;
  bad.conversation = other.handle;
  home.plant(bad);
  CHECK(failure(vault.template get<Message>("m1")) == code(Errc::tampered));
  bad = good;
  bad.conversation = {};
  home.plant(bad);
  CHECK_FALSE(vault.template get<Message>("m1"));
  bad = good;
  ++bad.version;
  home.plant(bad);
  CHECK(refusal(load<Message>(vault, "m1").body, permit<MessageDelivery>(vault, home.people[0])) ==
        code(Errc::tampered));
  home.plant(good);
  const Message found = load<Message>(vault, "m1");
  CHECK(found.sender.get() == "u1");
  CHECK(found.receiver.get() == "u2");
  CHECK(load<Message>(vault, "m2").sender.get() == "u2");
  Message stranger = message_of("m3", room, "u1", "u3", "hello");
  static_cast<void>(enrol(vault, "u3"));
  CHECK(failure(vault.put(stranger)) == code(Errc::wrong_subject));
}

TEST_CASE("bytes changed in the data file never show other data", "[vault][attack][sqlite]") {
  Village<SqliteStore> home;
  auto& vault = home.vault();
  const auto service = permit<AccountService>(vault, home.people[0]);
  Stranger admin(home.place / "im.db");
  const std::string which = " WHERE record=2 AND id=(SELECT min(id) FROM rows WHERE record=2)";
  const std::string body = admin.get("SELECT body FROM rows" + which);
  REQUIRE(body.size() > 100);
  std::size_t found_out = 0;
  for (std::size_t i = 0; i != body.size(); ++i) {
    std::string bad = body;
    bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
    REQUIRE(admin.set("UPDATE rows SET body=?1" + which, bad));
    auto contact = vault.get<Contact>("au1");
    INFO(i);
    const std::string seen = contact ? released(contact->phone, service) : "<";
    const bool refused = seen.substr(0, 1) == "<";
    if (!refused) CHECK(seen == "1540005101a");
    found_out += refused ? 1U : 0U;
  }
  CHECK(found_out + 6 > body.size());  // the number of a cell that is not set may change unseen
  REQUIRE(admin.set("UPDATE rows SET body=?1" + which, body));
  CHECK(home.phone_of("au1") == fine);
}

TEST_CASE("rows, owners and persons exchanged in the data file are found", "[vault][attack][sqlite]") {
  Village<SqliteStore> home;
  auto& vault = home.vault();
  Stranger admin(home.place / "im.db");
  SECTION("two rows of one person") {
    REQUIRE(
        admin.run("CREATE TEMP TABLE t AS SELECT id,body FROM rows WHERE record=2 ORDER BY id LIMIT 2;"
                  "UPDATE rows SET body=(SELECT body FROM t WHERE t.id<>rows.id) WHERE id IN (SELECT id FROM t)"));
    CHECK(home.phone_of("au1") == code(Errc::tampered));
    CHECK(home.phone_of("bu1") == code(Errc::tampered));
  }
  SECTION("the places of two rows") {
    REQUIRE(
        admin.run("CREATE TEMP TABLE t AS SELECT id,slot,rest FROM rows WHERE record=2 ORDER BY id LIMIT 2;"
                  "UPDATE rows SET slot=(SELECT slot FROM t WHERE t.id<>rows.id), rest=(SELECT rest FROM t WHERE "
                  "t.id<>rows.id) WHERE id IN (SELECT id FROM t)"));
    CHECK(home.phone_of("au1") == code(Errc::tampered));
  }
  SECTION("two persons") {
    home.close();
    REQUIRE(
        admin.run("CREATE TEMP TABLE t AS SELECT n,handle FROM handles WHERE n IN (1,2);"
                  "UPDATE handles SET handle=randomblob(16) WHERE n=1;"
                  "UPDATE handles SET handle=(SELECT handle FROM t WHERE n=1) WHERE n=2;"
                  "UPDATE handles SET handle=(SELECT handle FROM t WHERE n=2) WHERE n=1"));
    home.open();
    CHECK_FALSE(home.vault().get<Contact>("au1"));
    CHECK_FALSE(home.vault().get<Contact>("au2"));
    CHECK(refusals(home.vault(), Verb::read, Errc::tampered) != 0);
  }
  SECTION("a date taken away does not revive what has ended") {
    Login login = login_of("l1", "u1");
    keep(vault, login);
    REQUIRE(admin.run("UPDATE rows SET expires=0 WHERE record=5"));
    REQUIRE(admin.changed() == 1);
    home.clock.advance(days(400));
    CHECK(failure(vault.get<Login>("l1")) == code(Errc::expired));
  }
  SECTION("a person's row") {
    home.close();
    REQUIRE(
        admin.run("CREATE TEMP TABLE t AS SELECT id,body FROM rows WHERE record=4294967041 ORDER BY id LIMIT 2;"
                  "UPDATE rows SET body=(SELECT body FROM t WHERE t.id<>rows.id) WHERE id IN (SELECT id FROM t)"));
    home.open();
    CHECK(failure(home.vault().find("u1")) == code(Errc::tampered));
  }
}

TEST_CASE("keys restored that are older than the data say so for what they do not open", "[vault][attack][sqlite]") {
  Village<SqliteStore> home;
  namespace fs = std::filesystem;
  const std::string keys = home.place / "im.keys", old = home.place / "old.keys";
  home.close();
  fs::copy_file(keys, old);
  home.open();
  const Subject late = enrol(home.vault(), "u3");
  Account account = account_of("u3", "15400059033");
  keep(home.vault(), account);
  Contact contact = contact_of("au3", "u3");
  keep(home.vault(), contact);
  REQUIRE(home->rotate(home.people[1]));
  Contact newer = contact_of("cu2", "u2", "15400051023");
  keep(home.vault(), newer);
  home.close();
  const std::string whole = [&] {
    std::ifstream in(keys, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }();
  // A copy that was interrupted, at every page: refused, or as good as whole.
  for (std::size_t size = 0; size < whole.size(); size += 4096) {
    {
      std::ofstream out(keys, std::ios::binary | std::ios::trunc);
      out.write(whole.data(), static_cast<std::streamsize>(size));
    }
    const int opened = failure(home.try_open());
    CAPTURE(size);
    CHECK((opened == code(Errc::malformed) || opened == code(Errc::wrong_schema)));
    CHECK(fs::file_size(keys) == size);
  }
  fs::copy_file(old, keys, fs::copy_options::overwrite_existing);
  home.open();
  const auto found = home->find("u3");
  CHECK(failure(found) == code(Errc::not_found));
  CHECK(failure(home->get<Account>("u3")) == code(Errc::unknown_key));
  CHECK(failure(home->get<Contact>("au3")) == code(Errc::unknown_key));
  CHECK(refusals(home.vault(), Verb::read, Errc::unknown_key) == 2);
  home.people = {*home->find("u1"), *home->find("u2")};
  CHECK(home.phone_of("au1") == fine);
  CHECK(home.phone_of("au2", 1) == fine);
  CHECK(home.phone_of("cu2", 1) == code(Errc::unknown_key));  // sealed with a key that the copy does not have
  std::uint64_t given = 0;  // an export names what it leaves out
  const auto count =
      home->export_subject<Contact>(home.people[1], permit<RealNameVerify>(home.vault(), home.people[1]),
                                    [&](std::string_view, std::uint64_t, const auto&, const std::string&) { ++given; });
  REQUIRE(count);
  CHECK(*count == given);
  CHECK(given == 2);
  CHECK(refusals(home.vault(), Verb::provide, Errc::unknown_key) == 1);
}

TEST_CASE("ledger lines and log leaves that are gone or changed are found", "[vault][attack][sqlite]") {
  Village<SqliteStore> home;
  auto& vault = home.vault();
  const Subject li = home.people[0];
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  consent<PersonalisedPush>(vault, li, notice);
  REQUIRE(vault.withdraw<PersonalisedPush>(li));
  const auto asked_again = [&] {
    home.close();
    home.open();
    REQUIRE(home->publish(notice));
    return failure(home->permit<PersonalisedPush>(*home->find("u1"), gateway));
  };
  CHECK(asked_again() == code(Errc::consent_withdrawn));
  Stranger admin(home.place / "im.db");
  SECTION("the withdrawal taken away") {
    REQUIRE(admin.run("DELETE FROM ledger WHERE line=3"));
    CHECK(asked_again() == code(Errc::tampered));
  }
  SECTION("a line in the middle taken away") {
    REQUIRE(admin.run("DELETE FROM ledger WHERE line=2"));
    CHECK(asked_again() == code(Errc::tampered));
  }
  SECTION("all lines taken away") {
    REQUIRE(admin.run("DELETE FROM ledger"));
    CHECK(asked_again() == code(Errc::tampered));
    CHECK(refusals(home.vault(), Verb::permit, Errc::tampered) == 1);
    Account account = account_of("u1");
    CHECK(failure(home->put(account)) == code(Errc::tampered));
  }
  SECTION("a line changed") {
    std::string entry = admin.get("SELECT entry FROM ledger WHERE line=3");
    entry[entry.size() / 2] = static_cast<char>(entry[entry.size() / 2] ^ 1);
    REQUIRE(admin.set("UPDATE ledger SET entry=?1 WHERE line=3", entry));
    const int why = asked_again();
    CHECK((why == code(Errc::tampered) || why == code(Errc::malformed)));
  }
  SECTION("a line of another person") {
    REQUIRE(
        admin.run("UPDATE ledger SET subject=(SELECT subject FROM ledger WHERE line=3), line=4 WHERE line=1 AND "
                  "subject<>(SELECT subject FROM ledger WHERE line=3)"));
    REQUIRE(admin.changed() == 1);
    CHECK(asked_again() == code(Errc::tampered));
  }
  SECTION("the newest leaf taken away") {
    home.close();
    REQUIRE(admin.run("DELETE FROM leaves WHERE n=(SELECT max(n) FROM leaves)"));
    CHECK(failure(home.try_open()) == code(Errc::truncated));
  }
  SECTION("a leaf changed") {
    home.close();
    std::string leaf = admin.get("SELECT leaf FROM leaves WHERE n=(SELECT max(n)-2 FROM leaves)");
    leaf.back() = static_cast<char>(leaf.back() ^ 1);
    REQUIRE(admin.set("UPDATE leaves SET leaf=?1 WHERE n=(SELECT max(n)-2 FROM leaves)", leaf));
    CHECK(failure(home.try_open()) == code(Errc::tampered));
  }
  SECTION("a leaf changed while the vault is open") {
    std::string leaf = admin.get("SELECT leaf FROM leaves WHERE n=(SELECT min(n)+1 FROM leaves)");
    leaf[20] = static_cast<char>(leaf[20] ^ 1);
    REQUIRE(admin.set("UPDATE leaves SET leaf=?1 WHERE n=(SELECT min(n)+1 FROM leaves)", leaf));
    CHECK(failure(home->audit().verify()) == code(Errc::tampered));
    CHECK_FALSE(independent_verdict(home.vault()).ok);
  }
  SECTION("nothing") { CHECK(independent_verdict(home.vault()).ok); }
}
