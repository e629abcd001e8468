// SPDX-License-Identifier: Apache-2.0
#include "vault_support.hpp"

using namespace custody_test;

namespace {

constexpr std::int32_t known_years[] = {2023};
constexpr SpecialDay holidays[] = {{{2023, 11, 16}, false},
                                   {{2023, 11, 18}, true}};  // a Thursday off, a Saturday worked

/// Ends with the account, but a law wants it longer.
struct Invoice : Retained<account_life, erase_within<calendar_days(10)>, keep_at_least<calendar_days(100)>> {
  Public<std::string> uid;
  Personal<std::string, AccountService> text;
  using custody_fields = Fields<record<"invoice", 41>, key<&Invoice::uid>, owner<&Invoice::uid>,
                                field<1, "text", &Invoice::text, Category::bio>>;
};

[[nodiscard]] Instant day(std::int32_t year, std::int32_t month, std::int32_t of_month) {
  return {days_since_epoch({year, month, of_month}) * 86'400'000 + start_of_tests.ms % 86'400'000};
}

}  // namespace

TEMPLATE_TEST_CASE("what has ended is not read, before the sweep and after it", "[vault][time]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  const Subject wu = enrol(vault, "u2");
  const Conversation room = converse(vault, {li, wu});
  Message message = message_of("m1", room, "u1", "u2", "hello");
  keep(vault, message);
  Photo photo = photo_of("p1", room, "u1");
  keep(vault, photo);
  const Message held = load<Message>(vault, "m1");
  home.clock.advance(Duration{days(180).ms - 1});
  CHECK(released(load<Message>(vault, "m1").body, permit<MessageDelivery>(vault, li)) == "hello");
  CHECK(vault.sweep()->rows_removed == 0);
  home.clock.advance(Duration{1});
  CHECK(failure(vault.template get<Message>("m1")) == code(Errc::expired));
  CHECK(refusals(vault, Verb::read, Errc::expired) == 1);
  CHECK(refusal(held.body, permit<MessageDelivery>(vault, li)) == code(Errc::expired));
  CHECK(vault.template list<Message>(li)->empty());
  CHECK(vault.template find_by<&Photo::caption>("the lake")->empty());
  const auto swept = vault.sweep();
  REQUIRE(swept);
  CHECK(swept->rows_removed == 2);
  CHECK(failure(vault.template get<Message>("m1")) == code(Errc::not_found));
  CHECK(vault.store().key_store().index_rows_of(li.handle())->size() == 1);  // the user id alone
  CHECK(vault.sweep()->rows_removed == 0);
  const auto all = lines(vault);
  CHECK(std::count_if(all.begin(), all.end(), [](const Line& l) { return l.verb == Verb::sweep && l.granted; }) == 2);
}

TEMPLATE_TEST_CASE("a closed account goes after fifteen working days by the holiday table", "[vault][time]",
                   MemoryStore, SqliteStore) {
  VaultSettings settings;
  settings.calendar = Calendar(known_years, holidays);
  Home<TestType> home(settings);
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  Contact contact = contact_of("c1", "u1");
  contact.nickname = std::string("Lao Li");
  keep(vault, account);
  keep(vault, contact);
  home.clock.advance(days(300));
  CHECK(vault.sweep()->rows_removed == 0);  // the account lives
  CHECK(load<Account>(vault, "u1").phone.has_value());

  home.clock.set(day(2024, 11, 20));
  REQUIRE(vault.close_account(li));  // an unknown year: every day counts, the date comes earlier
  CHECK(stored_row<Account>(vault, "u1").expires == day(2024, 12, 5));
  home.clock.set(day(2024, 11, 22) - Duration{1});
  CHECK(released(load<Contact>(vault, "c1").nickname, permit<AccountService>(vault, li)) == "Lao Li");
  home.clock.advance(Duration{1});
  const Contact late = load<Contact>(vault, "c1");  // a field that ends two days after the closing, not yet swept
  CHECK(refusal(late.nickname, permit<AccountService>(vault, li)) == code(Errc::expired));
  CHECK(refusal(late.phone, permit<AccountService>(vault, li)) == fine);
  CHECK(vault.sweep()->fields_removed == 1);
  CHECK_FALSE(load<Contact>(vault, "c1").nickname.has_value());
  CHECK(released(load<Contact>(vault, "c1").phone, permit<AccountService>(vault, li)) == "15400050001");
  home.clock.set(day(2024, 12, 5));
  CHECK(failure(vault.template get<Account>("u1")) == code(Errc::expired));
  CHECK(vault.sweep()->rows_removed == 2);
  CHECK(last_line(vault).verb == Verb::sweep);
}

