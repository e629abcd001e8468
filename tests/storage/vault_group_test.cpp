// SPDX-License-Identifier: Apache-2.0
// Records whose fields are sealed together, through a vault: rows, searches, releases of a program, retention, rotation.
#include "vault_support.hpp"

using namespace custody_test;

namespace {

using Text = Personal<std::string, AccountService>;

/// One record through the releases of a program; every struct stands for one of them.
struct Alone : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  Text phone;
  Text email;
  Text name;
  Text code;
  using custody_fields = Fields<record<"profile", 60>, key<&Alone::uid>, owner<&Alone::uid>,
                                field<3, "phone", &Alone::phone, Category::phone, indexed<phone_e164>>,
                                field<1, "email", &Alone::email, Category::email, indexed<email_case>>,
                                field<2, "name", &Alone::name, Category::nickname>,
                                field<4, "code", &Alone::code, Category::bio, retained<keep_for<calendar_days(1)>>>>;
};
struct Together : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  Text phone;
  Text email;
  Text name;
  Text code;
  using custody_fields = Fields<record<"profile", 60>, key<&Together::uid>, owner<&Together::uid>,
                                field<3, "phone", &Together::phone, Category::phone, indexed<phone_e164>>,
                                field<1, "email", &Together::email, Category::email, indexed<email_case>>,
                                field<2, "name", &Together::name, Category::nickname>,
                                field<4, "code", &Together::code, Category::bio, retained<keep_for<calendar_days(1)>>>,
                                sealed_together<&Together::phone, &Together::email, &Together::name>>;
};
/// The e-mail address is kept for a day, the name for two.
struct Shorter : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  Text phone;
  Text email;
  Text name;
  Text code;
  using custody_fields = Fields<
      record<"profile", 60>, key<&Shorter::uid>, owner<&Shorter::uid>,
      field<3, "phone", &Shorter::phone, Category::phone, indexed<phone_e164>>,
      field<1, "email", &Shorter::email, Category::email, indexed<email_case>, retained<keep_for<calendar_days(1)>>>,
      field<2, "name", &Shorter::name, Category::nickname, retained<keep_for<calendar_days(2)>>>,
      field<4, "code", &Shorter::code, Category::bio, retained<keep_for<calendar_days(1)>>>>;
};

struct Post : Retained<keep_for<calendar_days(180)>> {
  Public<std::string> id;
  Public<Conversation> room;
  Public<std::string> author;
  Classified<Personal<std::string, MessageDelivery>, Level::grade4> title;
  Classified<Personal<std::string, MessageDelivery>, Level::grade4> body;
  using custody_fields =
      Fields<record<"post", 62>, key<&Post::id>, conversation<&Post::room>, owner<&Post::author>,
             field<1, "title", &Post::title, Category::message_body>,
             field<2, "body", &Post::body, Category::message_body>, sealed_together<&Post::title, &Post::body>>;
};

/// Grave fields, and a purpose that the first was not collected for.
using GraveText = Classified<Text, Level::grade4>;
using WiderText = Classified<Personal<std::string, AccountService, RealNameVerify>, Level::grade4>;
struct Was : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  GraveText one;
  GraveText other;
  using custody_fields =
      Fields<record<"dossier", 64>, key<&Was::uid>, owner<&Was::uid>, field<1, "one", &Was::one, Category::bio>,
             field<2, "other", &Was::other, Category::bio>>;
};
struct Is : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  WiderText one;
  GraveText other;
  using custody_fields = Fields<record<"dossier", 64>, key<&Is::uid>, owner<&Is::uid>,
                                field<1, "one", &Is::one, Category::bio, formerly<"one", GraveText>>,
                                field<2, "other", &Is::other, Category::bio>>;
};

