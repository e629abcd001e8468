// SPDX-License-Identifier: Apache-2.0
#include "vault_support.hpp"

using namespace custody_test;

TEMPLATE_TEST_CASE("a record is stored, found and read for its purpose", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  account.id_number = std::string("459999197310212864");
  keep(vault, account);

  const Account found = load<Account>(vault, "u1");
  CHECK(found.uid.get() == "u1");
  const auto service = permit<AccountService>(vault, li);
  CHECK(released(found.phone, service) == "15400059572");
  CHECK(released(found.email, service) == "li@mail.example");
  CHECK(released(found.id_number, permit<RealNameVerify>(vault, li)) == "459999197310212864");
  CHECK(released(account.phone, service) == "15400059572");  // put() bound what the caller has
  CHECK(failure(vault.template get<Account>("u2")) == code(Errc::not_found));
  CHECK(failure(vault.template get<Contact>("u1")) == code(Errc::not_found));
  CHECK(vault.find("u1")->handle() == li.handle());
  CHECK(failure(vault.find("u9")) == code(Errc::not_found));
  CHECK(failure(vault.enrol("u1")) == code(Errc::already_there));
}

TEMPLATE_TEST_CASE("nothing that was given is in the store in clear", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  static_cast<void>(enrol(home.vault(), "uid-canary"));
  Account account = account_of("uid-canary", "15400059572", "mail-canary@mail.example");
  keep(home.vault(), account);
  const StoredRow row = stored_row<Account>(home.vault(), "uid-canary");
  for (const StoredCell& cell : row.cells) {
    CHECK(as_text(cell.value).find("canary") == std::string_view::npos);
    CHECK((cell.kind == CellKind::sealed || cell.value.empty()));
  }
  home.close();
  for (const char* canary : {"uid-canary", "15400059572", "mail-canary"})
    CHECK_FALSE(any_file_holds(home.place.path(), canary));
}

TEMPLATE_TEST_CASE("an indexed field is found however it is written", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  for (const char* uid : {"u1", "u2", "u3"}) {
    static_cast<void>(enrol(vault, uid));
    Account account = account_of(uid, uid == std::string("u3") ? "15400050003" : "15400059572");
    keep(vault, account);
  }
  for (const char* spelling : {"15400059572", "+86 154-0005-9572", "008615400059572"}) {
    auto found = vault.template find_by<&Account::phone>(spelling);
    REQUIRE(found);
    REQUIRE(found->size() == 2);
  }
  CHECK(vault.template find_by<&Account::phone>("15400050003")->front().uid.get() == "u3");
  CHECK(vault.template find_by<&Account::email>("LI@Mail.Example")->size() == 3);
  CHECK(vault.template find_by<&Account::phone>("15400050004")->empty());
  CHECK(failure(vault.template find_by<&Account::phone>("call me")) == code(Errc::malformed));
}

TEMPLATE_TEST_CASE("an update moves the index and keeps untouched envelopes byte for byte", "[vault]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  account.id_number = std::string("459999197310212864");
  keep(vault, account);
  const StoredRow before = stored_row<Account>(vault, "u1");

  Account changed = load<Account>(vault, "u1");
  changed.phone = std::string("15400051111");
  keep(vault, changed);
  const StoredRow after = stored_row<Account>(vault, "u1");
  CHECK_FALSE(detail::same_cell(before, after, 1));
  CHECK(detail::same_cell(before, after, 2));
  CHECK(detail::same_cell(before, after, 3));
  CHECK(after.version == before.version);
  CHECK(after.collected == before.collected);
  CHECK(vault.template find_by<&Account::phone>("15400059572")->empty());
  CHECK(vault.template find_by<&Account::phone>("15400051111")->size() == 1);
  CHECK(vault.store().key_store().index_rows_of(li.handle())->size() == 3);  // user id, phone, email

  changed.id_number = std::string("459999198501018887");  // grade4: bound to a new version
  keep(vault, changed);
  const StoredRow grave = stored_row<Account>(vault, "u1");
  CHECK(grave.version == after.version + 1);
  CHECK(detail::same_cell(grave, after, 1));
  StoredRow replayed = grave;
  cell_of(replayed, 3) = cell_of(const_cast<StoredRow&>(before), 3);
  REQUIRE(vault.store().put_row(replayed));
  CHECK(refusal(load<Account>(vault, "u1").id_number, permit<RealNameVerify>(vault, li)) == code(Errc::tampered));
  REQUIRE(vault.store().put_row(grave));

  changed.phone.reset();
  keep(vault, changed);
  CHECK(vault.template find_by<&Account::phone>("15400051111")->empty());
  CHECK_FALSE(load<Account>(vault, "u1").phone.has_value());
}

