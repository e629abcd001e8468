// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"
#include "world.hpp"

#include <optional>

#include <custody/data/migration.hpp>

using namespace custody_test;

namespace {

using Moving = c::Migration<Account>;

Moving opened(World& world) {
  auto made = Moving::open(world.ring());
  REQUIRE(made);
  return *made;
}

/// A host's table: the column and the marker that the host added.
struct Row {
  std::string id;
  std::string phone;
  int form = 0;
};

/// The host's sweep: stops, as if killed, after `steps` writes.
std::size_t sweep(World& world, const Moving& moving, const c::Subject& person, std::vector<Row>& table,
                  std::size_t steps) {
  std::size_t done = 0;
  for (Row& row : table) {
    if (row.form != 0) continue;
    if (done == steps) break;
    const auto place = world.row<Account>(row.id, person);
    Account account;
    REQUIRE(moving.read<&Account::phone>(place, row.phone, *c::row_form(row.form), account.phone));
    const auto text = c::at_rest::text(account.phone);
    REQUIRE(text);
    Account back;
    REQUIRE(c::at_rest::from_text<&Account::phone>(place, *text, back.phone));
    REQUIRE(moving.intact<&Account::phone>(back.phone));
    row.phone = *text;  // one statement: UPDATE ... SET phone = ?, form = 1
    row.form = 1;
    ++done;
  }
  return done;
}

std::size_t remaining(const std::vector<Row>& table) {
  std::size_t count = 0;
  for (const Row& row : table) count += row.form == 0 ? 1U : 0U;
  return count;
}

}  // namespace

TEST_CASE("only the root lets clear rows in, and nothing lets them in after refuse_clear but the root") {
  World world;
  const auto person = world.person("u1");
  const auto place = world.row<Account>("1", person);
  const auto moving = opened(world);
  CHECK_FALSE(*moving.accepts_clear());
  Account account;
  CHECK(failure(moving.read<&Account::phone>(place, "154", c::RowForm::clear, account.phone)) ==
        code(c::Errc::clear_refused));
  CHECK(world.witness.last().reason == c::Errc::clear_refused);
  CHECK(world.witness.last().verb == c::Verb::read);
  CHECK(world.witness.last().field == "phone");
  CHECK(world.witness.last().subject == person.handle());

  CHECK(failure(moving.reopen(root_of('x'))) == code(c::Errc::wrong_root));
  CHECK_FALSE(*moving.accepts_clear());
  REQUIRE(moving.reopen(root_of('r')));
  CHECK(*moving.accepts_clear());
  CHECK(moving.read<&Account::phone>(place, "154", c::RowForm::clear, account.phone));
  CHECK(released(account.phone, world.permit<AccountService>(person)) == "154");

  REQUIRE(moving.refuse_clear());
  CHECK(failure(moving.read<&Account::phone>(place, "154", c::RowForm::clear, account.phone)) ==
        code(c::Errc::clear_refused));
  CHECK(failure(moving.reopen(root_of('x'))) == code(c::Errc::wrong_root));
  REQUIRE(moving.reopen(root_of('r')));
  CHECK(*moving.accepts_clear());
}

