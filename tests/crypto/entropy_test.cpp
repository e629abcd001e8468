// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/entropy.hpp>

#include <array>
#include <set>
#include <thread>
#include <vector>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using Nonce = std::array<std::byte, 24>;

TEST_CASE("entropy comes from the kernel and fails closed", "[entropy]") {
  Nonce a{};
  Nonce b{};
  REQUIRE(custody::detail::draw_entropy(a));
  REQUIRE(custody::detail::draw_entropy(b));
  CHECK(a != b);
  const test::NoRandomness failure;
  CHECK_FALSE(custody::detail::draw_entropy(a));
  CHECK(a == Nonce{});
}

TEST_CASE("an interrupted or short getrandom is continued", "[entropy]") {
  test::randomness().mode = 2;
  Nonce a{};
  const bool good = custody::detail::draw_entropy(a);
  test::randomness().mode = 0;
  REQUIRE(good);
  CHECK(std::vector<std::byte>(a.begin() + 12, a.end()) != std::vector<std::byte>(12));
}

TEST_CASE("without randomness no nonce is given", "[entropy]") {
  bool pooled = true;
  bool clean = false;
  bool kernel = true;
  Nonce nonce;
  nonce.fill(std::byte{7});
  const test::NoRandomness failure;
  std::thread([&] {  // a new thread has an empty pool
    pooled = custody::draw_nonce(nonce);
    clean = nonce == Nonce{};
    kernel = custody::draw_nonce(nonce, true);
  })
      .join();
  CHECK_FALSE(pooled);
  CHECK(clean);
  CHECK_FALSE(kernel);
}

TEST_CASE("a reseed that is due and fails stops the pool", "[entropy]") {
  std::thread([] {
    Nonce nonce;
    REQUIRE(custody::draw_nonce(nonce));
    custody::detail::nonce_pool().expires = 0;
    const test::NoRandomness failure;
    int given = 0;
    while (given < 1000 && custody::draw_nonce(nonce)) ++given;
    CHECK(given < 42);
    CHECK_FALSE(custody::draw_nonce(nonce));
  }).join();
}

TEST_CASE("the pool is reseeded by count and by time", "[entropy]") {
  std::thread([] {
    Nonce nonce;
    REQUIRE(custody::draw_nonce(nonce));
    const int before = test::randomness().calls;
    for (int i = 0; i != 41 * 63; ++i) REQUIRE(custody::draw_nonce(nonce));
    CHECK(test::randomness().calls == before);
    for (int i = 0; i != 41; ++i) REQUIRE(custody::draw_nonce(nonce));
    CHECK(test::randomness().calls == before + 1);
    custody::detail::nonce_pool().expires = 0;
    for (int i = 0; i != 41; ++i) REQUIRE(custody::draw_nonce(nonce));
    CHECK(test::randomness().calls == before + 2);
  }).join();
}

TEST_CASE("served bytes are erased from the pool", "[entropy]") {
  Nonce nonce;
  REQUIRE(custody::draw_nonce(nonce));
  const auto& pool = custody::detail::nonce_pool();
  for (std::size_t i = 32 + pool.left; i != sizeof pool.block; ++i) REQUIRE(pool.block[i] == std::byte{0});
}

TEST_CASE("no nonce comes twice, of any size and in any thread", "[entropy]") {
  constexpr int threads = 8;
  constexpr int each = 20'000;
  std::vector<std::vector<Nonce>> drawn(threads);
  std::vector<std::thread> running;
  for (auto& mine : drawn) {
    running.emplace_back([&mine] {
      for (int i = 0; i != each; ++i) {
        mine.emplace_back();
        if (!custody::draw_nonce(mine.back())) return;
        std::array<std::byte, 12> odd;
        if (i % 3 == 0 && !custody::draw_nonce(odd)) return;
      }
    });
  }
  for (auto& thread : running) thread.join();
  std::set<Nonce> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == std::size_t{threads} * each);
}

namespace {

std::set<Nonce> draw_many() {
  std::set<Nonce> out;
  for (int i = 0; i != 200; ++i) {
    Nonce nonce;
    if (custody::draw_nonce(nonce)) out.insert(nonce);
  }
  return out;
}

}  // namespace

TEST_CASE("parent, child and grandchild have no nonce in common", "[entropy][fork]") {
  Nonce primed;
  REQUIRE(custody::draw_nonce(primed));
  int pipes[2];
  REQUIRE(::pipe(pipes) == 0);
  const auto send = [&] {
    for (const Nonce& nonce : draw_many()) {
      if (::write(pipes[1], nonce.data(), nonce.size()) != static_cast<ssize_t>(nonce.size())) return 1;
    }
    return 0;
  };
  REQUIRE(test::in_child([&] {
            const auto before = custody::detail::nonce_pool();
            const int nested = test::in_child([&] { return send(); });
            return nested != 0 || before.left == 0 ? 1 : send();
          }) == 0);
  ::close(pipes[1]);
  std::set<Nonce> all = draw_many();
  Nonce nonce;
  while (::read(pipes[0], nonce.data(), nonce.size()) == static_cast<ssize_t>(nonce.size())) all.insert(nonce);
  ::close(pipes[0]);
  CHECK(all.size() == 600);
}

TEST_CASE("the fork count differs in every child", "[entropy][fork]") {
  const auto mine = custody::detail::fork_count();
  CHECK(custody::detail::fork_count() == mine);
  CHECK(custody::detail::fork_guarded());
  CHECK(test::in_child([&] {
          const auto child = custody::detail::fork_count();
          if (child == mine || child != custody::detail::fork_count()) return 1;
          return test::in_child([&] {
            const auto grandchild = custody::detail::fork_count();
            return grandchild == mine || grandchild == child ? 1 : 0;
          });
        }) == 0);
  CHECK(custody::detail::fork_count() == mine);
}

TEST_CASE("where a fork cannot be seen there is no pool", "[entropy][fork]") {
  CHECK(test::in_child([] {
          auto& state = custody::detail::fork_state();
          state.page.store(&state.none);
          state.unguarded.store(true);
          if (custody::detail::fork_guarded()) return 1;
          const auto parent = custody::detail::fork_count();
          const int before = test::randomness().calls;
          Nonce nonce;
          for (int i = 0; i != 10; ++i) {
            if (!custody::draw_nonce(nonce)) return 2;
          }
          if (test::randomness().calls != before + 10) return 3;
          return test::in_child([&] { return custody::detail::fork_count() == parent ? 4 : 0; });
        }) == 0);
}
