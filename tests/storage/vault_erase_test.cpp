// SPDX-License-Identifier: Apache-2.0
#include "vault_support.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

using namespace custody_test;

TEMPLATE_TEST_CASE("an erased person is gone: keys, rows, index and name", "[vault][erase]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "uid-canary");
  const Subject wu = enrol(vault, "u2");
  Account account = account_of("uid-canary");
  Contact contact = contact_of("c1", "uid-canary");
  Account theirs = account_of("u2", "15400052222");
  keep(vault, account);
  keep(vault, contact);
  keep(vault, theirs);
  const auto service = permit<AccountService>(vault, li);
  const Account loaded = load<Account>(vault, "uid-canary");
  const auto made = vault.erase(li);
  REQUIRE(made);
  CHECK(made->keys_destroyed);
  CHECK(made->subject == li.handle());
  CHECK(made->rows_removed == 3);  // the person's own row too
  CHECK(made->rows_held == 0);
  CHECK(made->at == home.clock.now());
  CHECK(verify_checkpoint(made->log_checkpoint, vault.audit().vkey()).ok);
  for (const Account* copy : {static_cast<const Account*>(&account), &loaded})
    CHECK(refusal(copy->phone, service) == code(Errc::destroyed));
  CHECK(failure(vault.template get<Account>("uid-canary")) == code(Errc::not_found));
  CHECK(failure(vault.find("uid-canary")) == code(Errc::not_found));
  CHECK(failure(vault.template permit<AccountService>(li, gateway)) == code(Errc::destroyed));
  CHECK(vault.template find_by<&Account::phone>("15400059572")->empty());
  CHECK(vault.store().key_store().index_rows_of(li.handle())->empty());
  CHECK(failure(vault.put(account)) == code(Errc::not_found));
  CHECK(failure(vault.erase(li)) == code(Errc::destroyed));
  CHECK(failure(vault.erase(Subject{})) == code(Errc::not_found));
  CHECK(vault.template find_by<&Account::phone>("15400052222")->size() == 1);
  const Subject again = enrol(vault, "uid-canary");  // a new person, nothing inherited
  CHECK(again.handle() != li.handle());
  CHECK(vault.template list<Account>(again)->empty());
  if constexpr (Home<TestType>::on_disk) {
    CHECK(*vault.store().row_count() == 3);
  }
}

TEMPLATE_TEST_CASE("one of two friends is erased: the other reads on", "[vault][erase]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  const Subject wu = enrol(vault, "u2");
  const Conversation room = converse(vault, {li, wu});
  Message message = message_of("m1", room, "u1", "u2", "hello");
  keep(vault, message);
  const auto by_li = permit<MessageDelivery>(vault, li);
  const auto by_wu = permit<MessageDelivery>(vault, wu);
  REQUIRE(vault.erase(li)->keys_destroyed);
  const Message left = load<Message>(vault, "m1");
  CHECK(left.sender.get().empty());
  CHECK(left.receiver.get() == "u2");
  CHECK(released(left.body, by_wu) == "hello");
  CHECK(released(message.body, by_wu) == "hello");
  CHECK(refusal(left.body, by_li) == code(Errc::destroyed));
  CHECK(refusal(message.body, by_li) == code(Errc::destroyed));
  Message late = message_of("m2", room, "u2", "u2", "are you there?");
  keep(vault, late);
  CHECK(released(load<Message>(vault, "m2").body, by_wu) == "are you there?");
  Message forged = message_of("m3", room, "u1", "u2", "boo");
  CHECK(failure(vault.put(forged)) == code(Errc::not_found));

  REQUIRE(vault.erase(wu)->keys_destroyed);
  CHECK(failure(vault.template get<Message>("m1")) == code(Errc::not_found));
  CHECK(refusal(message.body, by_wu) == code(Errc::destroyed));
  CHECK(*vault.store().row_count() == 0);
}