TEMPLATE_TEST_CASE("left-over index rows and index collisions lead nowhere", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  keep(vault, account);
  const StoredRow row = stored_row<Account>(vault, "u1");
  KeyStore& keys = vault.store().key_store();
  const auto rows = keys.index_rows_of(li.handle());
  REQUIRE(rows);
  const auto wanted = detail::look_up<&Account::phone>(*vault.core(), "15400058888");
  REQUIRE(wanted);
  const std::uint32_t space = detail::index_space(1, 1);
  REQUIRE(keys.put_index({space, wanted->bytes(), li.handle(), row.tag}));  // a put that never reached the row
  REQUIRE(keys.put_index({space, wanted->bytes(), li.handle(), RowTag{}}));
  CHECK(vault.template find_by<&Account::phone>("15400058888")->empty());
  CHECK(vault.template find_by<&Account::phone>("15400059572")->size() == 1);
  account.phone = std::string("15400051234");
  keep(vault, account);
  CHECK(keys.find_index(space, wanted->bytes())->size() == 1);  // the next put of the row clears it
  REQUIRE(vault.store().remove_row(1, row.tag));  // the row is gone, its index is not
  CHECK(vault.template find_by<&Account::phone>("15400051234")->empty());
}

TEMPLATE_TEST_CASE("a row whose put stopped before the end is as it was", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  keep(vault, account);
  const StoredRow before = stored_row<Account>(vault, "u1");
  Account bad = load<Account>(vault, "u1");
  bad.phone = std::string("15400053333");
  bad.email = std::string("no address");  // its index value cannot be made
  CHECK(failure(vault.put(bad)) == code(Errc::malformed));
  CHECK(last_line(vault).field == std::string("email"));
  const StoredRow after = stored_row<Account>(vault, "u1");
  CHECK(detail::same_cell(before, after, 1));
  CHECK(detail::same_cell(before, after, 2));
  CHECK(vault.template find_by<&Account::phone>("15400053333")->empty());
  CHECK(vault.template find_by<&Account::phone>("15400059572")->size() == 1);
  CHECK(released(load<Account>(vault, "u1").phone, permit<AccountService>(vault, li)) == "15400059572");

  Account large = load<Account>(vault, "u1");
  large.id_number = std::string((std::size_t{1} << 20) + 1, 'x');
  CHECK(failure(vault.put(large)) == code(Errc::too_large));
  CHECK(refusals(vault, Verb::store, Errc::too_large) == 1);
}

TEMPLATE_TEST_CASE("a person's records are listed in pages", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  const Subject wu = enrol(vault, "u2");
  for (int i = 0; i != 7; ++i) {
    Contact contact = contact_of("c" + std::to_string(i), i == 3 ? "u2" : "u1");
    keep(vault, contact);
  }
  Account account = account_of("u1");
  keep(vault, account);
  const auto all = vault.template list<Contact>(li);
  REQUIRE(all);
  REQUIRE(all->size() == 6);
  CHECK((*all)[0].id.get() == "c0");
  CHECK((*all)[5].id.get() == "c6");
  const auto page = vault.template list<Contact>(li, 2, 2);
  REQUIRE(page->size() == 2);
  CHECK((*page)[0].id.get() == "c2");
  CHECK((*page)[1].id.get() == "c4");
  CHECK(vault.template list<Contact>(wu)->size() == 1);
  CHECK(vault.template list<Account>(li)->size() == 1);
  REQUIRE(vault.template remove<Contact>("c0"));
  CHECK(vault.template list<Contact>(li)->size() == 5);
  CHECK(failure(vault.template remove<Contact>("c0")) == code(Errc::not_found));
}