TEST_CASE("working days follow the table, weekends and worked weekends", "[vault][time]") {
  VaultSettings settings;
  settings.calendar = Calendar(known_years, holidays);
  Home<MemoryStore> home(settings);
  const Subject li = enrol(home.vault(), "u1");
  Account account = account_of("u1");
  keep(home.vault(), account);
  REQUIRE(home->close_account(li));
  // from Tuesday 14 November: 15, 17, 18 (worked), 20-24, 27 to 1, 4, 5
  CHECK(stored_row<Account>(home.vault(), "u1").expires == day(2023, 12, 5));
  Contact later = contact_of("c1", "u1");  // a row stored after the closing has the same end
  keep(home.vault(), later);
  CHECK(stored_row<Contact>(home.vault(), "c1").expires == day(2023, 12, 5));
  Home<MemoryStore> plain;
  const Subject wu = enrol(plain.vault(), "u1");
  Account theirs = account_of("u1");
  keep(plain.vault(), theirs);
  REQUIRE(plain->close_account(wu));
  CHECK(stored_row<Account>(plain.vault(), "u1").expires == day(2023, 11, 29));
}

TEMPLATE_TEST_CASE("a field with its own term counts from when it was stored", "[vault][time]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Notice notice = full_notice();
  REQUIRE(vault.publish(notice));
  const Subject li = enrol(vault, "u1");
  consent<LocationShare>(vault, li, notice);
  Account account = account_of("u1");
  keep(vault, account);
  home.clock.advance(days(10));
  account = load<Account>(vault, "u1");
  account.location = std::string("30.25,120.16");
  keep(vault, account);
  const auto seen = [&] { return released(load<Account>(vault, "u1").location, permit<LocationShare>(vault, li)); };
  CHECK(seen() == "30.25,120.16");
  home.clock.advance(hours(12));
  Account touched = load<Account>(vault, "u1");  // another field's change is no new collection
  touched.email = std::string("new@mail.example");
  keep(vault, touched);
  home.clock.advance(Duration{hours(12).ms - 1});
  CHECK(vault.sweep()->fields_removed == 0);
  CHECK(seen() == "30.25,120.16");
  home.clock.advance(Duration{1});
  CHECK(refusal(load<Account>(vault, "u1").location, permit<LocationShare>(vault, li)) == code(Errc::expired));
  CHECK(vault.sweep()->fields_removed == 1);
  CHECK_FALSE(load<Account>(vault, "u1").location.has_value());
  CHECK(released(load<Account>(vault, "u1").phone, permit<AccountService>(vault, li)) == "15400059572");
  account = load<Account>(vault, "u1");
  account.location = std::string("31.00,121.00");
  keep(vault, account);
  CHECK(seen() == "31.00,121.00");
}

TEMPLATE_TEST_CASE("a checked field is destroyed by the check", "[vault][time]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  account.id_number = std::string("459999197310212864");
  keep(vault, account);
  home.clock.advance(days(100));
  CHECK(vault.sweep()->fields_removed == 0);
  REQUIRE(vault.template checked<&Account::id_number>("u1"));
  StoredRow row = stored_row<Account>(vault, "u1");
  CHECK(cell_of(row, 3).kind == CellKind::none);
  CHECK_FALSE(load<Account>(vault, "u1").id_number.has_value());
  CHECK(released(load<Account>(vault, "u1").phone, permit<AccountService>(vault, li)) == "15400059572");
  CHECK(failure(vault.template checked<&Account::id_number>("u7")) == code(Errc::not_found));
}

TEMPLATE_TEST_CASE("a legal minimum holds and restricts, and the sweep ends it", "[vault][time]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  Login login = login_of("l1", "u1");
  keep(vault, account);
  keep(vault, login);
  CHECK(failure(vault.template remove<Login>("l1")) == code(Errc::restricted));
  home.clock.advance(days(100));
  Login younger = login_of("l2", "u1");
  keep(vault, younger);
  const auto duty = permit<RealNameVerify>(vault, li);
  const auto made = vault.erase(li);
  REQUIRE(made);
  CHECK_FALSE(made->keys_destroyed);
  CHECK(made->rows_held == 2);
  CHECK(made->rows_removed == 1);
  CHECK(made->held_until == start_of_tests + days(283));
  CHECK(refusal(login.address, duty) == code(Errc::permit_withdrawn));
  CHECK(failure(vault.template permit<RealNameVerify>(li, gateway)) == code(Errc::restricted));
  CHECK(failure(vault.template get<Account>("u1")) == code(Errc::not_found));
  CHECK(failure(vault.put(login)) == code(Errc::restricted));
  CHECK(failure(vault.put(account)) == code(Errc::restricted));
  CHECK(stored_row<Login>(vault, "l1").state == RowState::restricted);
  REQUIRE(vault.consents().lift_restriction(li.handle()));  // even then the row itself is restricted
  CHECK(refusal(load<Login>(vault, "l1").address, permit<RealNameVerify>(vault, li)) == code(Errc::restricted));
  Login again = load<Login>(vault, "l1");
  CHECK(failure(vault.put(again)) == code(Errc::restricted));
  REQUIRE(vault.erase(li));  // asking again changes nothing, but that the person is restricted once more
  CHECK(failure(vault.template permit<RealNameVerify>(li, gateway)) == code(Errc::restricted));
  CHECK(vault.sweep()->rows_removed == 0);

  home.clock.set(start_of_tests + days(183));
  CHECK(vault.sweep()->rows_removed == 1);
  CHECK(failure(vault.template get<Login>("l1")) == code(Errc::not_found));
  CHECK(vault.template get<Login>("l2"));
  home.clock.set(start_of_tests + days(283));
  const auto swept = vault.sweep();
  REQUIRE(swept);
  CHECK(swept->persons_erased == 1);
  CHECK(*vault.store().row_count() == 0);
  CHECK(*vault.store().key_store().destroyed(li.handle()));
  CHECK(failure(vault.find("u1")) == code(Errc::not_found));
  CHECK(independent_verdict(vault).ok);
}