template <class Record>
Record profile() {
  Record made;
  made.uid = std::string("li");
  made.phone = std::string("15400059572");
  made.email = std::string("li@mail.example");
  made.name = std::string("Li Lei");
  return made;
}
template <class Box, class Record>
void check_profile(Box& vault, std::string_view name = "Li Lei") {
  const auto grant = permit<AccountService>(vault, *vault.find("li"));
  const auto found = vault.template find_by<&Record::phone>("+86 154 0005 9572");
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(released(found->front().phone, grant) == "15400059572");
  CHECK(released(found->front().email, grant) == "li@mail.example");
  CHECK(released(found->front().name, grant) == name);
  CHECK(vault.template find_by<&Record::email>("li@mail.example")->size() == 1);
}
/// The row's sealed cells but that of its key.
std::vector<const StoredCell*> sealed_cells(const StoredRow& row) {
  std::vector<const StoredCell*> all;
  for (const StoredCell& cell : row.cells) {
    if (cell.kind == CellKind::sealed && cell.field != detail::key_cell) all.push_back(&cell);
  }
  return all;
}
[[nodiscard]] std::size_t members(const StoredCell& cell) { return detail::member_count_of(cell.value); }

}  // namespace

TEMPLATE_TEST_CASE("fields sealed together are one cell of their row, and are found as before", "[vault][group]",
                   MemoryStore, SqliteStore) {
  Home<TestType> home;
  static_cast<void>(enrol(home.vault(), "li"));
  auto record = profile<Together>();
  keep(home.vault(), record);
  check_profile<typename Home<TestType>::Box, Together>(home.vault());
  const StoredRow first = stored_row<Together>(home.vault(), "li");
  REQUIRE(sealed_cells(first).size() == 1);
  CHECK(members(*sealed_cells(first).front()) == 3);

  Together loaded = load<Together>(home.vault(), "li");
  const auto& bytes = detail::CellOffice::cell(loaded.phone).bytes();
  CHECK(detail::CellOffice::cell(loaded.email).bytes().same_as(bytes));
  CHECK(detail::CellOffice::cell(loaded.name).bytes().same_as(bytes));
  keep(home.vault(), loaded);  // nothing changed: the same bytes
  CHECK(sealed_cells(stored_row<Together>(home.vault(), "li")).front()->value == sealed_cells(first).front()->value);
  loaded.name = std::string("Li Ming");
  keep(home.vault(), loaded);
  CHECK(sealed_cells(stored_row<Together>(home.vault(), "li")).front()->value != sealed_cells(first).front()->value);
  if constexpr (Home<TestType>::on_disk) {
    home.close();
    home.open();
  }
  check_profile<typename Home<TestType>::Box, Together>(home.vault(), "Li Ming");
  loaded = load<Together>(home.vault(), "li");
  loaded.phone = std::string("15400050009");
  keep(home.vault(), loaded);
  CHECK(home->template find_by<&Together::phone>("15400059572")->empty());
  CHECK(home->template find_by<&Together::phone>("15400050009")->size() == 1);
  CHECK(home->template find_by<&Together::email>("li@mail.example")->size() == 1);
  loaded.email.reset();
  keep(home.vault(), loaded);
  CHECK(home->template find_by<&Together::email>("li@mail.example")->empty());
  CHECK(members(*sealed_cells(stored_row<Together>(home.vault(), "li")).front()) == 2);
  REQUIRE(home->erase(*home->find("li")));
  CHECK(failure(home->template get<Together>("li")) != fine);
}

TEMPLATE_TEST_CASE("a release that seals together, and one that no longer does, read each other's rows",
                   "[vault][group][evolution]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  using Box = typename Home<TestType>::Box;
  static_cast<void>(enrol(home.vault(), "li"));
  auto old = profile<Alone>();
  keep(home.vault(), old);
  CHECK(sealed_cells(stored_row<Alone>(home.vault(), "li")).size() == 3);
  check_profile<Box, Together>(home.vault());
  auto record = load<Together>(home.vault(), "li");
  keep(home.vault(), record);
  CHECK(sealed_cells(stored_row<Alone>(home.vault(), "li")).size() == 1);
  check_profile<Box, Together>(home.vault());
  check_profile<Box, Alone>(home.vault());
  auto back = load<Alone>(home.vault(), "li");
  keep(home.vault(), back);
  CHECK(sealed_cells(stored_row<Alone>(home.vault(), "li")).size() == 3);
  const StoredRow apart = stored_row<Alone>(home.vault(), "li");
  for (const StoredCell* cell : sealed_cells(apart)) CHECK(cell->value[0] == std::byte{0xC1});
  check_profile<Box, Alone>(home.vault());
  check_profile<Box, Together>(home.vault());
}

