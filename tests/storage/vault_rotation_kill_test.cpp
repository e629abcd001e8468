// SPDX-License-Identifier: Apache-2.0
// Keys and roots rotate under load in a process that is killed, again and again: what was acknowledged is there.
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <random>
#include <thread>

#include <sys/wait.h>

#include "vault_support.hpp"

using namespace custody_test;

namespace {

using DiskBox = Vault<Im, SqliteStore>;

constexpr unsigned threads = 2;
constexpr unsigned slots = 6;

enum class Said : std::uint8_t { started, put, enrolled, erased, rotated, retired, root, failed };
/// What a child tells before it may be killed; one write each, which a pipe keeps whole.
struct Word {
  Said said = Said::started;
  std::uint8_t thread = 0;
  std::uint16_t slot = 0;
  std::uint32_t value = 0;
};

RootKey numbered_root(std::uint32_t number) {
  Bytes bytes(32, std::byte{0x5a});
  for (std::size_t i = 0; i != 4; ++i) bytes[i] = static_cast<std::byte>(number >> (8 * i));
  return std::move(*RootKey::from_bytes(bytes));
}
std::string row_id(unsigned thread, unsigned slot) { return "c" + std::to_string(thread) + "-" + std::to_string(slot); }
std::string owner_of(unsigned thread) { return "p" + std::to_string(thread); }

struct Place {
  TempDir folder{"/dev/shm"};
  ManualClock clock{start_of_tests};
  [[nodiscard]] Result<DiskBox> open(std::uint32_t root) const {
    VaultSettings settings;
    settings.clock = &clock;
    return DiskBox::open({.data = folder / "im.db", .keys = folder / "im.keys", .durable = false, .busy_ms = 5000},
                         numbered_root(root), settings);
  }
};

/// The child: two threads store and read back, and this one rotates everything until the end comes from outside.
class Worker {
 public:
  Worker(const Place& place, int pipe) : place_(place), pipe_(pipe) {}

  [[noreturn]] void run(std::uint32_t root, std::uint32_t first_value) {
    auto opened = place_.open(root);
    if (!opened) end(opened.error());
    DiskBox vault = std::move(*opened);
    say({Said::started, 0, 0, root});
    std::vector<std::thread> running;
    for (unsigned t = 0; t != threads; ++t) running.emplace_back([&, t] { store(vault, t, first_value); });
    for (std::uint32_t round = 0;; ++round) {
      rotate_people(vault, first_value + round);
      auto moved = rotate_root(vault, numbered_root(root), numbered_root(root + 1));
      if (!moved) end(moved.error());
      say({Said::root, 0, 0, ++root});
    }
  }

 private:
  void say(const Word& word) const {
    if (::write(pipe_, &word, sizeof word) != static_cast<::ssize_t>(sizeof word)) ::_exit(9);
  }
  [[noreturn]] void end(const Error& error) const {
    say({Said::failed, 0, 0, static_cast<std::uint32_t>(error.code)});
    ::_exit(8);
  }
  void store(DiskBox& vault, unsigned t, std::uint32_t value) const {
    auto who = vault.find(owner_of(t));
    if (!who) end(who.error());
    for (unsigned slot = 0;; slot = (slot + 1) % slots, ++value) {
      Contact contact = contact_of(row_id(t, slot), owner_of(t));
      contact.nickname = std::to_string(value);
      if (auto put = vault.put(contact); !put) end(put.error());
      say({Said::put, static_cast<std::uint8_t>(t), static_cast<std::uint16_t>(slot), value});
      for (int attempt = 0;; ++attempt) {  // between load and release the row's key may be retired: load again
        auto read = vault.get<Contact>(row_id(t, slot));
        if (!read) end(read.error());
        auto may = vault.permit<AccountService>(*who, gateway);
        if (!may) end(may.error());
        const std::string text = released(read->nickname, *may);
        if (text == std::to_string(value)) break;
        if (text != "<no such key>" || attempt == 20) end({Errc::malformed});
      }
    }
  }
  void rotate_people(DiskBox& vault, std::uint32_t number) const {
    const std::string uid = "n" + std::to_string(number);
    auto fresh = vault.enrol(uid, AgeBand::adult);
    if (!fresh && fresh.error() == Errc::already_there) return;  // by an earlier child that could not say so
    if (!fresh) end(fresh.error());
    say({Said::enrolled, 0, 0, number});
    if (number % 3 == 0) {
      if (auto gone = vault.erase(*fresh); !gone) end(gone.error());
      say({Said::erased, 0, 0, number});
    }
    for (unsigned t = 0; t != threads; ++t) {
      auto who = vault.find(owner_of(t));
      if (!who) end(who.error());
      if (auto rotated = vault.rotate(*who); !rotated) end(rotated.error());
      say({Said::rotated, static_cast<std::uint8_t>(t), 0, number});
      Reseal at;
      while (!at.complete) {
        auto more = vault.reseal(*who, at, 4);
        if (!more) end(more.error());
        if (more->failed != 0) end({Errc::tampered});
        at = *more;
      }
      auto retired = vault.retire(*who);
      if (!retired && !(retired.error() == Errc::in_use)) end(retired.error());
      if (retired) say({Said::retired, static_cast<std::uint8_t>(t), 0, number});
    }
  }
  const Place& place_;
  int pipe_;
};

/// What was acknowledged so far, and which root opens the files.
struct Ledger {
  std::array<std::array<std::uint32_t, slots>, threads> stored{};
  std::set<std::uint32_t> people;
  std::set<std::uint32_t> erased;
  std::array<int, 8> heard{};
  std::uint32_t highest = 1;
  std::uint32_t root = 1;

