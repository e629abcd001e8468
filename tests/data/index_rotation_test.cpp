// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"
#include "world.hpp"

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include <custody/data/index_rotation.hpp>

using namespace custody_test;

namespace {

using OtherProduct = c::Product<"demo-in", c::Region::CN, AccountService, MessageDelivery, RealNameVerify,
                                CustomerSupport, PersonalisedPush>;

/// One number under many indexes.
struct Numbers : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  using Text = c::Personal<std::string, AccountService>;
  c::Public<std::string> uid;
  Text a, b, as_is, cut, cut_more, costly, both;
  c::Personal<std::int64_t, AccountService> year;
  using custody_fields = c::Fields<
      c::record<"numbers", 9>, c::key<&Numbers::uid>, c::owner<&Numbers::uid>,
      c::field<1, "a", &Numbers::a, c::Category::phone, c::indexed<c::phone_e164>>,
      c::field<2, "b", &Numbers::b, c::Category::phone, c::indexed<c::phone_e164>>,
      c::field<3, "as_is", &Numbers::as_is, c::Category::phone, c::indexed<c::exact>>,
      c::field<4, "cut", &Numbers::cut, c::Category::phone, c::indexed<c::phone_e164, c::truncated<64>>>,
      c::field<5, "cut_more", &Numbers::cut_more, c::Category::phone, c::indexed<c::phone_e164, c::truncated<56>>>,
      c::field<6, "costly", &Numbers::costly, c::Category::phone, c::indexed<c::phone_e164, c::stretched>>,
      c::field<7, "both", &Numbers::both, c::Category::phone,
               c::indexed<c::phone_e164, c::stretched, c::truncated<64>>>,
      c::field<8, "year", &Numbers::year, c::Category::birthday, c::indexed<c::exact, c::truncated<4>>>>;
};
/// The same numbers and names of fields in another record.
struct Others : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  c::Personal<std::string, AccountService> a;
  using custody_fields = c::Fields<c::record<"numbers", 10>, c::key<&Others::uid>, c::owner<&Others::uid>,
                                   c::field<1, "a", &Others::a, c::Category::phone, c::indexed<c::phone_e164>>>;
};

constexpr std::string_view number = "+8613800138000";

/// The first 56 bits of a lookup, which every index of this test keeps.
template <auto Member, class AnyWorld>
std::string start_of(AnyWorld& world, std::string_view text = number) {
  auto found = world.ring().template lookup<Member>(text);
  REQUIRE(found);
  return std::string(c::as_text(c::ByteView(found->bytes()).first(7)));
}

/// A host's own table: rows by the bytes of a lookup.
using Table = std::multimap<c::IndexValue, Account>;
std::size_t hits(const c::IndexRotation& rotation, const Table& table, std::string_view text) {
  const auto wanted = rotation.lookups<&Account::phone>(text);
  REQUIRE(wanted);
  std::size_t found = table.count(wanted->newest.bytes());
  if (wanted->rotating) found += table.count(wanted->older.bytes());
  return found;
}

}  // namespace

TEST_CASE("one value in two fields, records, products, normalisers, shapes and generations looks different") {
  World world;
  BasicWorld<OtherProduct> other_product;
  std::vector<std::string> all{
      start_of<&Numbers::a>(world),    start_of<&Numbers::b>(world),        start_of<&Numbers::as_is>(world),
      start_of<&Numbers::cut>(world),  start_of<&Numbers::cut_more>(world), start_of<&Numbers::costly>(world),
      start_of<&Numbers::both>(world), start_of<&Others::a>(world),         start_of<&Numbers::a>(other_product)};
  World other_root('x');
  all.push_back(start_of<&Numbers::a>(other_root));
  REQUIRE(c::IndexRotation(world.ring()).start());
  world.reopen();
  all.push_back(start_of<&Numbers::a>(world));
  all.push_back(start_of<&Numbers::cut>(world));
  for (std::size_t i = 0; i != all.size(); ++i) {
    for (std::size_t j = 0; j != i; ++j) {
      CAPTURE(i, j);
      CHECK(all[i] != all[j]);
    }
  }
  CHECK(start_of<&Numbers::a>(world, "0086 138-0013-8000") == start_of<&Numbers::a>(world, "１３８００１３８０００"));
  CHECK(start_of<&Numbers::costly>(world, "13800138000") == start_of<&Numbers::costly>(world));
}

TEST_CASE("a lookup says how many bits it has, and bits that it has not are zero") {
  World world;
  CHECK(world.ring().lookup<&Numbers::a>(number)->bits() == 128);
  const auto cut = world.ring().lookup<&Numbers::both>(number);
  CHECK(cut->bits() == 64);
  for (std::size_t i = 8; i != 16; ++i) CHECK(cut->bytes()[i] == std::byte{0});
  const c::Lookup<std::string> whole(cut->bytes());
  CHECK_FALSE(whole == *cut);  // the same bytes of another shape are another value
}

