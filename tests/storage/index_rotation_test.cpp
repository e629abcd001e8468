// SPDX-License-Identifier: Apache-2.0
#include "faulty_store.hpp"
#include "vault_support.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

#include <custody/crypto/normalise_identity.hpp>

using namespace custody_test;

namespace {

using Kind = Faults::Kind;
template <class Field>
using Served = Personal<Field, AccountService>;

/// One value under every shape of index.
struct Card : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> id;
  Public<std::string> uid;
  Served<std::string> phone;   // strangers share values
  Served<std::string> email;
  Served<std::string> city;    // few values, costly ones
  Served<std::string> note;    // no index
  // snippet: declare
  using custody_fields = Fields<record<"card", 71>, key<&Card::id>, owner<&Card::uid>,
                                field<1, "phone", &Card::phone, Category::phone, indexed<phone_e164, truncated<4>>>,
                                field<2, "email", &Card::email, Category::email, indexed<email_domain_case>>,
                                field<3, "city", &Card::city, Category::bio, indexed<exact, stretched, truncated<64>>>,
                                field<4, "note", &Card::note, Category::bio>>;
  // end: declare
};

[[nodiscard]] std::string phone_of_card(int n) { return "1380013" + std::to_string(8000 + n); }
[[nodiscard]] Card card_of(int n, std::string_view uid) {
  Card card;
  card.id = "c" + std::to_string(n);
  card.uid = std::string(uid);
  card.phone = phone_of_card(n);
  card.email = "Li" + std::to_string(n) + "@mail.example";
  card.city = std::string(n % 2 == 0 ? "Xi'an" : "Suzhou");
  card.note = std::string("nothing");
  return card;
}
/// The keys of the records that were found, in order.
template <class Found>
[[nodiscard]] std::string keys_of(const Result<std::vector<Found>>& found) {
  if (!found) return std::string("<") + text(found.error().code) + ">";
  std::vector<std::string> keys;
  for (const Found& record : *found) {
    if constexpr (requires { record.id; }) {
      keys.push_back(record.id.get());
    } else {
      keys.push_back(record.uid.get());
    }
  }
  std::sort(keys.begin(), keys.end());
  std::string out;
  for (const std::string& name : keys) out += (out.empty() ? "" : " ") + name;
  return out;
}
/// Whether every card and every person is found, under every index, and nobody else.
template <class Box>
[[nodiscard]] bool all_found(Box& vault, int count, int persons = 1) {
  for (int n = 0; n != count; ++n) {
    const std::string id = "c" + std::to_string(n);
    const std::string wide = "＋８６" + phone_of_card(n);
    if (keys_of(vault.template find_by<&Card::phone>(n % 2 == 0 ? phone_of_card(n) : wide)) != id) return false;
    if (keys_of(vault.template find_by<&Card::email>("Li" + std::to_string(n) + "@MAIL.example")) != id) return false;
  }
  const auto cities = vault.template find_by<&Card::city>("Suzhou");
  if (!cities || static_cast<int>(cities->size()) != count / 2) return false;
  for (int n = 0; n != persons; ++n) {
    const std::string uid = "u" + std::to_string(n);
    if (!vault.find(uid) || failure(vault.enrol(uid, AgeBand::adult)) != code(Errc::already_there)) return false;
  }
  return true;
}
/// Every index value that a person's rows have.
template <class Box>
[[nodiscard]] std::set<IndexValue> values_of(Box& vault, std::string_view uid) {
  std::set<IndexValue> values;
  const auto rows = vault.store().key_store().index_rows_of(vault.find(uid)->handle());
  for (const IndexRow& row : *rows) values.insert(row.value);
  return values;
}
template <class Box>
void finish(Box& vault, std::uint64_t limit = 500) {
  for (bool running = true; running;) {
    const auto step = vault.index_rotation().step(limit);
    if (!step) FAIL("step: " << text(step.error().code) << " " << step.error().where);
    running = step->running;
  }
}
template <class Box>
void fill(Box& vault, int count, int persons = 1) {
  for (int n = 0; n != persons; ++n) static_cast<void>(enrol(vault, "u" + std::to_string(n)));
  for (int n = 0; n != count; ++n) {
    Card card = card_of(n, "u" + std::to_string(n % persons));
    keep(vault, card);
  }
}

}  // namespace