TEMPLATE_TEST_CASE("a legal minimum outlasts the account, unread", "[vault][time]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Invoice invoice;
  invoice.uid = std::string("u1");
  invoice.text = std::string("5 yuan");
  keep(vault, invoice);
  REQUIRE(vault.close_account(li));
  home.clock.advance(days(10));
  CHECK(failure(vault.template get<Invoice>("u1")) == code(Errc::expired));
  CHECK(vault.sweep()->rows_removed == 0);
  CHECK(stored_row<Invoice>(vault, "u1").expires == start_of_tests + days(100));
  CHECK(failure(vault.template get<Invoice>("u1")) == code(Errc::expired));
  home.clock.advance(days(90));
  CHECK(vault.sweep()->rows_removed == 1);
}

TEMPLATE_TEST_CASE("a sweep that stopped anywhere is finished by the next", "[vault][time]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  for (int i = 0; i != 5; ++i) {
    Login login = login_of("l" + std::to_string(i), "u1");
    keep(vault, login);
  }
  REQUIRE(vault.erase(li));
  home.clock.advance(days(183));
  SECTION("after the rows") {
    const StoredRow row = stored_row<Login>(vault, "l3");
    REQUIRE(vault.store().remove_row(row.record, row.tag));
    CHECK(vault.sweep()->persons_erased == 1);
  }
  SECTION("between keys and rows") {
    REQUIRE(vault.store().key_store().destroy(li.handle(), home.clock.now()));
    REQUIRE(vault.core()->destroy(*PermitOffice::state(li)));
    REQUIRE(vault.sweep());
  }
  CHECK(*vault.store().row_count() == 0);
  CHECK(*vault.store().key_store().destroyed(li.handle()));
}

TEMPLATE_TEST_CASE("rows of records nobody declares here do not stop the sweep", "[vault][time]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Taste taste;
  taste.uid = std::string("u1");
  keep(vault, taste);
  REQUIRE(vault.store().begin());
  for (int i = 0; i != 700; ++i) {
    StoredRow row;
    row.record = 4711;
    row.tag[0] = static_cast<std::byte>(i);
    row.tag[1] = static_cast<std::byte>(i >> 8);
    row.owners = {li.handle()};
    row.expires = start_of_tests + days(1);
    REQUIRE(vault.store().put_row(row));
  }
  REQUIRE(vault.store().commit());
  home.clock.advance(days(91));
  const auto swept = vault.sweep();
  REQUIRE(swept);
  CHECK(swept->unknown_records == 700);
  CHECK(swept->rows_removed == 1);
}

TEMPLATE_TEST_CASE("a clock set back opens nothing", "[vault][time]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  const Subject li = enrol(vault, "u1");
  Account account = account_of("u1");
  keep(vault, account);
  home.clock.advance(days(3));
  const auto service = permit<AccountService>(vault, li);
  home.clock.advance(Duration{-minutes(4).ms});  // within the tolerance
  CHECK(refusal(account.phone, service) == fine);
  home.clock.advance(Duration{-days(2).ms});
  CHECK(refusal(account.phone, service) == code(Errc::clock_set_back));
  CHECK(failure(vault.template permit<AccountService>(li, gateway)) == code(Errc::clock_set_back));
  CHECK(failure(vault.template get<Account>("u1")) == code(Errc::clock_set_back));
  CHECK(failure(vault.put(account)) == code(Errc::clock_set_back));
  CHECK(failure(vault.sweep()) == code(Errc::clock_set_back));
  CHECK(failure(vault.erase(li)) == code(Errc::clock_set_back));
  CHECK(refusals(vault, Verb::release, Errc::clock_set_back) == 1);
  CHECK(refusals(vault, Verb::sweep, Errc::clock_set_back) == 1);
  home.clock.advance(days(2));
  CHECK(refusal(account.phone, permit<AccountService>(vault, li)) == fine);
}

TEST_CASE("a clock set back between two runs is noticed", "[vault][time][sqlite]") {
  Home<SqliteStore> home;
  const Subject li = enrol(home.vault(), "u1");
  home.clock.advance(days(30));
  static_cast<void>(permit<AccountService>(home.vault(), li));
  home.close();
  home.clock.advance(Duration{-days(20).ms});
  CHECK(failure(home.try_open()) == code(Errc::clock_set_back));
  home.clock.advance(days(20));
  home.open();
  CHECK(refusals(home.vault(), Verb::open, Errc::clock_set_back) == 1);
  CHECK(home->find("u1"));
}
