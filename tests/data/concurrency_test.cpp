// SPDX-License-Identifier: Apache-2.0
// Releases against withdrawals, erasures, regroupings and the end of the ring. To be run under -fsanitize=thread as well.
#include "custody_catch.hpp"
#include "world.hpp"

#include <atomic>
#include <thread>

using namespace custody_test;

namespace {

constexpr int workers = 4;

/// Runs `body(i)` in some threads until `stop`, and `act` in this one meanwhile.
template <class Body, class Act>
void against(Body body, Act act) {
  std::atomic<bool> stop{false};
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int i = 0; i != workers; ++i) {
    threads.emplace_back([&, i] {
      ++ready;
      while (!stop) body(i);
    });
  }
  while (ready != workers) std::this_thread::yield();
  act();
  stop = true;
  for (std::thread& one : threads) one.join();
}

template <class Tag>
auto counting_sink(std::atomic<int>& inside, std::atomic<int>& calls) {
  return c::sink<Tag, "counting", c::Level::core>([&inside, &calls](std::string_view) {
    ++inside;
    ++calls;
    std::this_thread::yield();
    --inside;
  });
}

/// Waits until the workers did something, so that what follows does meet them.
void until(const std::atomic<int>& calls, int count) {
  for (int i = 0; i != 200'000 && calls < count; ++i) std::this_thread::yield();
}

}  // namespace

TEST_CASE("no release succeeds that began after withdraw returned") {
  for (int round = 0; round != 10; ++round) {
    World world;
    const auto person = world.person("u1");
    const auto permit = world.permit<AccountService>(person);
    auto phone = c::seal_for<&Account::phone>(world.row<Account>("row", person), "15400059572");
    std::atomic<bool> withdrawn{false};
    std::atomic<int> inside{0}, calls{0}, late{0};
    against(
        [&](int) {
          const bool too_late = withdrawn;
          auto sink = counting_sink<AccountService>(inside, calls);
          if (phone->release(permit, sink) && too_late) ++late;
        },
        [&] {
          until(calls, 10);
          if (!world.ring().withdraw(person)) ++late;
          withdrawn = true;
          for (int i = 0; i != 200; ++i) std::this_thread::yield();
        });
    CHECK(late == 0);
    CHECK(calls > 0);
    CHECK(refusal(*phone, permit) == code(c::Errc::permit_withdrawn));
  }
}

TEST_CASE("erase waits for the releases in flight, and none begins after it") {
  for (int round = 0; round != 10; ++round) {
    World world;
    const auto person = world.person("u1");
    const auto permit = world.permit<AccountService>(person);
    const auto row = world.row<Account>("row", person);
    auto phone = c::seal_for<&Account::phone>(row, "15400059572");
    std::atomic<bool> erased{false};
    std::atomic<int> inside{0}, calls{0}, late{0};
    int inside_at_the_end = -1;
    against(
        [&](int worker) {
          const bool too_late = erased;
          auto sink = counting_sink<AccountService>(inside, calls);
          const bool good = worker % 2 == 0 ? phone->release(permit, sink).has_value()
                                            : c::seal_for<&Account::email>(row, "x").has_value();
          if (good && too_late) ++late;
        },
        [&] {
          until(calls, 10);
          if (!world.ring().erase(person)) ++late;
          inside_at_the_end = inside;
          erased = true;
          for (int i = 0; i != 200; ++i) std::this_thread::yield();
        });
    CHECK(inside_at_the_end == 0);
    CHECK(late == 0);
    CHECK(refusal(*phone, permit) == code(c::Errc::destroyed));
  }
}

