// SPDX-License-Identifier: Apache-2.0
// Rotation of persons', conversations' and root keys on a ring, over every key store.
#include <custody/storage/root_rotation.hpp>

#include <csignal>
#include <thread>

#include <sys/wait.h>

#include <custody/keys/key_file.hpp>
#include <custody/storage/sqlite_key_store.hpp>

#include "custody_catch.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

using namespace custody_test;

namespace {

using Ring = c::KeyRing<Demo>;

struct MemoryKeys {
  c::MemoryKeyStore store;
  c::KeyStore& keys(char) { return store; }
  bool holds(c::ByteView) { return false; }
  static constexpr bool on_disk = false;
};
struct DiskKeys {
  TempDir place{"/dev/shm"};
  std::optional<c::KeyFile> store;
  c::KeyFile& keys(char root) {
    if (!store) {
      auto opened = c::KeyFile::open(place / "keys", root_of(root));
      if (!opened) FAIL(c::text(opened.error().code));
      store.emplace(std::move(*opened));
    }
    return *store;
  }
  void close() { store.reset(); }
  bool holds(c::ByteView bytes) { return any_file_holds(place.path(), c::as_text(bytes)); }
  static constexpr bool on_disk = true;
};
struct InSqlite {
  TempDir place{"/dev/shm"};
  std::unique_ptr<c::SqliteKeyStore> store;
  c::SqliteKeyStore& keys(char) {
    if (!store) {
      auto opened = c::SqliteKeyStore::open({place / "im.keys", true, 2000}, "demo-im");
      if (!opened) FAIL(c::text(opened.error().code));
      store = std::move(*opened);
    }
    return *store;
  }
  void close() { store.reset(); }
  bool holds(c::ByteView bytes) { return any_file_holds(place.path(), c::as_text(bytes)); }
  static constexpr bool on_disk = true;
};

/// What rings stand on besides their keys.
struct Ground {
  Notebook witness;
  Ledger authority;
  c::ManualClock clock{{1'700'000'000'000}};