TEST_CASE("a rotation is a start and steps until it no longer runs", "[vault][index]") {
  Home<MemoryStore> home;
  auto& vault = home.vault();
  fill(vault, 4);
  const auto rotate = [&]() -> Result<void> {
    // snippet: rotate
    auto rotation = vault.index_rotation();
    if (auto started = rotation.start(); !started) return started;
    for (bool running = true; running;) {
      auto step = rotation.step(500);  // rows; searches and writes go on between steps
      if (!step) return step.error();  // may be called again, by any process: it goes on where it was
      running = step->running;
    }
    // end: rotate
    return {};
  };
  REQUIRE(rotate());
  CHECK(vault.index_rotation().progress()->generation == 2);
  CHECK(all_found(vault, 4));
}

TEMPLATE_TEST_CASE("strangers who share a value of a truncated index are never shown", "[vault][index]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  constexpr int count = 64;  // in 16 places
  fill(vault, count, 3);
  CHECK(all_found(vault, count, 3));
  KeyStore& keys = vault.store().key_store();
  std::size_t most = 0;
  for (int n = 0; n != count; ++n) {
    const auto wanted = detail::look_up<&Card::phone>(*vault.core(), phone_of_card(n));
    REQUIRE(wanted);
    CHECK(wanted->bits() == 4);
    CHECK((wanted->bytes()[0] & std::byte{0x0F}) == std::byte{0});
    for (std::size_t i = 1; i != 16; ++i) CHECK(wanted->bytes()[i] == std::byte{0});
    most = std::max(most, keys.find_index(detail::index_space(71, 1), wanted->bytes())->size());
  }
  CHECK(most >= count / 16);  // the index does have coincidences
  CHECK(vault.template find_by<&Card::phone>("13900139000")->empty());
  CHECK(failure(vault.template find_by<&Card::phone>("no number")) == code(Errc::malformed));
  CHECK(failure(vault.template find_by<&Card::email>("a@例子.中国")) == code(Errc::malformed));
  CHECK(vault.template find_by<&Card::email>("li1@mail.example")->empty());  // another mailbox than Li1
}

TEMPLATE_TEST_CASE("everything is found before, during and after a rotation, and nothing old is left", "[vault][index]",
                   MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  constexpr int count = 24;
  fill(vault, count, 2);
  const Subject li = *vault.find("u0");
  REQUIRE(all_found(vault, count, 2));
  const StoredRow untouched = stored_row<Card>(vault, "c0");
  for (int round = 0; round != 2; ++round) {
    const std::set<IndexValue> before = values_of(vault, "u0");
    auto rotation = vault.index_rotation();
    CHECK_FALSE(rotation.progress()->running);
    const IndexValue stale{std::byte{7}};  // of a put that was killed, or of another declaration
    REQUIRE(vault.store().key_store().put_index({detail::index_space(71, 2), stale, li.handle(), untouched.tag}));
    REQUIRE(rotation.start());
    CHECK(failure(rotation.start()) == code(Errc::already_there));
    CHECK(all_found(vault, count, 2));
    std::uint64_t rows = 0;
    for (bool running = true; running;) {
      const auto step = rotation.step(5);
      REQUIRE(step);
      CHECK(step->rows >= rows);
      CHECK(step->rows <= rows + 5);
      rows = step->rows;
      running = step->running;
      CHECK(all_found(vault, count, 2));
    }
    CHECK(rows == count + 2);
    CHECK(rotation.progress()->generation == static_cast<std::uint32_t>(round + 2));
    CHECK(rotation.progress()->unreadable == 0);
    CHECK_FALSE(rotation.step()->running);
    const std::set<IndexValue> after = values_of(vault, "u0");
    std::size_t same = 0;
    for (const IndexValue& value : after) same += before.contains(value) && value[1] != std::byte{0} ? 1U : 0U;
    CHECK(same == 0);  // values of four bits may well be the same
    CHECK(vault.store().key_store().index_rows_of(li.handle())->size() == 1 + 3 * count / 2);
  }
  const StoredRow now = stored_row<Card>(vault, "c0");  // same tag, same bytes: rotation touches the index alone
  CHECK(now.tag == untouched.tag);
  CHECK(detail::same_cell(now, untouched, 1));
  CHECK(vault.audit().verify());
}