TEMPLATE_TEST_CASE("who leaves a conversation reads nothing of it any more", "[vault][erase]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  const Subject wu = enrol(vault, "u2");
  const Subject he = enrol(vault, "u3");
  const Conversation room = converse(vault, {li, wu, he});
  Message message = message_of("m1", room, "u1", "u2", "before");
  keep(vault, message);
  auto by_li = permit<MessageDelivery>(vault, li);
  const auto by_wu = permit<MessageDelivery>(vault, wu);
  CHECK(vault.template list<Message>(li)->size() == 1);
  REQUIRE(vault.leave(room, li));
  CHECK(refusal(message.body, by_li) == code(Errc::destroyed));
  by_li = permit<MessageDelivery>(vault, li);  // li is a person still, only not of this conversation
  CHECK(refusal(load<Message>(vault, "m1").body, by_li) == code(Errc::destroyed));
  CHECK(vault.template list<Message>(li)->empty());
  CHECK(released(load<Message>(vault, "m1").body, by_wu) == "before");
  Message after = message_of("m2", room, "u2", "u3", "after");
  keep(vault, after);
  CHECK(refusal(load<Message>(vault, "m2").body, by_li) == code(Errc::wrong_subject));
  CHECK(released(load<Message>(vault, "m2").body, permit<MessageDelivery>(vault, he)) == "after");
  const auto generation = [&](const char* key) {
    StoredRow row = stored_row<Message>(vault, key);
    return EnvelopeHeader::read(cell_of(row, 1).value)->generation;
  };
  CHECK(generation("m2") == generation("m1") + 1);
  Message mine = message_of("m3", room, "u1", "u2", "let me in");
  CHECK(failure(vault.put(mine)) == code(Errc::wrong_subject));
  CHECK(failure(vault.leave(room, li)) == code(Errc::not_found));
  CHECK(failure(vault.leave(room, Subject{})) == code(Errc::not_found));

  REQUIRE(vault.leave(room, wu));
  REQUIRE(vault.leave(room, he));  // the last one
  CHECK(failure(vault.template get<Message>("m1")) == code(Errc::destroyed));
  Message none = message_of("m4", room, "u2", "u3", "nobody");
  CHECK_FALSE(vault.put(none));
  const auto all = lines(vault);
  CHECK(std::count_if(all.begin(), all.end(), [](const Line& l) { return l.verb == Verb::leave && l.granted; }) == 3);
}

TEMPLATE_TEST_CASE("a consent purpose needs every owner, an objection any", "[vault][erase]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  const std::vector<Subject> people{enrol(vault, "u1"), enrol(vault, "u2")};
  const Conversation room = converse(vault, people);
  Photo photo = photo_of("p1", room, "u1");
  keep(vault, photo);
  consent<GroupAlbum>(vault, people[0], notice);
  CHECK(refusal(photo.caption, permit<GroupAlbum>(vault, people[0])) == code(Errc::wrong_subject));
  CHECK(failure(vault.template permit<GroupAlbum>(people, gateway)) == code(Errc::no_consent));
  consent<GroupAlbum>(vault, people[1], notice);
  CHECK(refusal(photo.caption, *vault.template permit<GroupAlbum>(people, gateway)) == fine);
  const auto delivery = permit<MessageDelivery>(vault, people[0]);
  CHECK(refusal(photo.caption, delivery) == fine);
  REQUIRE(vault.template object<MessageDelivery>(people[1]));
  CHECK(refusal(photo.caption, delivery) == code(Errc::objected));
}

