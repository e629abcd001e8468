// SPDX-License-Identifier: Apache-2.0
// How far an erasure and a new generation reach: other processes on the same store, and keys that bindings still hold.
#include "custody_catch.hpp"
#include "world.hpp"

#include <chrono>
#include <thread>

using namespace custody_test;

namespace {

/// One store seen by two rings as by two processes: each call that writes is counted.
class Shared final : public c::KeyStore {
 public:
  static constexpr c::Protection custody_protection{c::Level::core, "shared"};
  c::MemoryKeyStore inner;
  std::atomic<std::uint64_t> changes{1};
  c::Result<void> put_key(const c::WrappedKey& k) override { return counted(inner.put_key(k)); }
  c::Result<c::WrappedKey> get_key(c::Handle a, c::Handle b, std::uint32_t g) override {
    return inner.get_key(a, b, g);
  }
  c::Result<std::uint32_t> newest_generation(c::Handle a) override { return inner.newest_generation(a); }
  c::Result<std::vector<c::Handle>> holders(c::Handle a, std::uint32_t g) override { return inner.holders(a, g); }
  c::Result<void> drop_wrap(c::Handle a, c::Handle b) override { return counted(inner.drop_wrap(a, b)); }
  c::Result<std::vector<c::WrappedKey>> keys_held(c::Handle h, c::Handle a, std::uint32_t g, std::uint64_t n) override {
    return inner.keys_held(h, a, g, n);
  }
  c::Result<std::uint64_t> held_count(c::Handle h) override { return inner.held_count(h); }
  c::Result<bool> replace_key(const c::WrappedKey& k, c::ByteView before) override {
    return counted(inner.replace_key(k, before));
  }
  c::Result<void> drop_key(c::Handle a, std::uint32_t g) override { return counted(inner.drop_key(a, g)); }
  c::Result<void> destroy(c::Handle a, c::Instant t) override { return counted(inner.destroy(a, t)); }
  c::Result<bool> destroyed(c::Handle a) override { return inner.destroyed(a); }
  c::Result<void> tombstones(std::vector<c::Handle>& out) override { return inner.tombstones(out); }
  c::Result<void> put_index(const c::IndexRow& r) override { return counted(inner.put_index(r)); }
  c::Result<std::vector<c::IndexRow>> find_index(std::uint32_t s, const c::IndexValue& v) override {
    return inner.find_index(s, v);
  }
  c::Result<std::vector<c::IndexRow>> index_rows_of(c::Handle a) override { return inner.index_rows_of(a); }
  c::Result<void> drop_index(std::uint32_t s, const c::IndexValue& v, const std::array<std::byte, 16>& r) override {
    return counted(inner.drop_index(s, v, r));
  }
  c::Result<void> put_fact(std::string_view n, c::ByteView v) override { return counted(inner.put_fact(n, v)); }
  c::Result<c::Bytes> get_fact(std::string_view n) override { return inner.get_fact(n); }
  c::Result<std::uint64_t> reserve(c::Handle a, std::uint32_t g, std::uint64_t n, std::uint64_t l) override {
    return inner.reserve(a, g, n, l);
  }
  c::Result<std::uint64_t> raise_epoch(c::Handle a) override { return counted(inner.raise_epoch(a)); }
  c::Result<std::uint64_t> epoch(c::Handle a) override { return inner.epoch(a); }
  std::uint64_t change_count() noexcept override { return changes; }
  c::Result<void> begin() override { return {}; }
  c::Result<void> commit() override { return {}; }
  void rollback() noexcept override {}
  c::Result<void> flush() override { return {}; }

 private:
  template <class Value>
  c::Result<Value> counted(c::Result<Value> result) {
    ++changes;
    return result;
  }
};

struct TwoProcesses {
  c::Result<World::Ring> open() {
    return World::Ring::open(store, root_of('r'), world.witness, world.authority, world.clock);
  }
  Shared store;
  World world;
  World::Ring first = std::move(*open());
  World::Ring second = std::move(*open());
};

void longer_than_a_look() { std::this_thread::sleep_for(std::chrono::milliseconds(120)); }

}  // namespace