TEMPLATE_TEST_CASE("a permit needs role, basis, consent and a time to come", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  const Notice notice = full_notice();
  const Actor staff{&desk, "agent-7"};
  CHECK(failure(vault.template permit<PersonalisedPush>(li, gateway)) == code(Errc::no_consent));
  CHECK(failure(vault.template permit<PersonalisedPush>(li, staff)) == code(Errc::role_lacks_purpose));
  CHECK(failure(vault.template permit<AccountService>(li, Actor{})) == code(Errc::role_lacks_purpose));
  CHECK(failure(vault.template permit<AccountService>(Subject{}, gateway)) == code(Errc::not_found));
  CHECK(failure(vault.template permit<AccountService>(li, gateway, home.clock.now())) == code(Errc::permit_expired));

  const auto early = Consent<PersonalisedPush>::plain(notice);
  CHECK(failure(vault.template grant<PersonalisedPush>(li, *early)) ==
        code(Errc::consent_outdated));  // not published yet
  REQUIRE(vault.publish(notice));
  consent<PersonalisedPush>(vault, li, notice);
  CHECK(vault.template permit<PersonalisedPush>(li, gateway));
  CHECK(failure(vault.template permit<LocationShare>(li, gateway)) == code(Errc::no_consent));
  consent<LocationShare>(vault, li, notice);
  CHECK(vault.template permit<LocationShare>(li, gateway));

  REQUIRE(vault.publish(full_notice("2", "sold to everybody")));
  CHECK(failure(vault.template permit<PersonalisedPush>(li, gateway)) == code(Errc::consent_outdated));
  REQUIRE(vault.publish(full_notice("3")));  // the old terms again: the consent stands
  CHECK(vault.template permit<PersonalisedPush>(li, gateway));
  const auto ledger = vault.consents().lines_of(li.handle());
  REQUIRE(ledger);
  REQUIRE(ledger->size() == 3);
  CHECK((*ledger)[1].verb == LedgerVerb::grant);
  CHECK((*ledger)[1].notice == "1");
  CHECK((*ledger)[1].form == ConsentForm::plain);
  CHECK((*ledger)[2].form == ConsentForm::separate);
  CHECK((*ledger)[1].categories == "phone,precise_location");
}

