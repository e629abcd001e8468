// SPDX-License-Identifier: Apache-2.0
// A wrong root, a damaged key file and a damaged field are told apart; what another process has just made is asked for
// again, and never taken for damage.
#include "custody_catch.hpp"
#include "temp_dir.hpp"
#include "world.hpp"

#include <sys/stat.h>

#include <custody/keys/key_file.hpp>

using namespace custody_test;

namespace {

void write_private(const std::string& path, std::string_view bytes) {
  ::unlink(path.c_str());
  const auto before = ::umask(077);
  write_file(path, bytes);
  ::umask(before);
}

/// A key file with one person in it, and an envelope of that person.
struct Scene {
  Scene() {
    auto file = c::KeyFile::open(path, root_of('k'));
    REQUIRE(file);
    auto ring = open(*file);
    person = *ring->enrol("u1");
    envelope = *c::at_rest::blob(*c::seal_for<&Account::phone>(*ring->binding<Account>("row", person), "15400059572"));
    handle = person.handle();
  }
  c::Result<World::Ring> open(c::KeyFile& file, char root = 'k') {
    return World::Ring::open(file, root_of(root), world.witness, world.authority, world.clock);
  }
  int reopened(char root = 'k') const {
    return failure(c::KeyFile::open(path, root_of(root), c::KeyFile::Missing::refuse));
  }
  TempDir folder;
  World world;
  std::string path = folder / "keys";
  c::Subject person;
  c::Handle handle;
  c::Bytes envelope;
};

}  // namespace

TEST_CASE("a wrong root, a damaged key file and a damaged field are three errors", "[keyring]") {
  Scene scene;
  const std::string good = file_bytes(scene.path);
  CHECK(scene.reopened('x') == code(c::Errc::wrong_root));
  CHECK(file_bytes(scene.path) == good);
  for (const std::size_t at : {std::size_t{100}, good.size() / 2, good.size() - 1}) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    write_private(scene.path, damaged);
    const int seen = scene.reopened();
    CHECK((seen == fine || seen == code(c::Errc::tampered) || seen == code(c::Errc::truncated)));
    CHECK(seen != code(c::Errc::wrong_root));
    if (seen == fine) CHECK(at < 4096);  // one of the two slots, of which the other is good
  }
  write_private(scene.path, good);
  auto file = c::KeyFile::open(scene.path, root_of('k'));
  REQUIRE(file);
  auto ring = scene.open(*file);
  auto person = ring->find("u1");
  REQUIRE(person);
  auto row = ring->binding<Account>("row", *person);
  auto permit = ring->permit<AccountService>(*person, {&service, "x"}, scene.world.clock.now() + c::minutes(1));
  Account account;
  auto damaged = scene.envelope;
  damaged[20] ^= std::byte{1};
  REQUIRE(c::at_rest::from_blob<&Account::phone>(*row, damaged, account.phone));
  CHECK(refusal(account.phone, *permit) == code(c::Errc::tampered));  // of the release: the file opened well
  CHECK(scene.world.witness.last().reason == c::Errc::tampered);
  REQUIRE(c::at_rest::from_blob<&Account::phone>(*row, scene.envelope, account.phone));
  CHECK(released(account.phone, *permit) == "15400059572");
}

TEST_CASE("no damage makes a fresh key file, and a person's key is never made anew", "[keyring]") {
  Scene scene;
  const std::string good = file_bytes(scene.path);
  const std::string others[] = {"",
                                std::string(1, '\0'),
                                std::string(4096, '\0'),
                                good.substr(0, good.size() / 2),
                                good + good,
                                good + good.substr(4096),
                                std::string(good.rbegin(), good.rend())};
  for (const std::string& bytes : others) {
    CAPTURE(bytes.size());
    write_private(scene.path, bytes);
    for (const auto missing : {c::KeyFile::Missing::create, c::KeyFile::Missing::refuse}) {
      CHECK(failure(c::KeyFile::open(scene.path, root_of('k'), missing)) != fine);
    }
    CHECK(file_bytes(scene.path) == bytes);
  }
}

