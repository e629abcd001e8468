// SPDX-License-Identifier: Apache-2.0
// The budget of AES-256-GCM with random nonces: at most 2^32 messages for a key, counted in the key store in blocks
// before they are used, so that crashes, evictions and other processes only waste some.
#include "custody_catch.hpp"
#include "temp_dir.hpp"
#include "world.hpp"

#include <thread>

#include <custody/keys/key_file.hpp>

using namespace custody_test;

namespace {

using GcmWorld = BasicWorld<Demo, c::Aes256Gcm>;
constexpr std::uint64_t limit = c::Aes256Gcm::message_limit;
constexpr std::uint64_t block = c::detail::ContentKey::budget_block;

template <class Keys>
std::uint64_t spent(Keys& keys, const c::Subject& person) {
  return *keys.reserve(person.handle(), 1, 0, limit);
}
/// As if so many messages had been sealed already.
template <class Keys>
void pretend(Keys& keys, const c::Subject& person, std::uint64_t count) {
  REQUIRE(keys.reserve(person.handle(), 1, count, limit));
}
/// Messages that a key still allows; each is spent.
std::uint64_t spend_all(const c::Binding& row, c::KeyStore& store, c::Errc& end) {
  auto& key = *c::BindingOffice::body(row)->key;
  for (std::uint64_t count = 0;; ++count) {
    if (auto done = key.spend(store, limit); !done) {
      end = done.error().code;
      return count;
    }
  }
}
template <class Ring>
c::Result<Ring> open_ring(c::KeyFile& file, GcmWorld& world) {
  return Ring::open(file, root_of('r'), world.witness, world.authority, world.clock);
}

}  // namespace

static_assert(limit == std::uint64_t{1} << 32);

TEST_CASE("the last block is used up and not one message more", "[budget]") {
  if (!c::Aes256Gcm::available()) return;
  GcmWorld world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  auto before = c::seal_for<&Account::phone>(row, "15400059572");
  REQUIRE(before);
  CHECK(spent(*world.keys, person) == block);
  pretend(*world.keys, person, limit - 3 * block);
  c::Errc end = c::Errc::unset;
  CHECK(spend_all(row, *world.keys, end) == 3 * block - 1);
  CHECK(end == c::Errc::budget_exhausted);
  CHECK(spent(*world.keys, person) == limit);

  for (int i = 0; i != 100; ++i) {
    CHECK(failure(c::seal_for<&Account::phone>(row, "x")) == code(c::Errc::budget_exhausted));
  }
  Account account;
  account.email = "kept";
  CHECK(failure(c::bind<&Account::email>(row, account.email)) == code(c::Errc::budget_exhausted));
  CHECK(account.email.has_value());  // the transient value is as it was
  CHECK(failure(c::at_rest::blob(account.email)) == code(c::Errc::not_bound));
  CHECK(released(*before, world.permit<AccountService>(person)) == "15400059572");  // opening costs none
  const auto other = world.person("u2");
  CHECK(c::seal_for<&Account::phone>(world.row<Account>("row", other), "x"));
  world.reopen();
  const auto again = world.person("u1");
  CHECK(failure(c::seal_for<&Account::phone>(world.row<Account>("row", again), "x")) ==
        code(c::Errc::budget_exhausted));
}

TEST_CASE("a limit that is no multiple of blocks is never passed", "[budget]") {
  if (!c::Aes256Gcm::available()) return;
  for (const std::uint64_t rest : {std::uint64_t{0}, std::uint64_t{1}, block - 1, block, block + 1}) {
    GcmWorld world;
    const auto person = world.person("u1");
    const auto row = world.row<Account>("row", person);
    pretend(*world.keys, person, limit - rest);
    c::Errc end = c::Errc::unset;
    CHECK(spend_all(row, *world.keys, end) <= rest);
    CHECK(end == c::Errc::budget_exhausted);
    CHECK(spent(*world.keys, person) <= limit);
  }
}

