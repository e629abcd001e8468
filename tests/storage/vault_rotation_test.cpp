// SPDX-License-Identifier: Apache-2.0
// Rotation of keys under a vault: new generations, the pass over stored rows, the end of old keys, and another root.
#include <functional>
#include <thread>

#include "vault_support.hpp"

using namespace custody_test;

namespace {

using Disk = Home<SqliteStore>;

/// The generations that a row's sealed cells name, lowest first.
std::vector<std::uint32_t> generations(const StoredRow& row) {
  std::vector<std::uint32_t> all;
  for (const StoredCell& cell : row.cells) {
    if (cell.kind == CellKind::sealed) all.push_back(EnvelopeHeader::read(cell.value)->generation);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}
template <class Box>
Reseal whole_pass(Box& vault, std::uint64_t limit = 7) {
  Reseal at;
  while (!at.complete) {
    auto more = vault.reseal(at, limit);
    if (!more) FAIL("reseal: " << text(more.error().code) << " " << more.error().where);
    at = *more;
  }
  return at;
}
using One = std::vector<std::uint32_t>;
/// A store in which others get their turn just after rows were read.
struct Overtaken : MemoryStore {
  static Result<Overtaken> open(const Options&, std::string_view) { return Overtaken(); }
  static inline std::function<void()> meanwhile;

  Result<StoredRow> get_row(std::uint32_t record, const RowTag& tag) {
    auto row = MemoryStore::get_row(record, tag);
    others();
    return row;
  }
  Result<std::vector<StoredRow>> rows_of(const Handle& who, std::uint32_t record, std::uint64_t offset,
                                         std::uint64_t limit) {
    auto rows = MemoryStore::rows_of(who, record, offset, limit);
    others();
    return rows;
  }

 private:
  static void others() {
    if (const auto now = std::exchange(meanwhile, nullptr)) now();
  }
};
bool same_cells(const StoredRow& a, const StoredRow& b) {
  return std::equal(a.cells.begin(), a.cells.end(), b.cells.begin(), b.cells.end(),
                    [](const StoredCell& x, const StoredCell& y) { return x.field == y.field && x.value == y.value; });
}

}  // namespace

TEMPLATE_TEST_CASE("rows move to a new key, and the old one ends only when none names it", "[vault][rotation]",
                   MemoryStore, SqliteStore) {
  Home<TestType> home;
  const Subject li = enrol(home.vault(), "li");
  const Subject wang = enrol(home.vault(), "wang");
  for (int i = 0; i != 20; ++i) {
    Contact contact = contact_of("c" + std::to_string(i), "li");
    keep(home.vault(), contact);
  }
  Account account = account_of("wang");
  keep(home.vault(), account);
  const StoredRow untouched = stored_row<Account>(home.vault(), "wang");
  const Bytes wrapped = home->store().key_store().get_key(li.handle(), {}, 1)->wrapped;
  auto rotated = home->rotate(li);
  REQUIRE(rotated);
  CHECK(*rotated == 2);
  CHECK(last_line(home.vault()).verb == Verb::rotate);

  Contact changed = load<Contact>(home.vault(), "c3");  // renewed by a put, changed or not
  keep(home.vault(), changed);
  CHECK(generations(stored_row<Contact>(home.vault(), "c3")) == One{2});
  CHECK(generations(stored_row<Contact>(home.vault(), "c4")) == One{1});
  CHECK(failure(home->retire(li)) == code(Errc::in_use));
  CHECK(refusals(home.vault(), Verb::rotate, Errc::in_use) == 1);
  CHECK(released(load<Contact>(home.vault(), "c4").phone, permit<AccountService>(home.vault(), li)) == "15400050001");

  Reseal at = *home->reseal(li, {}, 5);  // a part; anybody may go on
  CHECK_FALSE(at.complete);
  CHECK(at.rows == 5);
  CHECK(failure(home->retire(li)) == code(Errc::in_use));
  while (!at.complete) at = *home->reseal(li, at, 5);
  CHECK(at.rows == 21);  // the person's own row too
  CHECK(at.resealed == 20);
  CHECK(at.failed + at.skipped == 0);
  const Reseal again = whole_pass(home.vault());
  CHECK(again.resealed == 0);
  CHECK(same_cells(stored_row<Account>(home.vault(), "wang"), untouched));

  auto retired = home->retire(li);
  REQUIRE(retired);
  CHECK(*retired == 1);
  CHECK(*home->retire(li) == 0);
  CHECK(failure(home->store().key_store().get_key(li.handle(), {}, 1)) == code(Errc::unknown_key));
  if constexpr (Home<TestType>::on_disk) {
    CHECK_FALSE(any_file_holds(home.place.path(), as_text(wrapped)));
    const Bytes kept = home->store().key_store().get_key(li.handle(), {}, 2)->wrapped;
    CHECK(any_file_holds(home.place.path(), as_text(kept)));
    home.close();
    home.open();
  }
  const Subject same_li = *home->find("li");
  for (int i = 0; i != 20; ++i) {
    const Contact contact = load<Contact>(home.vault(), "c" + std::to_string(i));
    REQUIRE(contact.uid.get() == "li");
    REQUIRE(released(contact.phone, permit<AccountService>(home.vault(), same_li)) == "15400050001");
  }
  CHECK(home->audit().verify());
}

TEMPLATE_TEST_CASE("a conversation's rows and its members' wraps move too", "[vault][rotation]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  const Subject li = enrol(home.vault(), "li");
  const Subject wang = enrol(home.vault(), "wang");
  const Conversation room = converse(home.vault(), {li, wang});
  for (int i = 0; i != 9; ++i) {
    Message message = message_of("m" + std::to_string(i), room, "li", "wang", "hello");
    keep(home.vault(), message);
  }
  REQUIRE(home->rotate(li));
  REQUIRE(home->rotate(room));
  CHECK(failure(home->retire(room)) == code(Errc::in_use));
  const Reseal done = whole_pass(home.vault());
  CHECK(done.resealed == 10);  // nine messages, and li's own row
  CHECK(*home->retire(room) == 1);
  CHECK(*home->retire(li) == 1);
  if constexpr (Home<TestType>::on_disk) {
    home.close();
    home.open();
  }
  for (const char* uid : {"li", "wang"}) {
    const Message message = load<Message>(home.vault(), "m4");
    CHECK(released(message.body, permit<MessageDelivery>(home.vault(), *home->find(uid))) == "hello");
  }
  Message more = message_of("m9", room, "li", "wang", "again");
  keep(home.vault(), more);
  CHECK(generations(stored_row<Message>(home.vault(), "m9")) == One{2});
  REQUIRE(home->leave(room, *home->find("wang")));
  CHECK(whole_pass(home.vault()).resealed == 10);  // under the key of those who stayed
  CHECK(*home->retire(room) == 1);
  CHECK(released(load<Message>(home.vault(), "m4").body, permit<MessageDelivery>(home.vault(), *home->find("li"))) ==
        "hello");
}

TEST_CASE("a row that does not open is left alone, on record, and keeps its key alive", "[vault][rotation]") {
  Disk home;
  const Subject li = enrol(home.vault(), "li");
  for (const char* id : {"c1", "c2", "c3"}) {
    Contact contact = contact_of(id, "li");
    keep(home.vault(), contact);
  }
  StoredRow bad = stored_row<Contact>(home.vault(), "c2");
  cell_of(bad, 1).value.back() ^= std::byte{1};
  REQUIRE(home->store().put_row(bad));
  StoredRow strange = stored_row<Contact>(home.vault(), "c3");
  strange.record = 77;  // a record this program does not declare
  strange.tag[0] ^= std::byte{1};
  REQUIRE(home->store().put_row(strange));
  REQUIRE(home->rotate(li));
  const Reseal done = whole_pass(home.vault());
  CHECK(done.failed == 1);
  CHECK(done.skipped == 1);
  CHECK(done.resealed == 3);
  CHECK(refusals(home.vault(), Verb::rotate, Errc::tampered) == 1);
  CHECK(same_cells(stored_row<Contact>(home.vault(), "c2"), bad));
  CHECK(failure(home->retire(li)) == code(Errc::in_use));
  REQUIRE(home->store().remove_row(2, bad.tag));
  CHECK(failure(home->retire(li)) == code(Errc::in_use));
  REQUIRE(home->store().remove_row(77, strange.tag));
  CHECK(home->retire(li));
}

TEST_CASE("a damaged row does not hide the others from a pass", "[vault][rotation][sqlite]") {
  Disk home;
  const Subject li = enrol(home.vault(), "li");
  for (const char* id : {"c1", "c2", "c3"}) {
    Contact contact = contact_of(id, "li");
    keep(home.vault(), contact);
  }
  Stranger stranger(home.place / "im.db");
  REQUIRE(stranger.run("UPDATE rows SET body=x'0102' WHERE id=(SELECT max(id)-1 FROM rows)"));
  REQUIRE(home->rotate(li));
  const Reseal done = whole_pass(home.vault(), 2);
  CHECK(done.failed == 1);
  CHECK(done.resealed == 3);
  CHECK_FALSE(home->retire(li));
}

TEMPLATE_TEST_CASE("a vault's root changes under it: index, ledger, log and people stay", "[vault][rotation]",
                   MemoryStore, SqliteStore) {
  Home<TestType> home;
  const Notice notice = full_notice();
  REQUIRE(home->publish(notice));
  const Subject li = enrol(home.vault(), "li");
  Account account = account_of("li");
  keep(home.vault(), account);
  consent<PersonalisedPush>(home.vault(), li, notice);
  const std::string vkey = home->audit().vkey();
  REQUIRE(rotate_root(home.vault(), root_of('r'), root_of('s'))->complete);
  CHECK(lines(home.vault())[lines(home.vault()).size() - 2].place == "root begins");
  CHECK(last_line(home.vault()).place == "root ends");
  const auto all_there = [&] {
    const auto found = home->template find_by<&Account::phone>("+86 154 0005 9572");
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(released(found->front().email, permit<PersonalisedPush>(home.vault(), *home->find("li"))) ==
          "li@mail.example");
    CHECK(home->audit().verify());
    CHECK(home->audit().vkey() == vkey);
  };
  all_there();
  if constexpr (Home<TestType>::on_disk) {
    home.close();
    CHECK(failure(home.try_open('r')) == code(Errc::wrong_root));
    CHECK(failure(home.try_open('x')) == code(Errc::wrong_root));
    auto opened = home.try_open('s');
    REQUIRE(opened);
    home.box.emplace(std::move(*opened));
    REQUIRE(home->publish(notice));
    all_there();
  }
  // who was left half enrolled under the new root is still cleared away
  REQUIRE(home->core()->enrol("half"));
  home.clock.advance(minutes(2));
  CHECK(home->enrol("half", AgeBand::adult));
}

TEST_CASE("old keys beside new data give typed errors", "[vault][rotation][sqlite]") {
  Disk home;
  const Subject li = enrol(home.vault(), "li");
  Contact contact = contact_of("c1", "li");
  keep(home.vault(), contact);
  home.close();
  const std::string before = file_bytes(home.place / "im.keys");
  home.open();
  REQUIRE(home->rotate(*home->find("li")));
  static_cast<void>(whole_pass(home.vault()));
  REQUIRE(home->retire(*home->find("li")));
  REQUIRE(rotate_root(home.vault(), root_of('r'), root_of('s'))->complete);
  home.close();
  for (const char* tail : {"-wal", "-shm"}) ::unlink((home.place / (std::string("im.keys") + tail)).c_str());
  write_file(home.place / "im.keys", before);
  CHECK(failure(home.try_open('s')) == code(Errc::wrong_root));
  auto opened = home.try_open('r');
  if (opened) {
    const auto record = opened->get<Contact>("c1");
    CHECK(failure(record) == code(Errc::unknown_key));
  } else {
    CHECK(opened.error() == Errc::tampered);
  }
}

TEST_CASE("a row whose key is retired while it is read is read again", "[vault][rotation]") {
  Home<Overtaken> home;
  const Subject li = enrol(home.vault(), "li");
  const Subject wang = enrol(home.vault(), "wang");
  const Conversation room = converse(home.vault(), {li, wang});
  Account account = account_of("li");
  keep(home.vault(), account);
  for (const char* id : {"m1", "m2"}) {
    Message message = message_of(id, room, "li", "wang", "hello");
    keep(home.vault(), message);
  }
  const auto overtake = [&] {
    Overtaken::meanwhile = [&] {
      REQUIRE(home->rotate(li));
      REQUIRE(home->rotate(room));
      static_cast<void>(whole_pass(home.vault()));
      REQUIRE(home->retire(room));
      REQUIRE(home->retire(li));
    };
  };
  const auto messages = permit<MessageDelivery>(home.vault(), li);

  overtake();
  CHECK(failure(home->get<Account>("li")) == fine);
  overtake();
  const auto message = home->get<Message>("m1");
  REQUIRE(message);
  CHECK(released(message->body, messages) == "hello");
  overtake();
  CHECK(home->find_by<&Account::phone>("15400059572")->size() == 1);
  overtake();
  const auto listed = home->list<Message>(li);
  REQUIRE(listed);
  REQUIRE(listed->size() == 2);
  for (const Message& each : *listed) CHECK(released(each.body, messages) == "hello");
  CHECK_FALSE(Overtaken::meanwhile);
  for (const Errc error : {Errc::unknown_key, Errc::destroyed}) CHECK(refusals(home.vault(), Verb::read, error) == 0);
}

TEST_CASE("writers and readers go on while keys and roots rotate", "[vault][rotation]") {
  Disk home;
  constexpr int people = 3;
  std::vector<Subject> who;
  for (int i = 0; i != people; ++i) who.push_back(enrol(home.vault(), "p" + std::to_string(i)));
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0};
  std::atomic<int> last_code{-1};
  const std::string key_gone = std::string("<") + text(Errc::unknown_key) + ">";
  std::vector<std::thread> running;
  for (int t = 0; t != 2; ++t) {
    running.emplace_back([&, t] {
      for (int i = 0; !over; ++i) {
        const std::string id = "c" + std::to_string(t) + "-" + std::to_string(i % 4);
        Contact contact = contact_of(id, "p" + std::to_string(i % people % 2), std::to_string(i));
        contact.uid = "p" + std::to_string(t);
        auto put = home->put(contact);
        if (!put) {
          ++wrong;
          last_code = code(put.error().code);
          continue;
        }
        std::string seen = key_gone;
        while (seen == key_gone) {  // after it was loaded: then it is loaded again
          auto read = home->get<Contact>(id);
          auto may = home->permit<AccountService>(who[static_cast<std::size_t>(t)], gateway);
          seen = read && may ? released(read->phone, *may) : std::string();
          if (!read || !may) last_code = code((read ? may.error() : read.error()).code);
        }
        if (seen != std::to_string(i)) ++wrong;
      }
    });
  }
  char root = 'r';
  for (int round = 0; round != 6; ++round) {
    for (const Subject& one : who) {
      REQUIRE(home->rotate(one));
      static_cast<void>(whole_pass(home.vault()));
      const auto retired = home->retire(one);
      CHECK((retired || retired.error() == Errc::in_use));
    }
    const char next = root == 'r' ? 's' : 'r';
    REQUIRE(rotate_root(home.vault(), root_of(root), root_of(next))->complete);
    root = next;
  }
  over = true;
  for (std::thread& one : running) one.join();
  INFO("last error " << (last_code < 0 ? "none" : text(static_cast<Errc>(last_code.load()))));
  CHECK(wrong == 0);
  for (const Subject& one : who) {
    static_cast<void>(whole_pass(home.vault()));
    CHECK(home->retire(one));
  }
}