TEST_CASE("after another process erased a person this one neither reads nor seals", "[erasure_reach]") {
  TwoProcesses two;
  const auto here = two.first.enrol("u1");
  const auto there = two.second.find("u1");
  REQUIRE((here && there));
  const auto row = two.second.binding<Account>("row", *there);
  REQUIRE(row);
  const auto phone = c::seal_for<&Account::phone>(*row, "15400059572");
  const auto permit = two.second.permit<AccountService>(*there, {&service, "x"}, two.world.clock.now() + c::minutes(5));
  REQUIRE((phone && permit));
  REQUIRE(two.first.erase(*here));
  longer_than_a_look();
  CHECK(refusal(*phone, *permit) == code(c::Errc::destroyed));
  CHECK(failure(c::seal_for<&Account::phone>(*row, "late")) == code(c::Errc::destroyed));
  CHECK(failure(two.second.binding<Account>("row", *there)) == code(c::Errc::destroyed));
}

TEST_CASE("a process that only seals sees an erasure by another one as well", "[erasure_reach]") {
  TwoProcesses two;
  const auto here = two.first.enrol("u1");
  const auto there = two.second.find("u1");
  const auto row = two.second.binding<Account>("row", *there);
  REQUIRE(c::seal_for<&Account::phone>(*row, "15400059572"));
  REQUIRE(two.first.erase(*here));
  longer_than_a_look();
  CHECK(failure(c::seal_for<&Account::phone>(*row, "late")) == code(c::Errc::destroyed));
  CHECK(failure(two.second.binding<Account>("row", *there)) == code(c::Errc::destroyed));
}

TEST_CASE("an erasure by another process wipes the key here", "[erasure_reach]") {
  TwoProcesses two;
  const auto here = two.first.enrol("u1");
  const auto there = two.second.find("u1");
  auto row = std::move(*two.second.binding<Account>("row", *there));
  const auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  const auto permit = two.second.permit<AccountService>(*there, {&service, "x"}, two.world.clock.now() + c::minutes(5));
  const c::detail::Ref<c::detail::ContentKey> key = c::BindingOffice::body(row)->key;
  REQUIRE_FALSE(key->base().empty());
  REQUIRE(two.first.erase(*here));
  longer_than_a_look();
  CHECK(refusal(*phone, *permit) == code(c::Errc::destroyed));
  CHECK(key->base().empty());
}

TEST_CASE("the key of a conversation is wiped with its last member, whatever still holds it", "[erasure_reach]") {
  World world;
  const c::Subject both[] = {world.person("a"), world.person("b")};
  auto talk = world.ring().converse(both);
  auto members = world.ring().members(*talk);
  const auto row = std::move(*world.ring().binding<Message>("m1", *talk, *members));
  const c::detail::Ref<c::detail::ContentKey> key = c::BindingOffice::body(row)->key;
  REQUIRE(world.ring().erase(both[0]));
  CHECK_FALSE(key->base().empty());  // the other one keeps the text
  REQUIRE(world.ring().erase(both[1]));
  CHECK(key->base().empty());
}

TEST_CASE("a generation that this process has not seen yet is unknown_key, and then opens", "[erasure_reach]") {
  World world;
  const c::Subject both[] = {world.person("a"), world.person("b")};
  auto talk = world.ring().converse(both);
  auto members = std::move(*world.ring().members(*talk));
  c::MemoryKeyStore late;  // the other process sees the first generation
  for (const c::Handle& member : members) {
    REQUIRE(late.put_key(*world.keys->get_key(member, {}, 1)));
    REQUIRE(late.put_key(*world.keys->get_key(talk->handle, member, 1)));
  }
  auto other = World::Ring::open(late, root_of('r'), world.witness, world.authority, world.clock);
  REQUIRE(other);
  REQUIRE(world.ring().regroup(*talk, both));  // the second generation, here only
  const auto here = std::move(*world.ring().binding<Message>("m1", *talk, members));
  const auto envelope = *c::at_rest::blob(*c::seal_for<&Message::body>(here, "hello"));
  REQUIRE(envelope[3] == std::byte{2});
  const auto a = other->find(both[0].handle());
  auto row = other->binding<Message>("m1", *talk, members);
  auto permit = other->permit<MessageDelivery>(*a, {&service, "x"}, world.clock.now() + c::minutes(5));
  REQUIRE((row && permit));
  Message message;
  REQUIRE(c::at_rest::from_blob<&Message::body>(*row, envelope, message.body));
  CHECK(refusal(message.body, *permit) == code(c::Errc::unknown_key));
  for (const c::Handle& member : members) {
    REQUIRE(late.put_key(*world.keys->get_key(talk->handle, member, 2)));
  }
  CHECK(released(message.body, *permit) == "hello");
}
