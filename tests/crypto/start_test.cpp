// SPDX-License-Identifier: Apache-2.0
// libsodium was not started, was started by the host, is started by two threads: each in a program of its own, since a
// library starts once. The cases that are hidden are what those programs run.
#include <custody/crypto/suite.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "crypto/alone.hpp"
#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;
using test::conclude;
using test::runs_alone;

namespace {

bool seals_and_opens() {
  const auto key = CipherKey<XChaCha20Poly1305>::random();
  if (!key) return false;
  std::byte nonce[24];
  std::byte out[116];
  if (!draw_nonce(nonce)) return false;
  const Bytes plain = test::pattern(100);
  XChaCha20Poly1305::seal(out, plain, {}, nonce, *key);
  return XChaCha20Poly1305::open(out, out, {}, nonce, *key) && Bytes(out, out + 100) == plain;
}

}  // namespace

TEST_CASE("alone: nobody started libsodium", "[.alone]") {
  if (!test::alone()) return;
  conclude(seals_and_opens() && sodium_init() == 1);  // 1: it had been started
}
TEST_CASE("alone: the first call draws a nonce", "[.alone]") {
  if (!test::alone()) return;
  std::byte nonce[24];
  const bool drawn = draw_nonce(nonce);
  conclude(drawn && sodium_init() == 1 && seals_and_opens());
}
TEST_CASE("alone: the host starts libsodium before and after", "[.alone]") {
  if (!test::alone()) return;
  const bool before = sodium_init() >= 0 && seals_and_opens();
  conclude(sodium_init() == 1 && before && seals_and_opens());
}
TEST_CASE("alone: eight threads start at once", "[.alone]") {
  if (!test::alone()) return;
  std::atomic<int> ready{0};
  std::atomic<int> good{0};
  std::vector<std::thread> running;
  for (int i = 0; i != 8; ++i) {
    running.emplace_back([&, i] {
      ++ready;
      while (ready != 8) std::this_thread::yield();
      if (i % 2 == 0 && sodium_init() < 0) return;
      good += seals_and_opens() ? 1 : 0;
    });
  }
  for (auto& thread : running) thread.join();
  conclude(good == 8);
}

TEST_CASE("libsodium starts whoever calls first, and however often", "[start][fork]") {
  CHECK(runs_alone("alone: nobody started libsodium"));
  CHECK(runs_alone("alone: the first call draws a nonce"));
  CHECK(runs_alone("alone: the host starts libsodium before and after"));
  for (int i = 0; i != 10; ++i) CHECK(runs_alone("alone: eight threads start at once"));
  CHECK_FALSE(runs_alone("alone: a case that is not there"));
}
