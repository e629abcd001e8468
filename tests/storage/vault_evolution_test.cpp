// SPDX-License-Identifier: Apache-2.0
#include "vault_support.hpp"

using namespace custody_test;

namespace {

/// One record through its releases; every struct stands for the program of its time.
template <class Field, class... Former>
struct Profile : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  Field nick;
  using custody_fields = Fields<record<"profile", 40>, key<&Profile::uid>, owner<&Profile::uid>,
                                field<1, "nick", &Profile::nick, Category::nickname, Former...>>;
};
using Two = Personal<std::string, AccountService, PersonalisedPush>;
using Moved = Personal<std::string, AccountService>;
using Three = Personal<std::string, AccountService, MessageDelivery, PersonalisedPush>;
using High = Classified<Personal<std::string, AccountService, PersonalisedPush>, Level::grade4>;

using First = Profile<Two>;
using Wider = Profile<Three, formerly<"nick", Two>>;            // a purpose added
using Narrower = Profile<Moved, formerly<"nick", Two>>;           // a purpose dropped
using Raised = Profile<High, formerly<"nick", Two>>;            // the level raised
using Forgotten = Profile<Moved>;                                 // changed without saying so
/// The field renamed, and the member too.
struct Renamed : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  Two alias;
  using custody_fields = Fields<record<"profile", 40>, key<&Renamed::uid>, owner<&Renamed::uid>,
                                field<1, "alias", &Renamed::alias, Category::nickname, formerly<"nick", Two>>>;
};

/// The record renamed.
struct Persona : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  Two nick;
  using custody_fields = Fields<record<"persona", 40>, key<&Persona::uid>, owner<&Persona::uid>,
                                field<1, "nick", &Persona::nick, Category::nickname>>;
};

constexpr int people = 20;

template <class StoreType>
struct Filled : Home<StoreType> {
  Filled() {
    const Notice notice = full_notice();
    REQUIRE(this->vault().publish(notice));
    for (int i = 0; i != people; ++i) {
      subjects.push_back(enrol(this->vault(), uid(i)));
      consent<PersonalisedPush>(this->vault(), subjects.back(), notice);
      First first;
      first.uid = uid(i);
      first.nick = "nick" + std::to_string(i);
      keep(this->vault(), first);
    }
  }
  static std::string uid(int i) { return "u" + std::to_string(i); }
  /// What a program of another time reads, for a purpose.
  template <class Record, class Tag>
  std::string read(int i) {
    const Record record = load<Record>(this->vault(), uid(i));
    return released(record.nick, permit<Tag>(this->vault(), subjects[static_cast<std::size_t>(i)]));
  }
  template <class Record>
  int revision(int i) {
    StoredRow row = stored_row<Record>(this->vault(), uid(i));
    return EnvelopeHeader::read(cell_of(row, 1).value)->revision;
  }
  std::vector<Subject> subjects;
};
[[nodiscard]] std::string refused(Errc why) { return std::string("<") + text(why) + ">"; }

}  // namespace

TEMPLATE_TEST_CASE("a purpose added opens nothing that was collected without it", "[vault][evolution]", MemoryStore,
                   SqliteStore) {
  Filled<TestType> home;
  for (int i = 0; i != people; ++i) {
    CHECK(home.template read<Wider, AccountService>(i) == "nick" + std::to_string(i));
    CHECK(home.template read<Wider, PersonalisedPush>(i) == "nick" + std::to_string(i));
    CHECK(home.template read<Wider, MessageDelivery>(i) == refused(Errc::purpose_not_then));
  }
  Wider kept = load<Wider>(home.vault(), "u0");
  keep(home.vault(), kept);  // storing again widens nothing
  CHECK(home.template read<Wider, MessageDelivery>(0) == refused(Errc::purpose_not_then));
  CHECK(home.template revision<Wider>(0) == 1);
  kept.nick = std::string("new");  // collected today
  keep(home.vault(), kept);
  CHECK(home.template read<Wider, MessageDelivery>(0) == "new");
  CHECK(home.template revision<Wider>(0) == 2);
  CHECK(refusals(home.vault(), Verb::release, Errc::purpose_not_then) == people + 1);
}

TEMPLATE_TEST_CASE("a purpose dropped is gone at once, and the next put seals without it", "[vault][evolution]",
                   MemoryStore, SqliteStore) {
  Filled<TestType> home;
  for (int i = 0; i != people; ++i) {
    CHECK(home.template read<Narrower, AccountService>(i) == "nick" + std::to_string(i));
    Narrower record = load<Narrower>(home.vault(), home.uid(i));
    keep(home.vault(), record);
    CHECK(home.template revision<Narrower>(i) == 2);
    CHECK(home.template read<Narrower, AccountService>(i) == "nick" + std::to_string(i));
  }
}

TEMPLATE_TEST_CASE("a renamed field is read, and sealed again under its new name", "[vault][evolution]", MemoryStore,
                   SqliteStore) {
  Filled<TestType> home;
  for (int i = 0; i != people; ++i) {
    Renamed record = load<Renamed>(home.vault(), home.uid(i));
    const auto push = permit<PersonalisedPush>(home.vault(), home.subjects[static_cast<std::size_t>(i)]);
    CHECK(released(record.alias, push) == "nick" + std::to_string(i));
    keep(home.vault(), record);
    CHECK(released(load<Renamed>(home.vault(), home.uid(i)).alias, push) == "nick" + std::to_string(i));
    CHECK(home.template revision<Renamed>(i) == 2);
  }
}

TEMPLATE_TEST_CASE("a renamed record is read: numbers count, not names", "[vault][evolution]", MemoryStore,
                   SqliteStore) {
  Filled<TestType> home;
  for (int i = 0; i != people; ++i) {
    CHECK(home.template read<Persona, AccountService>(i) == "nick" + std::to_string(i));
    Persona record = load<Persona>(home.vault(), home.uid(i));
    record.nick = std::string("again");
    keep(home.vault(), record);
    CHECK(home.template read<First, AccountService>(i) == "again");
  }
}

TEMPLATE_TEST_CASE("a level raised holds for what was stored before", "[vault][evolution]", MemoryStore, SqliteStore) {
  Filled<TestType> home;
  const Actor low{&desk, "agent-7"};  // cleared up to grade3
  for (int i = 0; i != people; ++i) {
    const auto staff = permit<AccountService>(home.vault(), home.subjects[static_cast<std::size_t>(i)], low);
    CHECK(refusal(load<First>(home.vault(), home.uid(i)).nick, staff) == fine);
    CHECK(refusal(load<Raised>(home.vault(), home.uid(i)).nick, staff) == code(Errc::clearance_too_low));
    CHECK(home.template read<Raised, AccountService>(i) == "nick" + std::to_string(i));
    Raised record = load<Raised>(home.vault(), home.uid(i));
    keep(home.vault(), record);
    CHECK(home.template revision<Raised>(i) == 2);
    CHECK(home.template read<Raised, PersonalisedPush>(i) == "nick" + std::to_string(i));
    CHECK(refusal(load<First>(home.vault(), home.uid(i)).nick, staff) ==
          code(Errc::unknown_revision));  // the old program
  }
}

TEMPLATE_TEST_CASE("a declaration changed without `formerly` reads nothing wrong", "[vault][evolution]", MemoryStore,
                   SqliteStore) {
  Filled<TestType> home;
  CHECK(home.template read<Forgotten, AccountService>(0) == refused(Errc::tampered));
  CHECK(home.template read<First, AccountService>(0) == "nick0");
}