TEMPLATE_TEST_CASE("what is written, changed, removed and erased while a rotation runs is right after it",
                   "[vault][index]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  fill(vault, 12, 2);
  auto rotation = vault.index_rotation();
  REQUIRE(rotation.start());
  REQUIRE(rotation.step(6)->running);
  for (const char* id : {"c0", "c9"}) {  // one behind the pass, one before it
    Card card = load<Card>(vault, id);
    card.phone = std::string(id[1] == '0' ? "13900139000" : "13900139009");
    keep(vault, card);
  }
  CHECK(keys_of(vault.template find_by<&Card::phone>("13900139009")) == "c9");
  CHECK(vault.template find_by<&Card::phone>(phone_of_card(9))->empty());
  Card fresh = card_of(12, "u0");
  keep(vault, fresh);
  REQUIRE(vault.template remove<Card>("c2"));
  REQUIRE(vault.template remove<Card>("c8"));
  static_cast<void>(enrol(vault, "u2"));
  REQUIRE(vault.erase(*vault.find("u1")));
  finish(vault, 3);
  CHECK(keys_of(vault.template find_by<&Card::phone>("13900139000")) == "c0");
  CHECK(vault.template find_by<&Card::phone>("13900139009")->empty());  // u1's
  CHECK(keys_of(vault.template find_by<&Card::email>("Li12@mail.example")) == "c12");
  CHECK(keys_of(vault.template find_by<&Card::city>("Xi'an")) == "c0 c10 c12 c4 c6");
  CHECK(vault.find("u2"));
  CHECK(failure(vault.find("u1")) == code(Errc::not_found));
  static_cast<void>(enrol(vault, "u1"));
  CHECK(vault.store().key_store().index_rows_of(vault.find("u0")->handle())->size() == 1 + 3 * 5);
}

TEST_CASE("a rotation that fails or is killed at any call goes on where it was", "[vault][index][fault][sqlite]") {
  using Box = Vault<Im, FaultyStore<SqliteStore>>;
  const TempDir home;
  ManualClock clock{start_of_tests};
  Faults faults;
  const auto open = [&](const std::string& at) {
    VaultSettings settings;
    settings.clock = &clock;
    settings.log_buffer = 1;
    const SqliteStore::Options files{.data = at + "/im.db", .keys = at + "/im.keys", .durable = false, .busy_ms = 50};
    auto opened = Box::open({files, &faults}, root_of(), settings);
    if (!opened) FAIL("open: " << text(opened.error().code));
    return std::move(*opened);
  };
  constexpr int count = 4;
  {
    Box vault = open(home.path());
    fill(vault, count);
    REQUIRE(vault.close());
  }
  const auto rotate = [](Box& vault) {
    if (auto started = vault.index_rotation().start(); !started) return false;
    for (;;) {
      auto step = vault.index_rotation().step(2);
      if (!step || !step->running) return step.has_value();
    }
  };
  const Kind kind = GENERATE(Kind::refuse, Kind::refuse_once, Kind::lose_answer, Kind::kill);
  std::uint64_t n = 0;
  for (bool struck = true; struck; ++n) {
    const TempDir here;
    for (const char* name : {"im.db", "im.keys"}) std::filesystem::copy_file(home / name, here / name);
    std::optional<Box> vault;
    if (kind == Kind::kill) {
      const int why = in_child([&] {
        Box mine = open(here.path());
        faults.arm(kind, n);
        return rotate(mine) ? 0 : 1;
      });
      struck = why == 200;
      vault.emplace(open(here.path()));
    } else {
      vault.emplace(open(here.path()));
      faults.arm(kind, n);
      const bool done = rotate(*vault);
      struck = !faults.hit.empty();
      faults.disarm();
      CHECK((done || struck));
    }
    INFO("call " << n << " " << faults.hit << ", kind " << static_cast<int>(kind));
    CHECK(all_found(*vault, count));
    const auto progress = vault->index_rotation().progress();
    REQUIRE(progress);
    if (!progress->running && progress->generation == 1) REQUIRE(vault->index_rotation().start());
    finish(*vault, 1);
    CHECK(all_found(*vault, count));
    CHECK(vault->index_rotation().progress()->generation == 2);
    CHECK(vault->store().real().key_store().index_rows_of(vault->find("u0")->handle())->size() == 1 + 3 * count);
    CHECK(vault->audit().verify());
  }
  CHECK(n > 20);
}