TEMPLATE_TEST_CASE("a permit ends with its time, a withdrawal, an objection, a notice and its vault", "[vault]",
                   MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  const Subject wu = enrol(vault, "u2");
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  consent<PersonalisedPush>(vault, li, notice);
  Account account = account_of("u1");
  keep(vault, account);
  const Account found = load<Account>(vault, "u1");
  auto push = permit<PersonalisedPush>(vault, li);
  CHECK(released(found.phone, push) == "15400059572");
  CHECK(refusal(found.phone, permit<AccountService>(vault, wu)) == code(Errc::wrong_subject));
  CHECK(refusals(vault, Verb::release, Errc::wrong_subject) == 1);

  SECTION("time") {
    home.clock.advance(minutes(5));
    CHECK(refusal(found.phone, push) == code(Errc::permit_expired));
  }
  SECTION("withdrawal") {
    REQUIRE(vault.template withdraw<PersonalisedPush>(li));
    CHECK(refusal(found.phone, push) == code(Errc::permit_withdrawn));
    CHECK(failure(vault.template permit<PersonalisedPush>(li, gateway)) == code(Errc::consent_withdrawn));
    CHECK(failure(vault.template may_ask<PersonalisedPush>(li)) == code(Errc::asked_too_soon));
    home.clock.advance(days(31));
    CHECK(vault.template may_ask<PersonalisedPush>(li));
    consent<PersonalisedPush>(vault, li, notice);
    CHECK(refusal(found.phone, push) != fine);  // the old permit stays dead
    CHECK(released(found.phone, permit<PersonalisedPush>(vault, li)) == "15400059572");
  }
  SECTION("objection wins over every basis") {
    const auto service = permit<AccountService>(vault, li);
    REQUIRE(vault.template object<AccountService>(li));
    CHECK(refusal(found.phone, service) == code(Errc::permit_withdrawn));
    CHECK(failure(vault.template permit<AccountService>(li, gateway)) == code(Errc::objected));
    CHECK(failure(vault.template may_ask<AccountService>(li)) == code(Errc::objected));
  }
  SECTION("notice") {
    REQUIRE(vault.publish(full_notice("2", "other")));
    CHECK(refusal(found.phone, push) == code(Errc::permit_outdated));
  }
  SECTION("a notice about a purpose the product has not changes nothing") {
    struct Other final : Purpose<"other", Basis::contract> {};
    CHECK(failure(vault.publish(notice_of<Other>("9"))) == code(Errc::not_found));
    CHECK(released(found.phone, push) == "15400059572");
  }
  SECTION("a moved-from permit") {
    const auto kept = std::move(push);
    CHECK(refusal(found.phone, push) == code(Errc::moved_from));  // NOLINT(bugprone-use-after-move)
    CHECK(released(found.phone, kept) == "15400059572");
    CHECK(refusals(vault, Verb::release, Errc::moved_from) == 1);
  }
  SECTION("the vault") {
    REQUIRE(vault.close());
    CHECK(refusal(found.phone, push) == code(Errc::ring_closed));
    CHECK(failure(vault.template get<Account>("u1")) == code(Errc::ring_closed));
    CHECK(failure(vault.put(account)) != fine);
    CHECK(failure(vault.template permit<AccountService>(li, gateway)) == code(Errc::ring_closed));
    home.close();
    CHECK(refusal(found.phone, push) == code(Errc::ring_closed));
  }
  SECTION("another vault") {
    Home<TestType> other;
    const Subject twin = enrol(other.vault(), "u1");
    CHECK(refusal(found.phone, permit<AccountService>(other.vault(), twin)) == code(Errc::wrong_ring));
    CHECK(failure(other->template permit<AccountService>(li, gateway)) != fine);
  }
}

TEMPLATE_TEST_CASE("a permit for several persons is for all or for none", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  std::vector<Subject> people;
  for (const char* uid : {"u1", "u2", "u3"}) {
    people.push_back(enrol(vault, uid));
    Account account = account_of(uid, std::string("1540005000") + uid[1]);
    keep(vault, account);
    consent<PersonalisedPush>(vault, people.back(), notice);
  }
  auto batch = vault.template permit<PersonalisedPush>(people, gateway);
  REQUIRE(batch);
  for (const char* uid : {"u1", "u2", "u3"}) {
    CHECK(released(load<Account>(vault, uid).phone, *batch) == std::string("1540005000") + uid[1]);
  }
  REQUIRE(vault.template withdraw<PersonalisedPush>(people[1]));
  CHECK(refusal(load<Account>(vault, "u2").phone, *batch) == code(Errc::permit_withdrawn));
  CHECK(released(load<Account>(vault, "u3").phone, *batch) == "15400050003");
  CHECK(failure(vault.template permit<PersonalisedPush>(people, gateway)) == code(Errc::consent_withdrawn));
  CHECK(refusals(vault, Verb::permit, Errc::consent_withdrawn) == 3);  // one line for each person asked for
  CHECK(failure(vault.template permit<PersonalisedPush>(std::vector<Subject>{}, gateway)) == code(Errc::not_found));
}