TEMPLATE_TEST_CASE("a member whose time is over is cut out of its group, and the rest stays as it is",
                   "[vault][group][sweep]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  static_cast<void>(enrol(home.vault(), "li"));
  auto record = profile<Together>();
  record.code = std::string("831 2");
  keep(home.vault(), record);
  const StoredRow before = stored_row<Together>(home.vault(), "li");
  REQUIRE(sealed_cells(before).size() == 2);

  detail::SweptRecord shorter{&detail::shape_of<Shorter>::facts, detail::known_records(), nullptr, 0};
  detail::known_records() = &shorter;
  home.clock.advance(hours(25));
  const auto first = home->sweep();
  home.clock.advance(days(1));
  const StoredRow between = stored_row<Together>(home.vault(), "li");
  const auto second = home->sweep();
  detail::known_records() = shorter.next;
  REQUIRE((first && second));
  CHECK(first->fields_removed == 2);
  CHECK(second->fields_removed == 1);

  const auto value_of = [](const StoredRow& row, std::uint16_t number) {
    const StoredCell* cell = detail::find_cell(row, number);
    if (cell == nullptr) return Bytes{};
    const auto own = detail::FieldBytes::of(cell->value, number);
    Bytes out(own.size());
    own.write(out.data());
    return out;
  };
  REQUIRE(sealed_cells(between).size() == 1);
  CHECK(sealed_cells(between).front()->field == 2);
  CHECK(members(*sealed_cells(between).front()) == 2);
  CHECK(value_of(between, 1).empty());
  CHECK(value_of(between, 2) == value_of(before, 2));
  CHECK(value_of(between, 3) == value_of(before, 3));
  const StoredRow after = stored_row<Together>(home.vault(), "li");
  REQUIRE(sealed_cells(after).size() == 1);
  CHECK(sealed_cells(after).front()->field == 3);
  CHECK(value_of(after, 3) == value_of(before, 3));
  const auto grant = permit<AccountService>(home.vault(), *home->find("li"));
  const Together left = load<Together>(home.vault(), "li");
  CHECK(released(left.phone, grant) == "15400059572");
  CHECK_FALSE(left.email.has_value());
  CHECK_FALSE(left.name.has_value());
  CHECK(home->template find_by<&Together::email>("li@mail.example")->empty());
  StoredRow last = after;
  detail::cut_field(last, 3);
  CHECK(detail::find_cell(last, 3) == nullptr);
  CHECK(sealed_cells(last).empty());
}

TEMPLATE_TEST_CASE("a group moves to a new key as a whole, and the old one ends", "[vault][group][rotation]",
                   MemoryStore, SqliteStore) {
  Home<TestType> home;
  const Subject li = enrol(home.vault(), "li");
  auto record = profile<Together>();
  keep(home.vault(), record);
  REQUIRE(home->rotate(li));
  CHECK(failure(home->retire(li)) == code(Errc::in_use));
  Reseal at;
  while (!at.complete) at = *home->reseal(at, 10);
  CHECK(at.failed + at.skipped == 0);
  CHECK(at.fields >= 3);
  const StoredRow row = stored_row<Together>(home.vault(), "li");
  REQUIRE(sealed_cells(row).size() == 1);
  CHECK(members(*sealed_cells(row).front()) == 3);
  CHECK(EnvelopeHeader::read(sealed_cells(row).front()->value)->generation == 2);
  CHECK(home->retire(li));
  check_profile<typename Home<TestType>::Box, Together>(home.vault());

  StoredRow damaged = row;  // a group that does not open is left alone, on record, and keeps its key alive
  for (StoredCell& cell : damaged.cells) {
    if (detail::is_group(cell)) cell.value.back() ^= std::byte{1};
  }
  REQUIRE(home->store().put_row(damaged));
  REQUIRE(home->rotate(*home->find("li")));
  at = {};
  while (!at.complete) at = *home->reseal(at, 10);
  CHECK(at.failed == 1);
  CHECK(sealed_cells(stored_row<Together>(home.vault(), "li")).front()->value == sealed_cells(damaged).front()->value);
  CHECK(failure(home->retire(*home->find("li"))) == code(Errc::in_use));
}