  template <class Keys>
  c::Result<Ring> try_open(Keys& keys, char root) {
    return Ring::open(keys, root_of(root), witness, authority, clock);
  }
  template <class Keys>
  Ring open(Keys& keys, char root = 'a') {
    auto ring = try_open(keys, root);
    if (!ring) FAIL("ring: " << c::text(ring.error().code));
    return std::move(*ring);
  }
  template <class Tag>
  c::Permit<Tag> permit(Ring& ring, const c::Subject& subject) {
    return std::move(*ring.permit<Tag>(subject, {&service, "tester"}, clock.now() + c::minutes(5)));
  }
};
template <class Place>
auto& keys_of(Place& place, char root = 'a') {
  if constexpr (Place::on_disk)
    return place.keys(root);
  else
    return place.store;
}
template <class Place>
void close(Place& place) {
  if constexpr (Place::on_disk) place.close();
}
std::uint32_t generation_of(c::ByteView envelope) { return c::EnvelopeHeader::read(envelope)->generation; }

/// Reads a stored phone through a ring: the text, or the error in angle brackets.
std::string phone_at(Ground& ground, Ring& ring, const c::Handle& who, std::string_view row, c::ByteView envelope) {
  auto subject = ring.find(who);
  if (!subject) return std::string("<") + c::text(subject.error().code) + ">";
  auto place = ring.binding<Account>(row, *subject);
  if (!place) return std::string("<") + c::text(place.error().code) + ">";
  Account account;
  if (auto read = c::at_rest::from_blob<&Account::phone>(*place, envelope, account.phone); !read) return "<unread>";
  return released(account.phone, ground.permit<AccountService>(ring, *subject));
}
c::Bytes sealed_phone(Ring& ring, const c::Subject& subject, std::string_view row, std::string_view number) {
  auto place = ring.binding<Account>(row, subject);
  REQUIRE(place);
  auto phone = c::seal_for<&Account::phone>(*place, std::string(number));
  REQUIRE(phone);
  return std::move(*c::at_rest::blob(*phone));
}
std::vector<c::Bytes> root_wraps(c::KeyStore& keys, std::uint32_t root) {
  std::vector<c::Bytes> all;
  auto page = keys.keys_held(c::detail::root_holder(root), {}, 0, 10'000);
  REQUIRE(page);
  for (const c::WrappedKey& key : *page) all.push_back(key.wrapped);
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("a rotated person's new values use the new key, and the old ones still open", "[rotation]",
                   MemoryKeys, DiskKeys, InSqlite) {
  Ground ground;
  TestType place;
  auto& keys = keys_of(place);
  Ring ring = ground.open(keys);
  const c::Subject li = *ring.enrol("li");
  const c::Bytes old = sealed_phone(ring, li, "r1", "13800138000");
  CHECK(generation_of(old) == 1);
  auto rotated = ring.rotate(li);
  REQUIRE(rotated);
  CHECK(*rotated == 2);
  CHECK(ground.witness.last().verb == c::Verb::rotate);
  const c::Bytes fresh = sealed_phone(ring, li, "r2", "15400059572");
  CHECK(generation_of(fresh) == 2);
  CHECK(phone_at(ground, ring, li.handle(), "r1", old) == "13800138000");
  CHECK(phone_at(ground, ring, li.handle(), "r2", fresh) == "15400059572");
  Ring other = ground.open(keys);  // knows nothing but what is stored
  CHECK(phone_at(ground, other, li.handle(), "r1", old) == "13800138000");
  CHECK(phone_at(ground, other, li.handle(), "r2", fresh) == "15400059572");
}

TEST_CASE("binding a field of an older generation seals it again, once", "[rotation]") {
  World world;
  const c::Subject li = world.person("li");
  const auto before = world.row<Account>("r1", li);
  auto phone = *c::seal_for<&Account::phone>(before, "13800138000");
  const c::Bytes old = *c::at_rest::blob(phone);
  REQUIRE(world.ring().rotate(li));
  REQUIRE(c::bind<&Account::phone>(before, phone));  // the place seals with the old key: nothing to win
  CHECK(*c::at_rest::blob(phone) == old);
  const auto after = world.row<Account>("r1", li);
  REQUIRE(c::bind<&Account::phone>(after, phone));
  const c::Bytes renewed = *c::at_rest::blob(phone);
  CHECK(generation_of(renewed) == 2);
  REQUIRE(c::bind<&Account::phone>(after, phone));
  CHECK(*c::at_rest::blob(phone) == renewed);
  REQUIRE(c::bind<&Account::phone>(before, phone));  // never back
  CHECK(*c::at_rest::blob(phone) == renewed);
  CHECK(released(phone, world.permit<AccountService>(li)) == "13800138000");
}

TEMPLATE_TEST_CASE("a retired generation is gone for good, and the newest is never retired", "[rotation]", MemoryKeys,
                   DiskKeys, InSqlite) {
  Ground ground;
  TestType place;
  auto& keys = keys_of(place);
  Ring ring = ground.open(keys);
  const c::Subject li = *ring.enrol("li");
  const auto stale = *ring.binding<Account>("r1", li);
  const c::Bytes old = sealed_phone(ring, li, "r1", "13800138000");
  CHECK(failure(ring.retire(li, 1)) == code(c::Errc::in_use));
  REQUIRE(ring.rotate(li));
  CHECK(failure(ring.retire(li, 2)) == code(c::Errc::in_use));
  CHECK(failure(ring.retire(li, 0)) == code(c::Errc::in_use));
  const c::Bytes wrapped = keys.get_key(li.handle(), {}, 1)->wrapped;
  const c::Bytes kept = keys.get_key(li.handle(), {}, 2)->wrapped;
  if (TestType::on_disk) CHECK(place.holds(wrapped));
  REQUIRE(ring.retire(li, 1));
  REQUIRE(ring.retire(li, 1));
  CHECK(failure(keys.get_key(li.handle(), {}, 1)) == code(c::Errc::unknown_key));
  CHECK_FALSE(place.holds(wrapped));
  if (TestType::on_disk) CHECK(place.holds(kept));
  CHECK(phone_at(ground, ring, li.handle(), "r1", old) == "<no such key>");
  CHECK(failure(c::seal_for<&Account::phone>(stale, "1")) == code(c::Errc::destroyed));  // would be lost at once
  CHECK(generation_of(sealed_phone(ring, li, "r1", "15400059572")) == 2);
  REQUIRE(ring.rotate(li));
  CHECK(generation_of(sealed_phone(ring, li, "r1", "15400059572")) == 3);
}

TEMPLATE_TEST_CASE("a conversation outlives the rotation of its members' keys and of its own", "[rotation]", MemoryKeys,
                   DiskKeys, InSqlite) {
  Ground ground;
  TestType place;
  auto& keys = keys_of(place);
  Ring ring = ground.open(keys);
  const c::Subject both[] = {*ring.enrol("li"), *ring.enrol("wang")};
  const c::Conversation talk = *ring.converse(both);
  const auto say = [&](Ring& in, std::string_view row) {
    auto there = in.binding<Message>(row, talk, *in.members(talk));
    REQUIRE(there);
    return std::move(*c::at_rest::blob(*c::seal_for<&Message::body>(*there, std::string("hello"))));
  };
  const auto hear = [&](Ring& in, std::string_view row, c::ByteView envelope) {
    auto there = in.binding<Message>(row, talk, *in.members(talk));
    if (!there) return std::string("<") + c::text(there.error().code) + ">";
    Message message;
    REQUIRE(c::at_rest::from_blob<&Message::body>(*there, envelope, message.body));
    return released(message.body, ground.permit<MessageDelivery>(in, *in.find(both[0].handle())));
  };
  const c::Bytes first = say(ring, "m1");
  const c::Bytes wrap = keys.get_key(talk.handle, both[0].handle(), 1)->wrapped;
  REQUIRE(ring.rotate(both[0]));
  CHECK(keys.get_key(talk.handle, both[0].handle(), 1)->wrapped.size() == wrap.size() + 4);
  REQUIRE(ring.retire(both[0], 1));
  CHECK_FALSE(place.holds(wrap));
  {
    Ring other = ground.open(keys);
    CHECK(hear(other, "m1", first) == "hello");
    CHECK(generation_of(say(other, "m2")) == 1);
  }
  REQUIRE(ring.rotate(both[1]));
  REQUIRE(ring.retire(both[1], 1));
  auto rotated = ring.rotate(talk);
  REQUIRE(rotated);
  CHECK(*rotated == 2);
  Ring other = ground.open(keys);
  const c::Bytes second = say(other, "m3");
  CHECK(generation_of(second) == 2);
  CHECK(hear(other, "m1", first) == "hello");
  CHECK(hear(other, "m3", second) == "hello");
  REQUIRE(ring.retire(talk, 1));
  CHECK(hear(ring, "m3", second) == "hello");
  CHECK(hear(ring, "m1", first) == "<the key was destroyed>");
  CHECK(failure(ring.retire(talk, 2)) == code(c::Errc::in_use));
}

TEST_CASE("who comes back to a conversation does not get older words by a rotation", "[rotation]") {
  World world;
  const c::Subject li = world.person("li");
  const c::Subject wang = world.person("wang");
  const c::Subject both[] = {li, wang};
  const c::Conversation talk = *world.ring().converse(both);
  const std::vector<c::Handle> owners = *world.ring().members(talk);
  auto place = *world.ring().binding<Message>("m1", talk, owners, 1);
  auto body = *c::seal_for<&Message::body>(place, "before");
  REQUIRE(world.ring().regroup(talk, std::span<const c::Subject>(both, 1)));
  REQUIRE(world.ring().regroup(talk, both));  // wang is back
  CHECK(refusal(body, world.permit<MessageDelivery>(wang)) == code(c::Errc::destroyed));
  REQUIRE(c::bind<&Message::body>(*world.ring().binding<Message>("m1", talk, owners, 1), body));
  CHECK(generation_of(*c::at_rest::blob(body)) == 1);
  CHECK(refusal(body, world.permit<MessageDelivery>(wang)) == code(c::Errc::destroyed));
  CHECK(released(body, world.permit<MessageDelivery>(li)) == "before");
}

TEST_CASE("the last of 2^24 generations is the end, cleanly", "[rotation]") {
  World world;
  const c::Subject li = world.person("li");
  auto secret = c::SecretKey::random();
  REQUIRE(world.ring().core()->roots().put(*world.keys, "demo-im", li.handle(), 0xFFFFFE, *secret, {1}));
  auto last = world.ring().rotate(li);
  REQUIRE(last);
  CHECK(*last == 0xFFFFFF);
  CHECK(failure(world.ring().rotate(li)) == code(c::Errc::budget_exhausted));
  CHECK(failure(world.keys->get_key(li.handle(), {}, 0x1000000)) == code(c::Errc::unknown_key));
  auto phone = c::seal_for<&Account::phone>(world.row<Account>("r1", li), "13800138000");
  REQUIRE(phone);
  CHECK(generation_of(*c::at_rest::blob(*phone)) == 0xFFFFFF);
  CHECK(released(*phone, world.permit<AccountService>(li)) == "13800138000");
  const c::Conversation talk = *world.ring().converse({&li, 1});
  REQUIRE(world.ring().core()->start_generation(talk.handle, 0xFFFFFF, c::PermitOffice::states({&li, 1})));
  CHECK(failure(world.ring().rotate(talk)) == code(c::Errc::budget_exhausted));
}

TEMPLATE_TEST_CASE("a root rotation moves everybody, and the old root opens nothing any more", "[rotation]", MemoryKeys,
                   DiskKeys, InSqlite) {
  Ground ground;
  TestType place;
  std::vector<c::Handle> who;
  std::vector<c::Bytes> sealed;
  std::vector<c::Bytes> old_wraps;
  {
    auto& keys = keys_of(place);
    Ring ring = ground.open(keys);
    for (int i = 0; i != 600; ++i) {
      const std::string uid = "u" + std::to_string(i);
      who.push_back(ring.enrol(uid)->handle());
      if (i % 100 == 0) REQUIRE(ring.rotate(*ring.find(uid)));
      sealed.push_back(sealed_phone(ring, *ring.find(uid), uid, "13800138000"));
    }
    old_wraps = root_wraps(keys, 1);
    if (TestType::on_disk) CHECK(place.holds(old_wraps.front()));
    int batches = 0;
    auto done = c::rotate_root(ring, root_of('a'), root_of('b'), [&](const c::RootRotation& now) {
      CHECK(now.done <= now.total);
      ++batches;
      return true;
    });
    REQUIRE(done);
    CHECK(done->complete);
    CHECK(done->failed == 0);
    CHECK(batches >= 3);
    CHECK(ring.find("u7")->handle() == who[7]);  // the index key is what it was
    CHECK(phone_at(ground, ring, who[3], "u3", sealed[3]) == "13800138000");
    CHECK(root_wraps(keys, 1).empty());
    const auto again = c::rotate_root(ring, root_of('a'), root_of('b'));
    REQUIRE(again);
    CHECK(again->complete);
  }
  close(place);
  if constexpr (std::is_same_v<TestType, DiskKeys>) {
    CHECK(failure(c::KeyFile::open(place.place / "keys", root_of('a'))) == code(c::Errc::wrong_root));
  } else {
    CHECK(failure(ground.try_open(keys_of(place), 'a')) == code(c::Errc::wrong_root));
  }
  CHECK(failure(ground.try_open(keys_of(place, 'b'), 'x')) == code(c::Errc::wrong_root));
  Ring ring = ground.open(keys_of(place, 'b'), 'b');
  for (std::size_t i = 0; i != who.size(); ++i) {
    const std::string uid = "u" + std::to_string(i);
    REQUIRE(phone_at(ground, ring, who[i], uid, sealed[i]) == "13800138000");
    REQUIRE(ring.find(uid)->handle() == who[i]);
  }
  for (std::size_t i = 0; i < old_wraps.size(); i += 50) REQUIRE_FALSE(place.holds(old_wraps[i]));
  if (TestType::on_disk) CHECK(place.holds(root_wraps(keys_of(place, 'b'), 2).front()));
  REQUIRE(c::rotate_root(ring, root_of('b'), root_of('a'))->complete);  // and once more
  CHECK(phone_at(ground, ring, who[9], "u9", sealed[9]) == "13800138000");
  CHECK(root_wraps(keys_of(place, 'a'), 2).empty());
}

TEMPLATE_TEST_CASE("a stopped root rotation leaves a store that both roots open, and goes on from either", "[rotation]",
                   MemoryKeys, InSqlite) {
  const char resume_from = GENERATE('a', 'b');
  Ground ground;
  TestType place;
  auto& keys = keys_of(place);
  std::vector<c::Bytes> sealed;
  std::vector<c::Handle> who;
  {
    Ring ring = ground.open(keys);
    for (int i = 0; i != 600; ++i) {
      const c::Subject one = *ring.enrol("u" + std::to_string(i));
      who.push_back(one.handle());
      sealed.push_back(sealed_phone(ring, one, "r", "13800138000"));
    }
    auto stopped = c::rotate_root(ring, root_of('a'), root_of('b'), [](const c::RootRotation&) { return false; });
    REQUIRE(stopped);
    CHECK_FALSE(stopped->complete);
    CHECK(stopped->done == 256);
    CHECK(failure(c::rotate_root(ring, root_of('a'), root_of('x'))) == code(c::Errc::already_there));
  }
  for (const char root : {'a', 'b'}) {
    Ring ring = ground.open(keys, root);
    for (std::size_t i = 0; i != who.size(); ++i) {
      REQUIRE(phone_at(ground, ring, who[i], "r", sealed[i]) == "13800138000");
    }
    const c::Subject late = *ring.enrol(std::string("late-") + root);  // whichever root enrols, both must open
    who.push_back(late.handle());
    sealed.push_back(sealed_phone(ring, late, "r", "13800138000"));
  }
  Ring old = ground.open(keys, 'a');  // goes on with the old root meanwhile
  {
    Ring ring = ground.open(keys, resume_from);
    REQUIRE(c::rotate_root(ring, root_of('a'), root_of('b'))->complete);
  }
  CHECK(failure(old.enrol("too late")) == code(c::Errc::wrong_root));
  CHECK(phone_at(ground, old, who[0], "r", sealed[0]) == "<the root key does not open this key file>");
  REQUIRE(c::rotate_root(old, root_of('a'), root_of('b'))->complete);  // takes the new one over
  CHECK(old.enrol("in time"));
  CHECK(phone_at(ground, old, who[0], "r", sealed[0]) == "13800138000");
  CHECK(failure(ground.try_open(keys, 'a')) == code(c::Errc::wrong_root));
  Ring ring = ground.open(keys, 'b');
  for (std::size_t i = 0; i != who.size(); ++i) {
    REQUIRE(phone_at(ground, ring, who[i], "r", sealed[i]) == "13800138000");
  }
}

TEST_CASE("whoever has the old root and a copy from during a rotation does not learn the new one", "[rotation]") {
  Ground ground;
  c::MemoryKeyStore keys;
  Ring ring = ground.open(keys);
  for (int i = 0; i != 300; ++i) REQUIRE(ring.enrol("u" + std::to_string(i)));
  REQUIRE(c::rotate_root(ring, root_of('a'), root_of('b'), [](const c::RootRotation&) { return false; }));
  c::detail::RootWraps thief;
  REQUIRE(thief.open(keys, root_of('a')));
  CHECK(thief.find(1));
  CHECK_FALSE(thief.find(2));
  c::detail::RootWraps heir;
  REQUIRE(heir.open(keys, root_of('b')));
  CHECK(heir.find(1));  // the bridge leads one way
  CHECK(heir.find(2));
}

TEST_CASE("a root rotation may be taken back until its last step", "[rotation]") {
  Ground ground;
  c::MemoryKeyStore keys;
  Ring ring = ground.open(keys);
  for (int i = 0; i != 300; ++i) REQUIRE(ring.enrol("u" + std::to_string(i)));
  REQUIRE(c::rotate_root(ring, root_of('a'), root_of('b'), [](const c::RootRotation&) { return false; }));
  REQUIRE(c::rotate_root(ring, root_of('b'), root_of('a'))->complete);
  CHECK(root_wraps(keys, 2).empty());
  CHECK(failure(ground.try_open(keys, 'b')) == code(c::Errc::wrong_root));
  CHECK(ground.open(keys, 'a').find("u5"));
  REQUIRE(c::rotate_root(ring, root_of('a'), root_of('x'))->complete);  // under a number never used before
  CHECK_FALSE(root_wraps(keys, 3).empty());
  CHECK(ground.open(keys, 'x').find("u5"));
}

TEST_CASE("a root rotation refuses a root that is not the store's, and keys that it does not open", "[rotation]") {
  Ground ground;
  c::MemoryKeyStore keys;
  Ring ring = ground.open(keys);
  const c::Subject li = *ring.enrol("li");
  const c::Subject bad = *ring.enrol("bad");
  CHECK(failure(c::rotate_root(ring, root_of('x'), root_of('b'))) == code(c::Errc::wrong_root));
  {
    Ring wrong = ground.open(keys, 'x');
    CHECK(failure(c::rotate_root(wrong, root_of('x'), root_of('b'))) == code(c::Errc::wrong_root));
  }
  CHECK(root_wraps(keys, 2).empty());
  c::WrappedKey damaged = *keys.get_key(bad.handle(), {}, 1);
  const c::Bytes before = damaged.wrapped;
  damaged.wrapped[30] ^= std::byte{1};
  REQUIRE(*keys.replace_key(damaged, before));
  Ring fresh = ground.open(keys);
  const auto refused = c::rotate_root(fresh, root_of('a'), root_of('b'));
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == c::Errc::tampered);
  CHECK(ground.witness.last().verb == c::Verb::rotate);
  CHECK_FALSE(ground.witness.last().granted);
  CHECK(ground.open(keys, 'a').find(li.handle()));  // the old root still counts
  REQUIRE(fresh.erase(*fresh.find(bad.handle())));
  REQUIRE(c::rotate_root(fresh, root_of('a'), root_of('b'))->complete);
}

TEST_CASE("a rotation that cannot be put on record does not begin", "[rotation]") {
  World world;
  const c::Subject li = world.person("li");
  world.witness.failing = true;
  CHECK(failure(world.ring().rotate(li)) == code(c::Errc::evidence_unwritable));
  CHECK(failure(c::rotate_root(world.ring(), root_of('r'), root_of('b'))) == code(c::Errc::evidence_unwritable));
  CHECK(*world.keys->newest_generation(li.handle()) == 1);
  CHECK(failure(world.keys->get_fact("root.generations")) == code(c::Errc::not_found));
}

TEMPLATE_TEST_CASE("who comes in with the old root while the root is rotated is not left behind", "[rotation]",
                   MemoryKeys, InSqlite) {
  Ground ground;
  TestType place;
  auto& keys = keys_of(place);
  Ring ring = ground.open(keys);
  Ring old = ground.open(keys);
  for (int i = 0; i != 300; ++i) REQUIRE(ring.enrol("u" + std::to_string(i)));
  std::vector<c::Handle> late;
  std::vector<c::Bytes> sealed;
  int batch = 0;
  auto done = c::rotate_root(ring, root_of('a'), root_of('b'), [&](const c::RootRotation&) {
    auto one = old.enrol("late-" + std::to_string(++batch));  // also between the last batch and the last step
    if (one) {
      late.push_back(one->handle());
      sealed.push_back(sealed_phone(old, *one, "r", "13800138000"));
      REQUIRE(old.rotate(*one));
    } else {
      CHECK(one.error() == c::Errc::wrong_root);
    }
    return true;
  });
  INFO((done ? "" : c::text(done.error().code)) << " " << (done ? "" : done.error().where));
  REQUIRE(done);
  CHECK(late.size() >= 2);
  CHECK(late.size() < static_cast<std::size_t>(batch));  // after the last step nobody comes in that way
  Ring fresh = ground.open(keys, 'b');
  for (std::size_t i = 0; i != late.size(); ++i) {
    CHECK(phone_at(ground, fresh, late[i], "r", sealed[i]) == "13800138000");
    CHECK(fresh.core()->key_of(late[i], 2));
  }
}

TEST_CASE("two root rotations at once, while people come and go: nobody is lost", "[rotation][longer]") {
  Ground ground;
  TempDir place{"/dev/shm"};
  const auto connect = [&] {
    auto opened = c::SqliteKeyStore::open({place / "im.keys", true, 20'000}, "demo-im");
    if (!opened) FAIL(c::text(opened.error().code));
    return std::move(*opened);
  };
  auto first = connect();
  std::vector<c::Handle> who;
  {
    Ring ring = ground.open(*first);
    for (int i = 0; i != 1500; ++i) who.push_back(ring.enrol("u" + std::to_string(i))->handle());
  }
  std::atomic<int> ends{0};
  std::atomic<int> wrong{0};
  const auto rotate = [&] {
    auto keys = connect();
    auto ring = ground.try_open(*keys, 'a');
    if (!ring) ring = ground.try_open(*keys, 'b');
    if (!ring) return static_cast<void>(++wrong);
    for (int attempt = 0; attempt != 20; ++attempt) {  // the slower one is told that the state changed, and asks again
      auto done = c::rotate_root(*ring, root_of('a'), root_of('b'));
      if (done && done->complete) return static_cast<void>(++ends);
      if (!done && done.error() != c::Errc::already_there && done.error() != c::Errc::locked) ++wrong;
    }
  };
  std::vector<c::Handle> came;
  std::thread people([&] {
    auto keys = connect();
    auto ring = ground.try_open(*keys, 'a');
    for (int i = 0; ring && i != 60; ++i) {
      auto one = ring->enrol("late-" + std::to_string(i));
      if (!one && one.error() == c::Errc::wrong_root) ring = ground.try_open(*keys, 'b');
      if (!one) continue;
      came.push_back(one->handle());
      if (i % 2 == 0 && ring->erase(*one)) came.pop_back();
    }
  });
  std::thread a(rotate);
  std::thread b(rotate);
  a.join();
  b.join();
  people.join();
  CHECK(wrong == 0);
  CHECK(ends == 2);
  CHECK(came.size() > 5);
  Ring ring = ground.open(*first, 'b');
  for (const c::Handle& each : who) REQUIRE(ring.core()->key_of(each, 0));
  for (const c::Handle& each : came) REQUIRE(ring.core()->key_of(each, 0));
  CHECK(failure(ground.try_open(*first, 'a')) == code(c::Errc::wrong_root));
  CHECK(root_wraps(*first, 1).empty());
}

TEST_CASE("a conversation that starts while a member's key is rotated and retired is not lost", "[rotation][longer]") {
  Ground ground;
  TempDir place{"/dev/shm"};
  const auto connect = [&] {
    return std::move(*c::SqliteKeyStore::open({place / "im.keys", true, 20'000}, "demo-im"));
  };
  auto keys = connect();
  Ring ring = ground.open(*keys);
  const c::Subject li = *ring.enrol("li");
  std::atomic<bool> over{false};
  std::vector<c::Conversation> talks;
  std::thread starter([&] {
    auto own = connect();
    Ring other = ground.open(*own);
    const c::Subject me = *other.find(li.handle());
    for (int i = 0; i != 40; ++i) {
      if (auto talk = other.converse({&me, 1})) talks.push_back(*talk);
    }
    over = true;
  });
  while (!over) {
    auto rotated = ring.rotate(li);
    REQUIRE(rotated);
    for (int attempt = 0; attempt != 20; ++attempt) {
      auto gone = ring.retire(li, *rotated - 1);
      if (gone) break;
      REQUIRE((gone.error() == c::Errc::in_use || gone.error() == c::Errc::locked));
    }
  }
  starter.join();
  CHECK(talks.size() > 5);
  Ring fresh = ground.open(*keys);
  for (const c::Conversation& talk : talks) REQUIRE(fresh.core()->conversation_key(talk.handle, 0));
}