TEST_CASE("the state is a fact of the key store: shared, lasting, and not to be forged") {
  World world;
  const auto moving = opened(world);
  REQUIRE(moving.reopen(root_of('r')));
  const auto open_fact = world.keys->get_fact("migration.account");
  REQUIRE(open_fact);
  const auto other = opened(world);
  REQUIRE(other.refuse_clear());
  CHECK_FALSE(*moving.accepts_clear());  // follows at once
  const auto closed_fact = world.keys->get_fact("migration.account");
  REQUIRE(closed_fact);

  c::Bytes forged = *closed_fact;
  forged[0] = (*open_fact)[0];
  REQUIRE(world.keys->put_fact("migration.account", forged));
  CHECK(failure(moving.accepts_clear()) == code(c::Errc::tampered));
  CHECK(failure(Moving::open(world.ring())) == code(c::Errc::tampered));
  for (std::size_t size = 0; size != closed_fact->size(); ++size) {
    REQUIRE(world.keys->put_fact("migration.account", c::ByteView(*closed_fact).first(size)));
    CHECK(failure(moving.accepts_clear()) == code(c::Errc::tampered));
  }
  for (std::size_t bit = 0; bit != closed_fact->size() * 8; ++bit) {
    c::Bytes flipped = *closed_fact;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    REQUIRE(world.keys->put_fact("migration.account", flipped));
    CHECK(failure(moving.accepts_clear()) == code(c::Errc::tampered));
  }
  // another record's fact is none of this one
  REQUIRE(world.keys->put_fact("migration.contact", *open_fact));
  CHECK(failure(c::Migration<Contact>::open(world.ring())) == code(c::Errc::tampered));

  REQUIRE(world.keys->put_fact("migration.account", *closed_fact));
  world.close();
  CHECK(failure(moving.accepts_clear()) == code(c::Errc::ring_closed));
  world.reopen();
  CHECK_FALSE(*opened(world).accepts_clear());
}

TEST_CASE("the marker says which form a row has, never the look of the text") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto place = world.row<Account>("1", person);
  const auto moving = opened(world);
  REQUIRE(moving.reopen(root_of('r')));
  Account account;
  REQUIRE(moving.read<&Account::phone>(place, "15400059572", c::RowForm::clear, account.phone));
  const auto sealed = c::at_rest::text(account.phone);
  REQUIRE(sealed);

  Account odd;  // somebody whose number looks like an envelope
  REQUIRE(moving.read<&Account::phone>(place, *sealed, c::RowForm::clear, odd.phone));
  CHECK(released(odd.phone, permit) == *sealed);
  REQUIRE(moving.read<&Account::phone>(place, *sealed, c::RowForm::sealed, odd.phone));
  CHECK(released(odd.phone, permit) == "15400059572");
  CHECK(failure(moving.read<&Account::phone>(place, "15400059572", c::RowForm::sealed, odd.phone)) ==
        code(c::Errc::malformed));
  CHECK(failure(c::row_form(2)) == code(c::Errc::malformed));
  CHECK(failure(moving.read<&Account::phone>(place, "1", static_cast<c::RowForm>(7), odd.phone)) ==
        code(c::Errc::malformed));
  const auto binary = c::at_rest::blob(account.phone);
  REQUIRE(moving.read<&Account::phone>(place, *binary, c::RowForm::sealed, odd.phone));
  CHECK(released(odd.phone, permit) == "15400059572");
  CHECK(moving.taken() == 2);
}

TEST_CASE("a cut envelope is detected at every length") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto place = world.row<Account>("1", person);
  const auto moving = opened(world);
  REQUIRE(moving.reopen(root_of('r')));
  Account account;
  REQUIRE(moving.read<&Account::phone>(place, "15400059572", c::RowForm::clear, account.phone));
  const auto sealed = c::at_rest::text(account.phone);
  for (std::size_t size = 0; size != sealed->size(); ++size) {
    Account cut;
    const std::string column = sealed->substr(0, size);
    if (!moving.read<&Account::phone>(place, column, c::RowForm::sealed, cut.phone)) continue;
    CHECK(failure(moving.intact<&Account::phone>(cut.phone)) == code(c::Errc::tampered));
    CHECK(refusal(cut.phone, permit) == code(c::Errc::tampered));
  }
  CHECK(moving.intact<&Account::phone>(account.phone));
  Account transient;
  transient.phone = "x";
  CHECK(failure(moving.intact<&Account::phone>(transient.phone)) == code(c::Errc::not_bound));
}