TEST_CASE("another process follows a rotation, with what it writes and what it looks for",
          "[vault][index][process][sqlite]") {
  Home<SqliteStore> home;
  auto& a = home.vault();
  auto b = home.try_open();
  REQUIRE(b);
  fill(a, 6, 2);
  REQUIRE(all_found(*b, 6, 2));  // b has seen the first generation, and keeps it in mind for 50 ms
  REQUIRE(a.index_rotation().start());
  Card seventh = card_of(6, "u0");
  keep(*b, seventh);
  Card eighth = card_of(7, "u1");
  keep(a, eighth);
  CHECK(all_found(*b, 8, 2));
  CHECK(all_found(a, 8, 2));
  CHECK(failure(b->index_rotation().start()) == code(Errc::already_there));
  REQUIRE(b->index_rotation().step(4));
  REQUIRE(a.index_rotation().step(4));
  finish(*b, 3);
  CHECK_FALSE(a.index_rotation().progress()->running);
  CHECK(all_found(a, 8, 2));
  CHECK(all_found(*b, 8, 2));
  CHECK(values_of(a, "u0") == values_of(*b, "u0"));

  REQUIRE(a.index_rotation().start());  // begins and ends before b looks again
  finish(a);
  CHECK(b->find("u1"));
  CHECK(failure(b->enrol("u1", AgeBand::adult)) == code(Errc::already_there));
  Card ninth = card_of(8, "u0");
  keep(*b, ninth);
  Card changed = load<Card>(*b, "c0");
  changed.phone = std::string("13900139000");
  keep(*b, changed);
  CHECK(keys_of(a.find_by<&Card::phone>(phone_of_card(8))) == "c8");
  CHECK(keys_of(a.find_by<&Card::phone>("13900139000")) == "c0");
  CHECK(keys_of(b->find_by<&Card::email>("Li0@mail.example")) == "c0");
  CHECK(a.store().key_store().index_rows_of(a.find("u0")->handle())->size() == 1 + 3 * 5);
}

TEST_CASE("a person whose enrolment a whole rotation passes by is found", "[vault][index][process][sqlite]") {
  Home<SqliteStore> home;
  Faults faults;
  auto other = Vault<Im, FaultyStore<SqliteStore>>::open({home.options(), &faults}, root_of(), home.settings);
  REQUIRE(other);
  faults.before = "append_ledger";  // the key is there, the person's row is not
  bool rotated = false;
  faults.meanwhile = [&] {
    REQUIRE(home->index_rotation().start());
    finish(home.vault());
    rotated = true;
  };
  const Subject li = enrol(*other, "u9");
  CHECK(rotated);
  CHECK(home->index_rotation().progress()->generation == 2);
  CHECK(failure(home->find("u9")) == fine);
  CHECK(failure(home->enrol("u9", AgeBand::adult)) == code(Errc::already_there));
  CHECK(home->store().key_store().index_rows_of(li.handle())->size() == 1);
  CHECK(failure(home->core()->keep_uid("u9", Handle{})) == code(Errc::already_there));
}