TEMPLATE_TEST_CASE("a child needs a guardian", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  const Subject mother = enrol(vault, "mother");
  const Subject other = enrol(vault, "other");
  const Subject child = enrol(vault, "child", AgeBand::under14);
  Account account = account_of("child");
  CHECK(failure(vault.put(account)) == code(Errc::guardian_missing));
  CHECK(refusals(vault, Verb::store, Errc::guardian_missing) == 1);
  CHECK(failure(vault.template permit<AccountService>(child, gateway)) == code(Errc::guardian_missing));
  CHECK(vault.template permit<RealNameVerify>(child, gateway));  // a duty of law is none
  CHECK(failure(vault.template grant<PersonalisedPush>(child, *Consent<PersonalisedPush>::plain(notice))) ==
        code(Errc::guardian_missing));

  REQUIRE(vault.set_age(child, AgeBand::under14, mother));
  keep(vault, account);
  CHECK(vault.template permit<AccountService>(child, gateway));
  CHECK(failure(vault.template grant<PersonalisedPush>(
            child, *Consent<PersonalisedPush>::guardian(notice, other.handle()))) == code(Errc::guardian_missing));
  REQUIRE(vault.template grant<PersonalisedPush>(child, *Consent<PersonalisedPush>::guardian(notice, mother.handle())));
  const auto push = permit<PersonalisedPush>(vault, child);
  CHECK(released(load<Account>(vault, "child").phone, push) == "15400059572");

  REQUIRE(vault.set_age(child, AgeBand::from14to17));  // the birthday: the guardian's yes ends
  CHECK(refusal(load<Account>(vault, "child").phone, push) == code(Errc::permit_withdrawn));
  CHECK(failure(vault.template permit<PersonalisedPush>(child, gateway)) == code(Errc::no_consent));
  CHECK(vault.template permit<AccountService>(child, gateway));
  const Subject cared = enrol(vault, "cared", AgeBand::under14, mother);
  CHECK(vault.template permit<AccountService>(cared, gateway));
}

TEMPLATE_TEST_CASE("storing needs a live basis for every field that is set", "[vault]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  const Subject li = enrol(vault, "u1");
  Taste taste;
  taste.uid = std::string("u1");
  keep(vault, taste);  // nothing set, nothing to ask
  taste.tags = std::string("tea");
  CHECK(failure(vault.put(taste)) == code(Errc::no_live_basis));
  const Line line = last_line(vault);
  CHECK(line == Line{Verb::store, false, Errc::no_live_basis, li.handle(), "", "", "", "taste", "tags", "",
                     Level::grade1, home.clock.now()});
  consent<PersonalisedPush>(vault, li, notice);
  keep(vault, taste);
  REQUIRE(vault.template withdraw<PersonalisedPush>(li));
  taste.tags = std::string("coffee");
  CHECK(failure(vault.put(taste)) == code(Errc::no_live_basis));
  Account account = account_of("u1");  // the other purposes of its fields carry it
  keep(vault, account);
  account.uid = std::string("stranger");
  CHECK(failure(vault.put(account)) == code(Errc::not_found));
}