TEST_CASE("the key file of another machine, with the same root or another", "[keyring]") {
  Scene ours;
  const Scene theirs;
  write_private(ours.path, file_bytes(theirs.path));
  CHECK(ours.reopened('x') == code(c::Errc::wrong_root));
  auto file = c::KeyFile::open(ours.path, root_of('k'));
  REQUIRE(file);  // a good file of the same root: its people are others
  auto ring = ours.open(*file);
  CHECK(failure(ring->find(ours.handle)) == code(c::Errc::unknown_key));
  auto namesake = ring->find("u1");
  REQUIRE(namesake);
  CHECK(namesake->handle() == theirs.handle);
  auto row = ring->binding<Account>("row", *namesake);
  auto permit = ring->permit<AccountService>(*namesake, {&service, "x"}, ours.world.clock.now() + c::minutes(1));
  Account account;
  REQUIRE(c::at_rest::from_blob<&Account::phone>(*row, ours.envelope, account.phone));
  CHECK(refusal(account.phone, *permit) == code(c::Errc::tampered));
}

TEST_CASE("a person whom another process has just enrolled is unknown_key, and then known", "[keyring]") {
  World world;
  const auto person = world.person("u1");
  c::MemoryKeyStore late;  // what the other process sees so far: nothing
  auto other = World::Ring::open(late, root_of('r'), world.witness, world.authority, world.clock);
  REQUIRE(other);
  for (int i = 0; i != 3; ++i) CHECK(failure(other->find(person.handle())) == code(c::Errc::unknown_key));
  REQUIRE(late.put_key(*world.keys->get_key(person.handle(), {}, 1)));
  const auto known = other->find(person.handle());
  REQUIRE(known);
  const auto envelope = *c::at_rest::blob(*c::seal_for<&Account::phone>(world.row<Account>("row", person), "1"));
  auto row = other->binding<Account>("row", *known);
  auto permit = other->permit<AccountService>(*known, {&service, "x"}, world.clock.now() + c::minutes(1));
  Account account;
  auto later = envelope;
  later[3] = std::byte{2};  // of a generation that this process has not seen
  REQUIRE(c::at_rest::from_blob<&Account::phone>(*row, later, account.phone));
  for (int i = 0; i != 3; ++i) CHECK(refusal(account.phone, *permit) == code(c::Errc::unknown_key));
  REQUIRE(c::at_rest::from_blob<&Account::phone>(*row, envelope, account.phone));
  CHECK(released(account.phone, *permit) == "1");
}

TEST_CASE("two stores that were given one generation twice keep the first key", "[keyring]") {
  World world;
  const auto person = world.person("u1");
  auto first = *world.keys->get_key(person.handle(), {}, 1);
  auto second = first;
  second.wrapped[10] ^= std::byte{1};
  CHECK(failure(world.keys->put_key(second)) == code(c::Errc::already_there));
  CHECK(world.keys->get_key(person.handle(), {}, 1)->wrapped == first.wrapped);
}

TEST_CASE("a key whose fingerprint is another key's, or nobody's, is not used", "[keyring]") {
  World world;
  const auto person = world.person("u1");
  const auto other = world.person("u2");
  const auto good = *world.keys->get_key(person.handle(), {}, 1);
  const auto foreign = world.keys->get_key(other.handle(), {}, 1)->fingerprint;
  const auto fate = [&](const std::array<std::byte, 32>& fingerprint) {
    c::MemoryKeyStore store;
    auto key = good;
    key.fingerprint = fingerprint;
    REQUIRE(store.put_key(key));
    auto ring = World::Ring::open(store, root_of('r'), world.witness, world.authority, world.clock);
    const auto known = ring->find(person.handle());
    REQUIRE(known);
    return failure(ring->binding<Account>("row", *known));
  };
  CHECK(fate(good.fingerprint) == fine);
  CHECK(fate({}) == code(c::Errc::tampered));
  CHECK(fate(foreign) == code(c::Errc::tampered));
  for (std::size_t bit = 0; bit != 256; ++bit) {
    auto flipped = good.fingerprint;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    CHECK(fate(flipped) == code(c::Errc::tampered));
  }
}