TEMPLATE_TEST_CASE("a rotation leaves no row of an unknown record behind", "[vault][index]", MemoryStore, SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  fill(vault, 3);
  StoredRow strange = stored_row<Card>(vault, "c0");
  strange.record = 4711;
  REQUIRE(vault.store().put_row(strange));
  REQUIRE(vault.index_rotation().start());
  for (int round = 0; round != 2; ++round) {  // without index rows there is nothing to lose
    if (round == 1) {
      const Handle li = vault.find("u0")->handle();
      REQUIRE(vault.index_rotation().start());
      REQUIRE(vault.store().key_store().put_index({detail::index_space(4711, 1), IndexValue{}, li, strange.tag}));
      CHECK(vault.index_rotation().step(500)->running);
      CHECK(failure(vault.index_rotation().step(500)) == code(Errc::wrong_schema));
      CHECK(vault.index_rotation().progress()->running);
      CHECK(vault.index_rotation().progress()->rows == 0);  // a program that knows the record starts anew
      CHECK(all_found(vault, 3));
      REQUIRE(vault.store().remove_row(4711, strange.tag));
    }
    finish(vault);
  }
  CHECK(all_found(vault, 3));
}

TEMPLATE_TEST_CASE("one row that does not open stops no rotation, and is on record", "[vault][index]", MemoryStore,
                   SqliteStore) {
  Home<TestType> home;
  auto& vault = home.vault();
  fill(vault, 3);
  StoredRow bad = stored_row<Card>(vault, "c1");
  const StoredRow good = bad;
  cell_of(bad, 2).value.back() ^= std::byte{1};
  REQUIRE(vault.store().put_row(bad));
  REQUIRE(vault.index_rotation().start());
  finish(vault);
  CHECK(vault.index_rotation().progress()->unreadable == 1);
  CHECK(refusals(vault, Verb::sweep, Errc::tampered) == 1);
  CHECK(keys_of(vault.template find_by<&Card::phone>(phone_of_card(1))) == "c1");  // the fields before it
  CHECK(keys_of(vault.template find_by<&Card::email>("Li2@mail.example")) == "c2");
  REQUIRE(vault.store().put_row(good));
  CHECK(vault.template find_by<&Card::email>("Li1@mail.example")->empty());
  REQUIRE(vault.index_rotation().start());  // the next one takes it along
  finish(vault);
  CHECK(vault.index_rotation().progress()->unreadable == 0);
  CHECK(all_found(vault, 3));
}

TEST_CASE("rows that are damaged in the file are passed over", "[vault][index][sqlite]") {
  Home<SqliteStore> home;
  fill(home.vault(), 4);
  home.close();
  {
    Stranger stranger(home.place / "im.db");
    REQUIRE(stranger.run("UPDATE rows SET body=x'ff' WHERE id IN (2,3)"));  // 1 is the person
    REQUIRE(stranger.run("UPDATE rows SET state=9 WHERE id=5"));
  }
  home.open();
  REQUIRE(home->index_rotation().start());
  finish(home.vault(), 2);
  CHECK(home->index_rotation().progress()->unreadable >= 2);
  CHECK(keys_of(home->find_by<&Card::email>("Li2@mail.example")) == "c2");
  CHECK(home->find("u0"));
}

TEST_CASE("the generations of the index keys cannot be forged", "[vault][index][sqlite]") {
  Home<SqliteStore> home;
  auto& vault = home.vault();
  fill(vault, 2);
  REQUIRE(vault.index_rotation().start());
  KeyStore& keys = vault.store().key_store();
  const Bytes fact = *keys.get_fact("index.state");
  for (std::size_t at = 0; at != fact.size(); ++at) {
    Bytes forged = fact;
    forged[at] ^= std::byte{1};
    REQUIRE(keys.put_fact("index.state", forged));
    CHECK(failure(vault.find_by<&Card::email>("Li0@mail.example")) == code(Errc::tampered));
    CHECK(failure(vault.index_rotation().step()) == code(Errc::tampered));
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, fact.size() - 1}) {
    REQUIRE(keys.put_fact("index.state", ByteView(fact).first(size)));
    CHECK(failure(vault.index_rotation().progress()) == code(Errc::tampered));
    Card card = card_of(5, "u0");
    CHECK(failure(vault.put(card)) == code(Errc::tampered));
    CHECK(failure(vault.enrol("u5", AgeBand::adult)) == code(Errc::tampered));
  }
  REQUIRE(keys.put_fact("index.state", fact));
  finish(vault);
  CHECK(all_found(vault, 2));
}