TEMPLATE_TEST_CASE("every answer is in the log, with who, for whom, why and what", "[vault]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Instant now = home.clock.now();
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  const Subject li = enrol(vault, "u1");
  const Handle h = li.handle();
  Account account = account_of("u1");
  account.id_number = std::string("459999197310212864");
  keep(vault, account);
  consent<PersonalisedPush>(vault, li, notice);
  const auto push = permit<PersonalisedPush>(vault, li);
  CHECK(released(account.phone, push) == "15400059572");
  CHECK(released(account.id_number, permit<RealNameVerify>(vault, li)) != "");
  REQUIRE(vault.template withdraw<PersonalisedPush>(li));
  CHECK(refusal(account.phone, push) == code(Errc::permit_withdrawn));
  CHECK_FALSE(vault.template permit<PersonalisedPush>(li, gateway));
  REQUIRE(vault.template decline<LocationShare>(li));
  REQUIRE(vault.template object<MessageDelivery>(li));
  REQUIRE(vault.erase(li));
  CHECK(refusal(account.phone, push) == code(Errc::destroyed));
  CHECK(failure(vault.erase(li)) == code(Errc::destroyed));

  constexpr Errc none = Errc::malformed;
  const std::vector<Line> wanted{
      {Verb::open, true, none, {}, "", "", "", "", "", "", Level::grade1, now},
      {Verb::register_, true, none, h, "", "", "", "person", "", "", Level::grade1, now},
      {Verb::consent, true, none, h, "push.personalised", "", "", "", "", "", Level::grade4, now},
      {Verb::permit, true, none, h, "push.personalised", "api", "gateway", "", "", "", Level::grade1, now},
      {Verb::release, true, none, h, "push.personalised", "api", "gateway", "account", "phone", "test", Level::grade3,
       now},
      {Verb::permit, true, none, h, "real_name.verify", "api", "gateway", "", "", "", Level::grade1, now},
      {Verb::release, true, none, h, "real_name.verify", "api", "gateway", "account", "id_number", "test",
       Level::grade4, now},
      {Verb::withdraw, true, none, h, "push.personalised", "", "", "", "", "", Level::grade4, now},
      {Verb::release, false, Errc::permit_withdrawn, h, "push.personalised", "api", "gateway", "account", "phone",
       "test", Level::grade3, now},
      {Verb::permit, false, Errc::consent_withdrawn, h, "push.personalised", "api", "gateway", "", "", "",
       Level::grade1, now},
      {Verb::decline, true, none, h, "location.share", "", "", "", "", "", Level::grade4, now},
      {Verb::object, true, none, h, "message.delivery", "", "", "", "", "", Level::grade4, now},
      {Verb::erase, true, none, h, "", "", "", "", "", "", Level::grade1, now},
      {Verb::release, false, Errc::destroyed, h, "push.personalised", "api", "gateway", "account", "phone", "test",
       Level::grade3, now},
      {Verb::erase, false, Errc::destroyed, h, "", "", "", "", "", "", Level::grade1, now},
  };
  const auto all = lines(vault);
  CHECK(all.size() == wanted.size());
  for (std::size_t i = 0; i != std::min(all.size(), wanted.size()); ++i) CHECK(all[i] == wanted[i]);
  const LogVerdict verdict = independent_verdict(vault);
  CHECK(verdict.ok);
  CHECK(verdict.size == wanted.size());
  CHECK(*vault.audit().verify() == wanted.size());
}

TEMPLATE_TEST_CASE("a person's export holds what the person wrote, and is on record", "[vault]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  const Subject wu = enrol(vault, "u2");
  Account account = account_of("u1");
  keep(vault, account);
  const Conversation room = converse(vault, {li, wu});
  Message mine = message_of("m1", room, "u1", "u2", "mine");
  Message theirs = message_of("m2", room, "u2", "u1", "theirs");
  keep(vault, mine);
  keep(vault, theirs);
  const auto duty = permit<RealNameVerify>(vault, li);
  std::vector<std::string> given;
  const auto visit = [&](std::string_view record, std::uint64_t, const auto& field, const std::string& value) {
    given.push_back(std::string(record) + "." + field.name + "=" + value);
  };
  const auto count = vault.template export_subject<Account, Message>(li, duty, visit);
  REQUIRE(count);
  CHECK(*count == 3);
  CHECK(given ==
        std::vector<std::string>{"account.phone=15400059572", "account.email=li@mail.example", "message.body=mine"});
  const auto all = lines(vault);
  CHECK(std::count_if(all.begin(), all.end(), [](const Line& l) { return l.verb == Verb::provide && l.granted; }) == 3);

  StoredRow row = stored_row<Account>(vault, "u1");  // what cannot be read is not passed over in silence
  cell_of(row, detail::key_cell).value.back() ^= std::byte{1};
  REQUIRE(vault.store().put_row(row));
  CHECK(*vault.template export_subject<Account>(li, duty, visit) == 0);
  CHECK(refusals(vault, Verb::provide, Errc::tampered) == 1);
}