TEST_CASE("copies of one field are made, stored and opened by many threads") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  std::atomic<int> wrong{0}, calls{0};
  against(
      [&](int worker) {
        auto copy = *phone;
        if (worker == 0 && !c::bind<&Account::phone>(row, copy)) ++wrong;
        if (worker == 1) copy = std::to_string(calls);
        const auto stored = c::at_rest::blob(copy);
        if (worker != 1 && (!stored || *stored != *c::at_rest::blob(*phone))) ++wrong;
        if (worker != 1 && released(copy, permit) != "15400059572") ++wrong;
        ++calls;
      },
      [&] { until(calls, 400); });
  CHECK(wrong == 0);
}

TEST_CASE("people are enrolled, found and given permits by many threads") {
  World world;
  std::atomic<int> wrong{0}, calls{0};
  against(
      [&](int worker) {
        const int number = calls++;
        const std::string uid = "u" + std::to_string(worker) + "-" + std::to_string(number);
        auto person = world.ring().enrol(uid);
        auto found = world.ring().find(uid);
        if (!person || !found || !(*person == *found)) {
          ++wrong;
          return;
        }
        auto row = world.ring().binding<Account>(uid, *person);
        auto phone =
            row ? c::seal_for<&Account::phone>(*row, uid) : c::Result<decltype(Account::phone)>(c::Errc::unset);
        auto permit = world.ring().permit<AccountService>(*person, {&service, "x"}, world.clock.now() + c::minutes(1));
        if (!phone || !permit || released(*phone, *permit) != uid) ++wrong;
        if (number % 7 == 0 && !world.ring().erase(*person)) ++wrong;
      },
      [&] { until(calls, 300); });
  CHECK(wrong == 0);
}

TEST_CASE("a conversation is regrouped while it is read: a leaver reads nothing afterwards") {
  World world;
  const auto a = world.person("a");
  const auto b = world.person("b");
  const c::Subject both[] = {a, b};
  const c::Subject only[] = {a};
  auto talk = world.ring().converse(both);
  auto members = world.ring().members(*talk);
  const auto row = std::move(*world.ring().binding<Message>("m1", *talk, *members));
  auto body = c::seal_for<&Message::body>(row, "hello");
  const auto of_a = world.permit<MessageDelivery>(a);
  const auto of_b = world.permit<MessageDelivery>(b);
  std::atomic<bool> left{false};
  std::atomic<int> calls{0}, wrong{0};
  against(
      [&](int worker) {
        const bool too_late = left;
        const std::string seen = released(*body, worker % 2 == 0 ? of_a : of_b);
        if (worker % 2 == 0 && seen != "hello") ++wrong;
        if (worker % 2 == 1 && too_late && seen == "hello") ++wrong;
        ++calls;
      },
      [&] {
        until(calls, 50);
        if (!world.ring().regroup(*talk, only)) ++wrong;
        left = true;
        until(calls, calls + 50);
      });
  CHECK(wrong == 0);
}

TEST_CASE("the ring ends while fields are read, also by those that look keys up") {
  for (int round = 0; round != 40; ++round) {
    World world;
    const auto a = world.person("a");
    const auto b = world.person("b");
    const c::Subject both[] = {a, b};
    auto talk = world.ring().converse(both);
    auto members = world.ring().members(*talk);
    const auto row = std::move(*world.ring().binding<Message>("m1", *talk, *members));
    auto body = c::seal_for<&Message::body>(row, "hello");
    auto phone = c::seal_for<&Account::phone>(world.row<Account>("row", a), "15400059572");
    const auto reads = world.permit<MessageDelivery>(a);
    const auto serves = world.permit<AccountService>(a);
    std::atomic<bool> closed{false};
    std::atomic<int> calls{0}, wrong{0};
    against(
        [&](int worker) {
          const bool too_late = closed;
          const std::string seen = worker % 2 == 0 ? released(*body, reads) : released(*phone, serves);
          if (too_late && seen[0] != '<') ++wrong;
          ++calls;
        },
        [&] {
          until(calls, 20);
          world.close();
          closed = true;
          until(calls, calls + 20);
        });
    CHECK(wrong == 0);
  }
}
