// SPDX-License-Identifier: Apache-2.0
// An older copy of the keys takes the place of the keys.
#include <custody/keys/key_age.hpp>
#include <custody/keys/key_file.hpp>
#include <custody/storage/sqlite_key_store.hpp>

#include <atomic>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "custody_catch.hpp"
#include "world.hpp"

#include "../support/temp_dir.hpp"

using namespace custody_test;

namespace {

struct Note : c::Retained<c::keep_for<c::calendar_days(30)>> {
  c::Public<std::string> uid;
  c::Personal<std::string, AccountService> text;
  using custody_fields = c::Fields<c::record<"note", 31>, c::key<&Note::uid>, c::owner<&Note::uid>,
                                   c::field<1, "text", &Note::text, c::Category::bio>>;
};

/// A host with a ring on a key file, and the number that it keeps with its data.
struct Host {
  TempDir place;
  Notebook witness;
  Ledger authority;
  c::ManualClock clock{{1'700'000'000'000}};
  std::uint64_t seen = 0;

  std::string path() const { return place / "im.keys"; }
  /// Opens, does something and ends; what failed.
  template <class Work>
  int run(Work work) {
    auto keys = c::KeyFile::open(path(), root_of('r'));
    if (!keys) return failure(keys);
    const auto age = c::advance_key_age(*keys, seen);
    if (!age) return failure(age);
    seen = *age;
    auto ring = c::KeyRing<Demo>::open(*keys, root_of('r'), witness, authority, clock);
    REQUIRE(ring);
    work(*ring);
    const auto now = c::advance_key_age(*keys, seen);
    REQUIRE(now);
    seen = *now;
    return fine;
  }
};

}  // namespace

TEST_CASE("an older copy of the keys is refused before it gives a generation out again", "[key_age]") {
  Host host;
  CHECK(host.run([](auto& ring) { REQUIRE(ring.enrol("li")); }) == fine);
  const std::string before = file_bytes(host.path());
  c::Bytes sealed;
  CHECK(host.run([&](auto& ring) {
    const auto li = *ring.find("li");
    REQUIRE(ring.rotate(li));
    sealed = *c::at_rest::blob(*c::seal_for<&Note::text>(*ring.template binding<Note>("n", li), "hello"));
  }) == fine);
  const std::string now = file_bytes(host.path());
  write_file(host.path(), before);
  CHECK(host.run([](auto&) { FAIL("opened"); }) == code(c::Errc::rolled_back));
  CHECK(file_bytes(host.path()) == before);  // and is as it was
  write_file(host.path(), now);
  CHECK(host.run([&](auto& ring) {
    Note note;
    const auto li = *ring.find("li");
    REQUIRE(c::at_rest::from_blob<&Note::text>(*ring.template binding<Note>("n", li), sealed, note.text));
    const auto permit =
        *ring.template permit<AccountService>(li, {&service, "tester"}, host.clock.now() + c::minutes(5));
    CHECK(released(note.text, permit) == "hello");
  }) == fine);
  // without the number nobody can tell: the control
  write_file(host.path(), before);
  host.seen = 0;
  CHECK(host.run([](auto&) {}) == fine);
}

TEST_CASE("a crash before the number is kept is no alarm, and damage is told", "[key_age]") {
  c::MemoryKeyStore keys;
  CHECK(*c::advance_key_age(keys, 0) == 1);
  CHECK(*c::advance_key_age(keys, 0) == 2);  // the 1 was not kept
  CHECK(*c::advance_key_age(keys, 2) == 3);
  const auto old = c::advance_key_age(keys, 9);
  REQUIRE_FALSE(old);
  CHECK(old.error() == c::Errc::rolled_back);
  CHECK(old.error().at == 3);
  CHECK(failure(c::advance_key_age(keys, 4)) == code(c::Errc::rolled_back));  // by one is older, too
  CHECK(*c::advance_key_age(keys, 3) == 4);
  const std::byte odd[] = {std::byte{1}};
  REQUIRE(keys.put_fact("keys.age", odd));
  CHECK(failure(c::advance_key_age(keys, 0)) == code(c::Errc::malformed));
  REQUIRE(keys.put_fact("keys.age", c::Bytes(9, std::byte{1})));
  CHECK(failure(c::advance_key_age(keys, 0)) == code(c::Errc::malformed));
}

TEST_CASE("processes and threads that share a store raise no false alarm", "[key_age][fork]") {
  const TempDir place;
  const auto open = [&] { return std::move(*c::SqliteKeyStore::open({place / "keys.db", true, 20'000}, "demo")); };
  {
    const auto made = open();
  }
  /// How often a host that counts on is refused.
  const auto count = [](c::KeyStore& keys) {
    int refused = 0;
    std::uint64_t seen = 0;
    for (int i = 0; i != 60; ++i) {
      const auto age = c::advance_key_age(keys, seen);
      if (age) {
        seen = *age;
      } else {
        ++refused;
      }
    }
    return refused;
  };
  std::vector<::pid_t> children;
  for (int i = 0; i != 3; ++i) {
    children.push_back(::fork());
    if (children.back() == 0) ::_exit(count(*open()));
  }
  for (const ::pid_t child : children) {
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(*c::advance_key_age(*open(), 180) == 181);

  auto keys = c::KeyFile::open(place / "im.keys", root_of('r'));
  REQUIRE(keys);
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i != 3; ++i) threads.emplace_back([&] { refused += count(*keys); });
  for (std::thread& each : threads) each.join();
  CHECK(refused == 0);
  CHECK(*c::advance_key_age(*keys, 180) == 181);
}