TEST_CASE("threads that spend together never spend more than was reserved", "[budget]") {
  if (!c::Aes256Gcm::available()) return;
  GcmWorld world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  pretend(*world.keys, person, limit - 2 * block);
  std::atomic<std::uint64_t> total{0};
  std::vector<std::thread> running;
  for (int i = 0; i != 8; ++i) {
    running.emplace_back([&] {
      c::Errc end = c::Errc::unset;
      total += spend_all(row, *world.keys, end);
    });
  }
  for (std::thread& one : running) one.join();
  CHECK(total <= 2 * block);
  CHECK(total > 0);
  CHECK(spent(*world.keys, person) <= limit);
}

TEST_CASE("evictions and a second ring on one store only waste", "[budget]") {
  if (!c::Aes256Gcm::available()) return;
  GcmWorld world;
  auto second = GcmWorld::Ring::open(*world.keys, root_of('r'), world.witness, world.authority, world.clock);
  REQUIRE(second);
  const auto here = world.person("u1");
  const auto there = second->find("u1");
  REQUIRE(there);
  const auto ours = world.row<Account>("row", here);
  const auto theirs = second->binding<Account>("row", *there);
  REQUIRE(theirs);
  REQUIRE(c::seal_for<&Account::phone>(ours, "x"));
  CHECK(spent(*world.keys, here) == block);
  REQUIRE(c::seal_for<&Account::phone>(*theirs, "x"));
  CHECK(spent(*world.keys, here) == 2 * block);
  for (std::uint64_t i = 0; i != 5; ++i) {
    world.reopen();
    const auto again = world.person("u1");
    REQUIRE(c::seal_for<&Account::phone>(world.row<Account>("row", again), "x"));
    CHECK(spent(*world.keys, again) == (3 + i) * block);
  }
  pretend(*world.keys, here, limit - 7 * block);
  const auto last = world.person("u1");
  c::Errc end = c::Errc::unset;
  CHECK(spend_all(world.row<Account>("row", last), *world.keys, end) == block - 1);  // what is left of its block
  CHECK(spend_all(*theirs, *world.keys, end) == block - 1);
  CHECK(failure(c::seal_for<&Account::phone>(*theirs, "x")) == code(c::Errc::budget_exhausted));
}

TEST_CASE("a crash after any number of seals leaves at least as many counted in the file", "[budget][fork]") {
  if (!c::Aes256Gcm::available()) return;
  const TempDir folder;
  const std::string path = folder / "keys";
  GcmWorld world;
  const auto seal_and_crash = [&](int seals) {
    return in_child([&] {
      auto file = c::KeyFile::open(path, root_of('k'));
      if (!file) return 1;
      auto ring = open_ring<GcmWorld::Ring>(*file, world);
      if (!ring) return 2;
      auto person = ring->find("u1");
      if (!person) person = ring->enrol("u1");
      if (!person) return 3;
      auto row = ring->binding<Account>("row", *person);
      if (!row) return 4;
      for (int i = 0; i != seals; ++i) {
        if (!c::seal_for<&Account::phone>(*row, "x")) return 5;
      }
      ::_exit(0);  // no destructor runs
    });
  };
  std::uint64_t expected = 0;
  for (const int seals : {1, 0, 3, 100}) {
    REQUIRE(seal_and_crash(seals) == 0);
    expected += seals == 0 ? 0 : block;
    auto file = c::KeyFile::open(path, root_of('k'));
    REQUIRE(file);
    auto ring = open_ring<GcmWorld::Ring>(*file, world);
    auto person = ring->find("u1");
    REQUIRE(person);
    CHECK(spent(*file, *person) == expected);
  }
  {
    auto file = c::KeyFile::open(path, root_of('k'));
    REQUIRE(file);
    auto ring = open_ring<GcmWorld::Ring>(*file, world);
    auto person = ring->find("u1");
    REQUIRE(person);
    pretend(*file, *person, limit - expected);
  }
  CHECK(seal_and_crash(0) == 0);
  CHECK(seal_and_crash(1) == 5);
}

TEST_CASE("the default suite needs no budget", "[budget]") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  pretend(*world.keys, person, limit);
  CHECK(c::seal_for<&Account::phone>(row, "x"));
  CHECK(c::BindingOffice::body(row)->key->spend(*world.keys, c::XChaCha20Poly1305::message_limit));
}