TEMPLATE_TEST_CASE("who comes back does not get what was said before by an edit of the rest", "[vault][group]",
                   MemoryStore, SqliteStore) {
  Home<TestType> home;
  const Subject li = enrol(home.vault(), "li");
  const Subject wang = enrol(home.vault(), "wang");
  const Conversation room = converse(home.vault(), {li, wang});
  Post post;
  post.id = std::string("p1");
  post.room = room;
  post.author = std::string("li");
  post.title = std::string("before");
  post.body = std::string("hello");
  keep(home.vault(), post);  // under generation 1, of which wang's wrap is destroyed
  REQUIRE(home->leave(room, wang));
  REQUIRE(home->core()->start_generation(room.handle, 3, PermitOffice::states(std::vector<Subject>{li, wang})));

  Post unchanged = load<Post>(home.vault(), "p1");
  keep(home.vault(), unchanged);
  StoredRow row = stored_row<Post>(home.vault(), "p1");
  REQUIRE(sealed_cells(row).size() == 1);
  CHECK(EnvelopeHeader::read(sealed_cells(row).front()->value)->generation == 1);
  Reseal at;
  while (!at.complete) at = *home->reseal(at, 10);
  CHECK(EnvelopeHeader::read(sealed_cells(stored_row<Post>(home.vault(), "p1")).front()->value)->generation == 1);

  Post edited = load<Post>(home.vault(), "p1");
  edited.body = std::string("hello again");
  keep(home.vault(), edited);
  row = stored_row<Post>(home.vault(), "p1");
  CHECK(EnvelopeHeader::read(detail::find_cell(row, 1)->value)->generation == 1);
  CHECK(EnvelopeHeader::read(detail::find_cell(row, 2)->value)->generation == 3);
  const Post seen = load<Post>(home.vault(), "p1");
  const auto lis = permit<MessageDelivery>(home.vault(), li);
  const auto wangs = permit<MessageDelivery>(home.vault(), wang);
  CHECK(released(seen.title, lis) == "before");
  CHECK(released(seen.body, lis) == "hello again");
  CHECK(released(seen.title, wangs) == "<" + std::string(text(Errc::destroyed)) + ">");
  keep(home.vault(), edited);
  CHECK(released(load<Post>(home.vault(), "p1").title, lis) == "before");
  row = stored_row<Post>(home.vault(), "p1");
  Post same = load<Post>(home.vault(), "p1");
  keep(home.vault(), same);  // nothing changed: byte for byte what it was
  const StoredRow now = stored_row<Post>(home.vault(), "p1");
  for (const auto number : {std::uint16_t{1}, std::uint16_t{2}})
    CHECK(detail::find_cell(now, number)->value == detail::find_cell(row, number)->value);
}

TEMPLATE_TEST_CASE(
    "a field of an earlier declaration that may not be renewed moves to a new key and version all the same",
    "[vault][rotation][evolution]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  const Subject li = enrol(home.vault(), "li");
  Was was;
  was.uid = std::string("li");
  was.one = std::string("one");
  was.other = std::string("other");
  keep(home.vault(), was);
  const auto grant = permit<AccountService>(home.vault(), li);
  Is is = load<Is>(home.vault(), "li");
  is.other = std::string("another");
  keep(home.vault(), is);  // a new version of the row's grave data
  CHECK(released(load<Is>(home.vault(), "li").one, grant) == "one");
  REQUIRE(home->rotate(li));
  Reseal at;
  while (!at.complete) at = *home->reseal(at, 10);
  CHECK(at.skipped == 0);
  CHECK(home->retire(li));
  is = load<Is>(home.vault(), "li");
  CHECK(released(is.one, grant) == "one");
  CHECK(released(is.one, permit<RealNameVerify>(home.vault(), li)) ==
        "<" + std::string(text(Errc::purpose_not_then)) + ">");  // and serves no more than it did
}