TEMPLATE_TEST_CASE("a shared indexed row is found after its first owner is erased", "[vault][erase]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  std::vector<Subject> people{enrol(vault, "u1"), enrol(vault, "u2")};
  const Conversation room = converse(vault, people);
  Photo photo = photo_of("p1", room, "u1");
  keep(vault, photo);
  CHECK(vault.template find_by<&Photo::caption>("the lake")->size() == 1);
  std::sort(people.begin(), people.end(), [](const Subject& a, const Subject& b) { return a.handle() < b.handle(); });
  REQUIRE(vault.erase(people[0]));
  CHECK(vault.template find_by<&Photo::caption>("the lake")->size() == 1);
  CHECK(stored_row<Photo>(vault, "p1").state ==
        RowState::active);  // its legal minimum does not limit the one who stays
  const auto held = vault.erase(people[1]);
  REQUIRE(held);
  CHECK_FALSE(held->keys_destroyed);
  CHECK(held->rows_held == 1);
  CHECK(stored_row<Photo>(vault, "p1").state == RowState::restricted);
  home.clock.advance(days(31));
  REQUIRE(vault.sweep());
  CHECK(*vault.store().row_count() == 0);
}

TEMPLATE_TEST_CASE("an erasure from inside a release or an export is refused", "[vault][erase]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  const Subject wu = enrol(vault, "u2");
  Account account = account_of("u1");
  keep(vault, account);
  int inside = fine, other = fine;
  REQUIRE(account.phone.release(permit<AccountService>(vault, li), sink<AccountService, "test">([&](std::string_view) {
                                  inside = failure(vault.erase(li));
                                  other = failure(vault.erase(wu));
                                })));
  CHECK(inside == code(Errc::inside_release));
  CHECK(other == code(Errc::inside_release));
  CHECK(refusals(vault, Verb::erase, Errc::inside_release) == 2);
  int exporting = fine;
  REQUIRE(vault.template export_subject<Account>(
      li, permit<RealNameVerify>(vault, li),
      [&](std::string_view, std::uint64_t, const auto&, const std::string&) { exporting = failure(vault.erase(li)); }));
  CHECK(exporting == code(Errc::inside_release));
  CHECK(vault.erase(li));
}