TEST_CASE("rotations under readers and writers lose nothing", "[vault][index][threads][sqlite]") {
  Home<SqliteStore> home;
  auto& vault = home.vault();
  auto other = home.try_open();
  REQUIRE(other);
  constexpr int count = 10;
  fill(vault, count, 2);
  std::atomic<bool> stop{false};
  std::atomic<int> lost{0}, looked{0}, written{0};
  std::thread reader([&] {
    for (int n = 0; !stop; ++n) {
      const auto found = other->find_by<&Card::email>("Li" + std::to_string(n % count) + "@mail.example");
      if (found) {
        ++looked;
        if (found->size() != 1) ++lost;
      } else if (!(found.error() == Errc::locked)) {
        ++lost;
      }
      const auto person = other->find("u" + std::to_string(n % 2));
      if (!person && !(person.error() == Errc::locked)) ++lost;
    }
  });
  std::thread writer([&] {
    for (int n = 0; !stop; ++n) {
      auto card = other->get<Card>("c" + std::to_string(n % count));
      if (!card) continue;
      card->phone = phone_of_card(n % count);  // the same number, sealed and indexed anew
      if (other->put(*card)) ++written;
    }
  });
  int rotations = 0;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
  while (std::chrono::steady_clock::now() < until) {
    if (!vault.index_rotation().start()) continue;
    for (bool running = true; running;) {
      const auto step = vault.index_rotation().step(2);
      if (step) running = step->running;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ++rotations;
  }
  stop = true;
  reader.join();
  writer.join();
  CAPTURE(rotations, looked.load(), written.load());
  CHECK(lost == 0);
  CHECK(rotations > 1);
  CHECK(looked > 10);
  CHECK(written > 10);
  CHECK(all_found(vault, count, 2));
  for (const char* uid : {"u0", "u1"}) {
    CHECK(vault.store().key_store().index_rows_of(vault.find(uid)->handle())->size() == 1 + 3 * count / 2);
  }
}

TEST_CASE("rotations under load, killed at a hundred random times, lose nothing", "[vault][index][longer][sqlite]") {
  Home<SqliteStore> home;
  constexpr int count = 10;
  fill(home.vault(), count, 2);
  home.close();
  std::uint32_t newest = 1;
  unsigned random = 12345;
  for (int round = 0; round != 100; ++round) {
    const ::pid_t child = ::fork();
    if (child == 0) {
      home.open();
      std::thread writer([&] {
        for (int n = 0;; ++n) {
          auto card = home->get<Card>("c" + std::to_string(n % count));
          if (!card) continue;
          card->phone = phone_of_card(n % count);
          static_cast<void>(home->put(*card));
        }
      });
      std::thread reader([&] {
        for (int n = 0;; ++n) {
          if (home->find_by<&Card::email>("Li" + std::to_string(n % count) + "@mail.example")->size() != 1) ::_exit(3);
        }
      });
      for (;;) {
        static_cast<void>(home->index_rotation().start());
        static_cast<void>(home->index_rotation().step(1));
      }
    }
    random = random * 1664525U + 1013904223U;
    std::this_thread::sleep_for(std::chrono::milliseconds(15 + (random >> 16U) % 60));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    home.open();
    CAPTURE(round);
    REQUIRE(all_found(home.vault(), count, 2));
    const std::uint32_t generation = home->index_rotation().progress()->generation;
    CHECK(generation >= newest);
    newest = generation;
    home.close();
  }
  CHECK(newest > 3);
  home.open();
  finish(home.vault());
  CHECK(all_found(home.vault(), count, 2));
  CHECK(home->audit().verify());
}