  void hear(const Word& word) {
    ++heard[static_cast<std::size_t>(word.said)];
    if (highest < word.value && word.said != Said::failed && word.said != Said::root && word.said != Said::started) {
      highest = word.value;
    }
    if (word.said == Said::put) stored[word.thread][word.slot] = word.value;
    if (word.said == Said::enrolled) people.insert(word.value);
    if (word.said == Said::erased) erased.insert(word.value);
    if (word.said == Said::failed) FAIL("child: " << text(static_cast<Errc>(word.value)));
  }
  /// Finds the root: the one of before, or a later one; all older ones open nothing.
  void find_root(const Place& place) {
    for (std::uint32_t tried = root; tried != root + 200; ++tried) {
      auto opened = place.open(tried);
      if (opened) {
        root = tried;
        return;
      }
      REQUIRE(opened.error() == Errc::wrong_root);
    }
    FAIL("no root opens the files");
  }
  void check(DiskBox& vault, bool everybody) const {
    for (unsigned t = 0; t != threads; ++t) {
      auto who = vault.find(owner_of(t));
      REQUIRE(who);
      auto may = permit<AccountService>(vault, *who);
      for (unsigned slot = 0; slot != slots; ++slot) {
        if (stored[t][slot] == 0) continue;
        const Contact contact = load<Contact>(vault, row_id(t, slot));
        const std::string text = released(contact.nickname, may);
        if (text.starts_with("<")) FAIL("row: " << text);
        REQUIRE(std::stoul(text) >= stored[t][slot]);
      }
    }
    int looked = 0;
    for (auto at = people.rbegin(); at != people.rend() && (everybody || ++looked < 20); ++at) {
      const auto found = vault.find("n" + std::to_string(*at));
      if (erased.contains(*at)) {
        REQUIRE_FALSE(found);
      } else if (!found) {  // killed inside the erasure of somebody
        REQUIRE(*at % 3 == 0);
      }
    }
  }
};

}  // namespace

TEST_CASE("rotation under load, killed at a hundred random moments, loses nothing", "[vault][rotation][longer]") {
  Place place;
  Ledger ledger;
  {
    auto vault = place.open(1);
    REQUIRE(vault);
    for (unsigned t = 0; t != threads; ++t) static_cast<void>(enrol(*vault, owner_of(t)));
  }
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int kill = 0; kill != 100; ++kill) {
    INFO("kill " << kill);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const ::pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(ends[0]);
      Worker(place, ends[1]).run(ledger.root, ledger.highest + 1);
    }
    ::close(ends[1]);
    Word word;
    std::vector<Word> words;
    const auto hears = [&] { return ::read(ends[0], &word, sizeof word) == static_cast<::ssize_t>(sizeof word); };
    if (kill % 5 != 0 && hears()) words.push_back(word);  // now and then killed while it opens
    std::thread killer([&, wait = std::uniform_int_distribution<int>(1, 150)(random)] {
      std::this_thread::sleep_for(std::chrono::milliseconds(wait));
      ::kill(child, SIGKILL);
    });
    while (hears()) words.push_back(word);
    killer.join();
    ::close(ends[0]);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    for (const Word& one : words) ledger.hear(one);
    ledger.find_root(place);
    auto vault = place.open(ledger.root);
    REQUIRE(vault);
    ledger.check(*vault, false);
  }
  std::printf("  100 kills: %d puts, %d people, %d erasures, %d generations, %d retired, %d roots\n", ledger.heard[1],
              ledger.heard[2], ledger.heard[3], ledger.heard[4], ledger.heard[5], ledger.heard[6]);
  for (const Said said : {Said::put, Said::enrolled, Said::rotated, Said::root}) {
    CHECK(ledger.heard[static_cast<std::size_t>(said)] > 5);  // else the load was none
  }
  auto vault = place.open(ledger.root);
  REQUIRE(vault);
  auto moved = rotate_root(*vault, numbered_root(ledger.root), numbered_root(ledger.root + 1));
  REQUIRE(moved);
  CHECK(moved->complete);
  for (unsigned t = 0; t != threads; ++t) {
    const Subject who = *vault->find(owner_of(t));
    Reseal at;
    while (!at.complete) at = *vault->reseal(who, at);
    CHECK(at.failed == 0);
    CHECK(vault->retire(who));
  }
  ledger.check(*vault, true);
  CHECK(vault->audit().verify());
  REQUIRE(vault->close());
  for (std::uint32_t old = ledger.root > 3 ? ledger.root - 3 : 1; old <= ledger.root; ++old) {
    CHECK(failure(place.open(old)) == code(Errc::wrong_root));
  }
  CHECK(place.open(ledger.root + 1));
}