TEST_CASE("a host rotates its own column, finds every row throughout, and the older generation ends") {
  World world;
  const auto person = world.person("u1");
  const c::IndexRotation rotation(world.ring());
  Table table;
  const auto phone = [](int n) { return "138001380" + std::to_string(10 + n); };
  for (int n = 0; n != 20; ++n) {
    Account account;
    account.phone = phone(n);
    REQUIRE(c::bind<&Account::phone>(world.row<Account>("r" + std::to_string(n), person), account.phone));
    table.emplace(world.ring().lookup<&Account::phone>(phone(n))->bytes(), std::move(account));
  }
  CHECK(failure(rotation.finish()) == code(c::Errc::not_found));
  REQUIRE(rotation.start());
  CHECK(failure(rotation.start()) == code(c::Errc::already_there));
  CHECK(*rotation.running());
  CHECK(world.witness.last().place == "index.start");
  std::set<c::IndexValue> old;
  for (const auto& [value, account] : table) old.insert(value);
  for (int n = 0; n != 20; ++n) {
    CHECK(hits(rotation, table, phone(n)) == 1);
    auto at = table.find(rotation.lookups<&Account::phone>(phone(n))->older.bytes());
    REQUIRE(at != table.end());
    const auto fresh = rotation.lookup_of<&Account::phone>(at->second.phone);
    REQUIRE(fresh);
    CHECK(fresh->bytes() == rotation.lookups<&Account::phone>(phone(n))->newest.bytes());
    CHECK_FALSE(old.contains(fresh->bytes()));
    Account moved = at->second;
    table.erase(at);
    table.emplace(fresh->bytes(), std::move(moved));
    CHECK(hits(rotation, table, phone(n)) == 1);
  }
  REQUIRE(rotation.finish());
  CHECK_FALSE(*rotation.running());
  for (int n = 0; n != 20; ++n) CHECK(hits(rotation, table, phone(n)) == 1);
  const auto wanted = rotation.lookups<&Account::phone>(phone(0));
  CHECK_FALSE(wanted->rotating);
  CHECK(wanted->older == wanted->newest);

  Account transient;
  transient.phone = std::string(phone(0));
  CHECK(failure(rotation.lookup_of<&Account::phone>(transient.phone)) == code(c::Errc::not_bound));
  REQUIRE(world.ring().erase(person));
  CHECK(failure(rotation.lookup_of<&Account::phone>(table.begin()->second.phone)) == code(c::Errc::destroyed));
}

TEST_CASE("user ids move when they are looked for, and are unique before, during and after") {
  World world;
  const c::IndexRotation rotation(world.ring());
  const auto taken = [&](std::string_view uid) {
    return failure(world.ring().enrol(uid)) == code(c::Errc::already_there);
  };
  const c::Handle li = world.person("u1").handle();
  const c::Handle wu = world.person("u2").handle();
  const auto before = *world.keys->index_rows_of(li);
  for (int round = 0; round != 3; ++round) {  // over several generations without anybody's help
    REQUIRE(rotation.start());
    CHECK(taken("u2"));
    if (round == 0) CHECK(failure(rotation.finish_persons()) == code(c::Errc::already_there));
    REQUIRE(rotation.finish());
    CHECK(taken("u2"));
  }
  CHECK(*world.keys->index_rows_of(li) == before);  // nobody looked yet
  CHECK(world.ring().find("u1")->handle() == li);
  const auto after = *world.keys->index_rows_of(li);
  REQUIRE(after.size() == 1);
  CHECK(after.front().value != before.front().value);
  CHECK(world.ring().find("u1")->handle() == li);
  CHECK(taken("u1"));
  world.reopen();  // u2 is still under the first generation
  CHECK(world.ring().find("u2")->handle() == wu);
  REQUIRE(c::IndexRotation(world.ring()).finish_persons());
  CHECK(world.ring().find("u1")->handle() == li);
  CHECK(world.ring().find("u2")->handle() == wu);
  CHECK(taken("u1"));
  REQUIRE(world.ring().erase(*world.ring().find("u1")));
  CHECK(failure(world.ring().find("u1")) == code(c::Errc::not_found));
  CHECK(world.ring().enrol("u1"));
}

TEST_CASE("a generation that was ended finds nobody who was not looked for") {
  World world;
  static_cast<void>(world.person("u1"));
  const c::IndexRotation rotation(world.ring());
  REQUIRE(rotation.start());
  REQUIRE(rotation.finish());
  REQUIRE(rotation.finish_persons());  // a host that says so without having looked
  CHECK(failure(world.ring().find("u1")) == code(c::Errc::not_found));
}

TEST_CASE("another ring on the same key store follows within its refresh") {
  World world;
  Notebook witness;
  auto other = World::Ring::open(*world.keys, root_of('r'), witness, world.authority, world.clock);
  REQUIRE(other);
  const auto before = other->lookup<&Account::phone>(number);
  const c::Handle li = world.person("u1").handle();
  REQUIRE(c::IndexRotation(world.ring()).start());
  const auto newest = world.ring().lookup<&Account::phone>(number);
  CHECK_FALSE(*newest == *before);
  CHECK(other->find("u1")->handle() == li);
  CHECK(failure(other->enrol("u1")) == code(c::Errc::already_there));
  CHECK(world.ring().find("u1")->handle() == li);
  std::this_thread::sleep_for(std::chrono::milliseconds(70));
  CHECK(*other->lookup<&Account::phone>(number) == *newest);
  REQUIRE(c::IndexRotation(world.ring()).finish());
  REQUIRE(c::IndexRotation(world.ring()).start());  // and, at once, the one after
  CHECK(other->find("u1")->handle() == li);
}

TEST_CASE("no rotation starts without evidence") {
  World world;
  const c::IndexRotation rotation(world.ring());
  world.witness.failing = true;
  CHECK(failure(rotation.start()) == code(c::Errc::evidence_unwritable));
  CHECK_FALSE(*rotation.running());
  world.witness.failing = false;
  REQUIRE(rotation.start());
  world.witness.failing = true;
  CHECK(failure(rotation.finish()) == code(c::Errc::evidence_unwritable));
  CHECK(*rotation.running());
  world.close();
  CHECK(failure(rotation.running()) == code(c::Errc::ring_closed));
}
