// SPDX-License-Identifier: Apache-2.0
// A person is erased while everybody seals, binds, releases and makes keys for the person. To be run under
// -fsanitize=thread as well.
#include "custody_catch.hpp"
#include "world.hpp"

#include <atomic>
#include <thread>

using namespace custody_test;

namespace {

constexpr int racers = 4;
constexpr int rounds = 25;

/// Runs `body(worker, turn)` in some threads until each has done so many turns after `act` returned.
template <class Body, class Act>
void around(Body body, Act act) {
  std::atomic<int> turns{0};
  std::atomic<bool> acted{false};
  std::vector<std::thread> threads;
  for (int worker = 0; worker != racers; ++worker) {
    threads.emplace_back([&, worker] {
      for (int turn = 0, after = 0; after != 5; ++turn) {
        after += acted ? 1 : 0;
        body(worker, turn);
        ++turns;
      }
    });
  }
  while (turns < 3 * racers) std::this_thread::yield();
  act();
  acted = true;
  for (std::thread& one : threads) one.join();
}

bool gone_or(int seen, std::initializer_list<c::Errc> others = {}) {
  bool good = seen == code(c::Errc::destroyed);
  for (const c::Errc each : others) good = good || seen == code(each);
  return good;
}

}  // namespace

TEST_CASE("what was sealed around an erasure is unreadable, and a call that came too late says destroyed", "[shred]") {
  for (int round = 0; round != rounds; ++round) {
    World world;
    const auto person = world.person("u1");
    const auto permit = world.permit<AccountService>(person);
    const auto row = world.row<Account>("row", person);
    const auto key = c::BindingOffice::body(row)->key;
    auto known = c::seal_for<&Account::phone>(row, "15400059572");
    REQUIRE(known);
    std::vector<c::Bytes> sealed[racers];
    std::atomic<int> wrong{0};
    std::atomic<int> made{0};
    std::atomic<bool> erased{false};
    around(
        [&](int worker, int) {
          const bool late = erased;
          int seen = fine;
          if (worker == 0) {
            auto phone = c::seal_for<&Account::phone>(row, "15400059572");
            seen = failure(phone);
            if (phone) sealed[worker].push_back(*c::at_rest::blob(*phone));
          } else if (worker == 1) {
            Account account;
            account.phone = "15400059572";
            seen = failure(c::bind<&Account::phone>(row, account.phone));
            if (seen == fine) sealed[worker].push_back(*c::at_rest::blob(account.phone));
          } else if (worker == 2) {
            seen = refusal(*known, permit);
          } else {
            auto place = world.ring().binding<Account>("other", person);
            seen = failure(place);
            if (place) {
              auto email = c::seal_for<&Account::email>(*place, "a@example.org");
              seen = failure(email);
            }
          }
          if (seen == fine ? late : !gone_or(seen)) ++wrong;
          made += seen == fine ? 1 : 0;
        },
        [&] {
          if (!world.ring().erase(person)) ++wrong;
          erased = true;
        });
    CHECK(wrong == 0);
    CHECK(made > 0);  // the positive control: some came in time
    CHECK(key->base().empty());
    CHECK(failure(world.keys->get_key(person.handle(), {}, 1)) == code(c::Errc::destroyed));
    CHECK(failure(world.ring().binding<Account>("row", person)) == code(c::Errc::destroyed));
    for (const auto& all : sealed) {
      for (const c::Bytes& envelope : all) {
        Account account;
        REQUIRE(c::at_rest::from_blob<&Account::phone>(row, envelope, account.phone));
        if (!gone_or(refusal(account.phone, permit))) ++wrong;
      }
    }
    world.reopen();
    CHECK(failure(world.ring().find(person.handle())) == code(c::Errc::destroyed));
    CHECK(wrong == 0);
  }
}

TEST_CASE("nobody gets a new key for a person who is erased meanwhile", "[shred]") {
  for (int round = 0; round != rounds; ++round) {
    World world;
    const auto person = world.person("u1");
    const auto friendly = world.person("u2");
    const c::Subject both[] = {person, friendly};
    auto talk = world.ring().converse(both);
    REQUIRE(talk);
    std::atomic<int> wrong{0};
    std::atomic<bool> erased{false};
    std::vector<c::Handle> talks[racers];
    around(
        [&](int worker, int turn) {
          const bool late = erased;
          if (worker == 0) {
            auto another = world.ring().converse(both);
            if (another ? late : !gone_or(failure(another))) ++wrong;
            if (another) talks[0].push_back(another->handle);
          } else if (worker == 1) {
            const auto done = world.ring().regroup(*talk, both);
            if (done ? late : !gone_or(failure(done), {c::Errc::already_there, c::Errc::unknown_key})) ++wrong;
          } else if (worker == 2) {
            const auto one = c::detail::ContentKey::budget_block;
            const auto counted = world.keys->reserve(person.handle(), 1, one, ~std::uint64_t{0} / 2);
            if (counted ? late : !gone_or(failure(counted))) ++wrong;
          } else {
            const auto again = world.ring().enrol("u1");  // the name is free once its owner is gone: somebody new
            if (again && again->handle() == person.handle()) ++wrong;
            if (!again && failure(again) != code(c::Errc::already_there)) ++wrong;
          }
          if (turn > 200) std::this_thread::yield();
        },
        [&] {
          if (!world.ring().erase(person)) ++wrong;
          erased = true;
        });
    CHECK(wrong == 0);
    const auto newest = world.keys->newest_generation(talk->handle);
    REQUIRE(newest);
    for (std::uint32_t generation = 1; generation <= *newest; ++generation) {
      const auto holders = world.keys->holders(talk->handle, generation);
      REQUIRE(holders);
      for (const c::Handle& holder : *holders) CHECK(holder != person.handle());
    }
    for (const c::Handle& other : talks[0]) {
      const auto holders = world.keys->holders(other, 1);
      REQUIRE(holders);
      for (const c::Handle& holder : *holders) CHECK(holder != person.handle());
    }
  }
}

TEST_CASE("two erasures of one person at once, and one of each of two friends", "[shred]") {
  for (int round = 0; round != rounds; ++round) {
    World world;
    const auto a = world.person("a");
    const auto b = world.person("b");
    const c::Subject both[] = {a, b};
    auto talk = world.ring().converse(both);
    auto members = world.ring().members(*talk);
    const auto row = std::move(*world.ring().binding<Message>("m1", *talk, *members));
    auto body = c::seal_for<&Message::body>(row, "hello");
    REQUIRE(body);
    const auto of_a = world.permit<MessageDelivery>(a);
    const auto of_b = world.permit<MessageDelivery>(b);
    std::atomic<int> wrong{0};
    std::vector<std::thread> running;
    for (const auto* person : {&a, &a, &b, &b}) {
      running.emplace_back([&world, &wrong, person] {
        if (!world.ring().erase(*person)) ++wrong;
      });
    }
    for (std::thread& one : running) one.join();
    CHECK(wrong == 0);
    CHECK(refusal(*body, of_a) == code(c::Errc::destroyed));
    CHECK(refusal(*body, of_b) == code(c::Errc::destroyed));
    CHECK(failure(c::seal_for<&Message::body>(row, "late")) == code(c::Errc::destroyed));
    CHECK(failure(world.ring().binding<Message>("m1", *talk, *members)) == code(c::Errc::destroyed));
  }
}
