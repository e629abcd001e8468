// SPDX-License-Identifier: Apache-2.0
// libsodium was not started, was started by the host, is started by two threads: each in a program of its own, since a
// library starts once. The cases that are hidden are what those programs run.
#include <custody/crypto/suite.hpp>

#include <cstdlib>
#include <string>
#include <thread>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;

namespace {

constexpr int went_well = 42;  // not what a program ends with that found no such case

/// Runs one case of this program in a new process; whether it came to its end well.
bool runs_alone(std::string name) {
  std::string program = "/proc/self/exe";
  std::string sign = "CUSTODY_TEST_ALONE=1";
  char* const arguments[] = {program.data(), name.data(), nullptr};
  char* const environment[] = {sign.data(), nullptr};
  ::pid_t child = 0;
  int state = -1;
  if (::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environment) != 0) return false;
  return ::waitpid(child, &state, 0) == child && WIFEXITED(state) && WEXITSTATUS(state) == went_well;
}
void conclude(bool good) {
  CHECK(good);
  if (std::getenv("CUSTODY_TEST_ALONE") != nullptr) ::_exit(good ? went_well : 1);
}

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

TEST_CASE("alone: nobody started libsodium", "[.start]") { conclude(seals_and_opens()); }
TEST_CASE("alone: the first call draws a nonce", "[.start]") {
  std::byte nonce[24];
  const bool drawn = draw_nonce(nonce);
  conclude(drawn && seals_and_opens());
}
TEST_CASE("alone: the host starts libsodium before and after", "[.start]") {
  const bool before = sodium_init() >= 0 && seals_and_opens();
  conclude(sodium_init() == 1 && before && seals_and_opens());
}
TEST_CASE("alone: eight threads start at once", "[.start]") {
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