TEMPLATE_TEST_CASE("a damaged group is an error of its fields, never no value, and is not stored over",
                   "[vault][group][attack]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  static_cast<void>(enrol(home.vault(), "li"));
  auto record = profile<Together>();
  keep(home.vault(), record);
  const auto grant = permit<AccountService>(home.vault(), *home->find("li"));
  const StoredRow sound = stored_row<Together>(home.vault(), "li");
  const auto with = [&](auto change) {
    StoredRow row = sound;
    for (StoredCell& cell : row.cells) {
      if (detail::is_group(cell)) change(cell.value);
    }
    REQUIRE(home->store().put_row(row));
    return load<Together>(home.vault(), "li");
  };
  const auto refuses = [&](Together loaded, Errc code_of) {
    const std::string expected = "<" + std::string(text(code_of)) + ">";
    CHECK(released(loaded.email, grant) == expected);
    CHECK(released(loaded.name, grant) == expected);
    CHECK(released(loaded.phone, grant) == expected);
    CHECK_FALSE(loaded.code.has_value());  // has a cell of its own, which says so
    CHECK(failure(loaded.code.ingested()) == fine);
    CHECK(failure(home->put(loaded)) == code(code_of));
    loaded.phone = std::string("15400050009");
    CHECK(failure(home->put(loaded)) == code(code_of));
  };
  refuses(with([](Bytes& group) { group.pop_back(); }), Errc::malformed);
  refuses(with([](Bytes& group) { group.push_back(std::byte{0}); }), Errc::malformed);
  refuses(with([](Bytes& group) { group[30 + 3] ^= std::byte{0x80}; }), Errc::malformed);  // a length
  refuses(with([](Bytes& group) { group[30] = std::byte{9}; }), Errc::malformed);  // a number: above the next
  refuses(with([](Bytes& group) { group[1] = std::byte{0x7f}; }), Errc::suite_unavailable);
  refuses(with([](Bytes& group) { group.resize(20); }), Errc::truncated);
  const Together loaded = with([](Bytes&) {});
  CHECK(released(loaded.email, grant) == "li@mail.example");
}

TEMPLATE_TEST_CASE("two cells of a row that claim one field are both cut", "[vault][group][attack]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  static_cast<void>(enrol(home.vault(), "li"));
  auto record = profile<Together>();
  keep(home.vault(), record);
  const StoredRow first = stored_row<Together>(home.vault(), "li");
  auto changed = load<Together>(home.vault(), "li");
  changed.name = std::string("Li Ming");
  keep(home.vault(), changed);
  StoredRow both = stored_row<Together>(home.vault(), "li");
  for (const StoredCell& cell : first.cells) {
    if (!detail::is_group(cell)) continue;
    both.cells.push_back(cell);  // an older group of the row beside the newer, under a number that no field has
    both.cells.back().field = 99;
    both.cells.push_back(detail::without_member(detail::without_member(cell, 1), 3));  // and its member 2 alone
  }
  REQUIRE(home->store().put_row(both));
  const auto grant = permit<AccountService>(home.vault(), *home->find("li"));
  CHECK(released(load<Together>(home.vault(), "li").name, grant) == "Li Ming");  // the first of the row
  const auto claims = [](const StoredRow& row, std::uint16_t number) {
    return std::count_if(row.cells.begin(), row.cells.end(),
                         [&](const StoredCell& cell) { return detail::holds_field(cell, number); });
  };
  CHECK(claims(both, 1) == 2);
  CHECK(claims(both, 2) == 3);
  StoredRow cut = both;
  detail::cut_field(cut, 2);
  CHECK(claims(cut, 2) == 0);
  CHECK(claims(cut, 1) == 2);
  CHECK(claims(cut, 3) == 2);
  detail::cut_field(cut, 1);
  detail::cut_field(cut, 3);
  CHECK(claims(cut, 1) + claims(cut, 3) == 0);
  CHECK(sealed_cells(cut).empty());
  auto loaded = load<Together>(home.vault(), "li");
  loaded.phone = std::string("15400050009");
  keep(home.vault(), loaded);  // a put writes each field once
  CHECK(claims(stored_row<Together>(home.vault(), "li"), 2) == 1);
}