TEST_CASE("numbers and passwords in clear are taken too") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto place = world.row<Account>("1", person);
  const auto moving = opened(world);
  REQUIRE(moving.reopen(root_of('r')));
  Account account;
  REQUIRE(moving.take_clear<&Account::birthday>(place, 20'000'101, account.birthday));
  std::int64_t seen = 0;
  REQUIRE(account.birthday.release(permit, c::sink<AccountService, "test">([&](std::int64_t v) { seen = v; })));
  CHECK(seen == 20'000'101);
  REQUIRE(moving.read<&Account::password>(place, std::string("hunter2"), c::RowForm::clear, account.password));
  CHECK(*account.password.matches(permit, "hunter2"));
}

TEST_CASE("a sweep that is killed anywhere is resumed, and every row stays readable") {
  for (std::size_t crash = 0; crash != 8; ++crash) {
    World world;
    const auto person = world.person("u1");
    std::vector<Row> table;
    for (int i = 0; i != 7; ++i) table.push_back({"row" + std::to_string(i), "1540000000" + std::to_string(i), 0});
    REQUIRE(opened(world).reopen(root_of('r')));
    CHECK(sweep(world, opened(world), person, table, crash) == std::min<std::size_t>(crash, 7));
    world.close();
    world.reopen();
    const auto back = world.person("u1");
    const auto permit = world.permit<AccountService>(back);
    const auto moving = opened(world);
    for (const Row& row : table) {  // reads go on meanwhile
      Account account;
      REQUIRE(moving.read<&Account::phone>(world.row<Account>(row.id, back), row.phone, *c::row_form(row.form),
                                           account.phone));
      CHECK(released(account.phone, permit) == "1540000000" + row.id.substr(3));
    }
    const std::size_t left = remaining(table);
    CHECK(sweep(world, moving, back, table, 100) == left);
    CHECK(remaining(table) == 0);
    REQUIRE(moving.refuse_clear());
    for (const Row& row : table) {
      Account account;
      REQUIRE(moving.read<&Account::phone>(world.row<Account>(row.id, back), row.phone, *c::row_form(row.form),
                                           account.phone));
      CHECK(released(account.phone, permit) == "1540000000" + row.id.substr(3));
    }
  }
}

TEST_CASE("a crash between the column and its marker cannot happen in one statement, and shows when it is two") {
  World world;
  const auto person = world.person("u1");
  const auto place = world.row<Account>("1", person);
  const auto moving = opened(world);
  REQUIRE(moving.reopen(root_of('r')));
  Account account;
  REQUIRE(moving.read<&Account::phone>(place, "154", c::RowForm::clear, account.phone));
  const auto sealed = c::at_rest::text(account.phone);
  // marker first, column not yet: refused instead of taken for a value
  CHECK(failure(moving.read<&Account::phone>(place, "154", c::RowForm::sealed, account.phone)) ==
        code(c::Errc::malformed));
  // the sealed text of another row, whatever the marker
  Account other;
  const auto elsewhere = world.row<Account>("2", person);
  REQUIRE(moving.read<&Account::phone>(elsewhere, *sealed, c::RowForm::sealed, other.phone));
  CHECK(failure(moving.intact<&Account::phone>(other.phone)) == code(c::Errc::tampered));
}

TEST_CASE("without evidence no decision; an erased person's clear rows are not taken") {
  World world;
  const auto person = world.person("u1");
  const auto place = world.row<Account>("1", person);
  const auto moving = opened(world);
  world.witness.failing = true;
  CHECK(failure(moving.reopen(root_of('r'))) == code(c::Errc::evidence_unwritable));
  CHECK_FALSE(*moving.accepts_clear());
  world.witness.failing = false;
  REQUIRE(moving.reopen(root_of('r')));
  world.witness.failing = true;
  CHECK(failure(moving.refuse_clear()) == code(c::Errc::evidence_unwritable));
  CHECK(*moving.accepts_clear());
  world.witness.failing = false;
  REQUIRE(world.ring().erase(person));
  Account account;
  CHECK(failure(moving.read<&Account::phone>(place, "154", c::RowForm::clear, account.phone)) ==
        code(c::Errc::destroyed));
}