TEMPLATE_TEST_CASE("an erasure waits for the releases in flight, and none follows it", "[vault][erase]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  keep(vault, account);
  const auto service = permit<AccountService>(vault, li);
  std::atomic<bool> in_sink{false}, go_on{false}, erased{false};
  bool erased_during = true;
  std::thread reader([&] {
    static_cast<void>(account.phone.release(service, sink<AccountService, "test">([&](std::string_view) {
                                              in_sink = true;
                                              while (!go_on) std::this_thread::yield();
                                              erased_during = erased;
                                            })));
  });
  while (!in_sink) std::this_thread::yield();
  std::thread eraser([&] {
    static_cast<void>(vault.erase(li));
    erased = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK_FALSE(erased);
  go_on = true;
  reader.join();
  eraser.join();
  CHECK_FALSE(erased_during);
  CHECK(refusal(account.phone, service) == code(Errc::destroyed));
}

TEMPLATE_TEST_CASE("after withdraw() returns no release succeeds", "[vault][erase]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  keep(vault, account);
  for (int round = 0; round != 10; ++round) {
    consent<PersonalisedPush>(vault, li, notice);
    const auto push = permit<PersonalisedPush>(vault, li);
    std::atomic<bool> withdrawn{false}, stop{false};
    std::atomic<int> before{0}, after{0};
    std::vector<std::thread> readers;
    for (int i = 0; i != 2; ++i) {
      readers.emplace_back([&] {
        while (!stop) {
          const bool late = withdrawn;  // read before the release begins
          if (account.phone.release(push, sink<PersonalisedPush, "test">([](std::string_view) {})))
            ++(late ? after : before);
        }
      });
    }
    while (before == 0) std::this_thread::yield();
    REQUIRE(vault.template withdraw<PersonalisedPush>(li));
    withdrawn = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    stop = true;
    for (std::thread& reader : readers) reader.join();
    CHECK(after == 0);
  }
}

TEST_CASE("an old copy of the data with today's keys opens nothing of an erased person", "[vault][erase][sqlite]") {
  Home<SqliteStore> home;
  const Subject li = enrol(home.vault(), "u1");
  const Subject wu = enrol(home.vault(), "u2");
  Account account = account_of("u1"), theirs = account_of("u2", "15400052222");
  keep(home.vault(), account);
  keep(home.vault(), theirs);
  const Handle gone = li.handle();
  home.close();
  namespace fs = std::filesystem;
  const auto copy = [&](const char* from, const char* to) {
    fs::copy_file(home.place / from, home.place / to, fs::copy_options::overwrite_existing);
  };
  copy("im.db", "old.db");
  copy("im.keys", "old.keys");
  fs::permissions(home.place / "old.keys", fs::perms::owner_read | fs::perms::owner_write);
  home.open();
  REQUIRE(home->erase(*home->find("u1")));
  home.close();

  SECTION("the whole data file put back: the log is shorter than its signed head, nothing opens") {
    copy("old.db", "im.db");
    CHECK(failure(home.try_open()) == code(Errc::truncated));
  }
  SECTION("the rows put back: tombstones are replayed, no key opens them") {
    {
      Stranger admin(home.place / "im.db");
      REQUIRE(
          admin.run("ATTACH '" + home.place / "old.db" +
                    "' AS old; DELETE FROM rows; DELETE FROM links;"
                    "INSERT INTO rows SELECT * FROM old.rows; INSERT INTO links SELECT * FROM old.links; DETACH old"));
    }
    home.open();
    CHECK(home->store().rows_of(gone, 0, 0, 10)->empty());
    CHECK(failure(home->get<Account>("u1")) == code(Errc::not_found));
    CHECK(home->find_by<&Account::phone>("15400059572")->empty());
    CHECK(released(load<Account>(home.vault(), "u2").phone, permit<AccountService>(home.vault(), *home->find("u2"))) ==
          "15400052222");
  }
  SECTION("the rows put back into a running vault: still no key") {
    home.open();
    Stranger admin(home.place / "im.db");
    REQUIRE(admin.run("ATTACH '" + home.place / "old.db" +
                      "' AS old; INSERT OR IGNORE INTO rows SELECT * FROM old.rows;"
                      "INSERT OR IGNORE INTO links SELECT * FROM old.links; DETACH old"));
    CHECK(failure(home->get<Account>("u1")) == code(Errc::destroyed));
  }
  SECTION("old data and old keys open both: why backups of keys live short") {
    copy("old.db", "im.db");
    copy("old.keys", "im.keys");
    home.open();
    CHECK(released(load<Account>(home.vault(), "u1").phone, permit<AccountService>(home.vault(), *home->find("u1"))) ==
          "15400059572");
    WARN("an old copy of data and keys together, with the root, opens an erased person");
  }
  SECTION("old keys under today's data: the log has grown behind the head, the person's rows are gone") {
    copy("old.keys", "im.keys");
    home.open();
    CHECK(failure(home->get<Account>("u1")) == code(Errc::not_found));
    CHECK(home->audit().absorbed() != 0);
  }
}

TEST_CASE("what was erased is in no file", "[vault][erase][sqlite]") {
  Home<SqliteStore> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  keep(vault, account);
  const StoredRow row = stored_row<Account>(vault, "u1");
  const auto key = vault.store().key_store().get_key(li.handle(), Handle{}, 1);
  REQUIRE(key);
  const std::string envelope(as_text(cell_of(const_cast<StoredRow&>(row), 1).value));
  CHECK(any_file_holds(home.place.path(), envelope));
  CHECK(any_file_holds(home.place.path(), as_text(key->wrapped)));
  REQUIRE(vault.erase(li));
  CHECK_FALSE(any_file_holds(home.place.path(), envelope));
  CHECK_FALSE(any_file_holds(home.place.path(), as_text(key->wrapped)));
  const Subject wu = enrol(vault, "u2");
  Account checked = account_of("u2");
  checked.id_number = std::string("459999197310212864");
  keep(vault, checked);
  StoredRow stored = stored_row<Account>(vault, "u2");
  const std::string number(as_text(cell_of(stored, 3).value));
  REQUIRE(vault.checked<&Account::id_number>("u2"));
  CHECK_FALSE(any_file_holds(home.place.path(), number));
}
