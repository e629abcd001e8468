// SPDX-License-Identifier: Apache-2.0
// Nobody ever gets a nonce that somebody else had: threads, children, children of children, programs that are started.
#include <custody/crypto/entropy.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

namespace {

constexpr std::size_t nonce_size = 24;

/// The first 16 bytes of each nonce, enough that chance makes no two alike, in pages that children share.
class Drawn {
 public:
  struct Mark {
    std::uint64_t high;
    std::uint64_t low;
    friend bool operator==(const Mark&, const Mark&) = default;
    friend auto operator<=>(const Mark&, const Mark&) = default;
  };
  explicit Drawn(std::size_t room)
      : room_(room),
        marks_(static_cast<Mark*>(
            ::mmap(nullptr, sizeof(Mark) * room, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {}
  Drawn(const Drawn&) = delete;
  Drawn& operator=(const Drawn&) = delete;
  ~Drawn() { ::munmap(marks_, sizeof(Mark) * room_); }

  void put(std::size_t at, const std::byte* nonce) { std::memcpy(marks_ + at, nonce, sizeof(Mark)); }
  /// Draws into places from `at` on; false when one is refused.
  bool draw(std::size_t at, std::size_t count, bool from_kernel = false) {
    for (std::size_t i = 0; i != count; ++i) {
      std::byte nonce[nonce_size];
      if (!custody::draw_nonce(nonce, from_kernel)) return false;
      put(at + i, nonce);
    }
    return true;
  }
  /// How many of all places hold something that no other place holds; sorts them.
  std::size_t distinct() {
    std::sort(marks_, marks_ + room_);
    const Mark* const end = std::unique(marks_, marks_ + room_);
    return static_cast<std::size_t>(end - marks_) - (marks_[0] == Mark{} ? 1U : 0U);
  }

 private:
  std::size_t room_;
  Mark* marks_;
};

std::size_t distinct_over_threads(std::size_t threads, std::size_t each) {
  Drawn drawn(threads * each);
  std::vector<std::thread> running;
  for (std::size_t t = 0; t != threads; ++t) {
    running.emplace_back([&drawn, t, each] { static_cast<void>(drawn.draw(t * each, each)); });
  }
  for (auto& thread : running) thread.join();
  return drawn.distinct();
}

/// Forks at the given depth below this process; every process on the way draws 100 from its pool, 20 from the kernel and
/// a batch.
constexpr std::size_t per_process = 100 + 20 + 64;
int draw_family(Drawn& drawn, std::size_t first, int depth) {
  if (depth != 0) {
    const std::size_t span = per_process * ((std::size_t{1} << depth) - 1);
    for (const std::size_t child : {first + per_process, first + per_process + span}) {
      if (test::in_child([&] { return draw_family(drawn, child, depth - 1); }) != 0) return 1;
    }
  }
  if (!drawn.draw(first, 100) || !drawn.draw(first + 100, 20, true)) return 2;
  std::byte batch[64 * nonce_size];
  if (!custody::draw_nonce(batch)) return 3;
  for (std::size_t i = 0; i != 64; ++i) drawn.put(first + 120 + i, batch + i * nonce_size);
  return 0;
}

}  // namespace

TEST_CASE("positive control: a nonce that comes twice is counted once", "[nonce]") {
  Drawn drawn(100);
  REQUIRE(drawn.draw(0, 99));
  std::byte nonce[nonce_size];
  REQUIRE(custody::draw_nonce(nonce));
  drawn.put(5, nonce);
  drawn.put(99, nonce);
  CHECK(drawn.distinct() == 99);
}

TEST_CASE("16 threads draw 480,000 nonces, all different", "[nonce]") {
  CHECK(distinct_over_threads(16, 30'000) == 480'000);
}

TEST_CASE("16 threads draw 10,000,000 nonces, all different", "[nonce][longer]") {
  CHECK(distinct_over_threads(16, 625'000) == 10'000'000);
}

TEST_CASE("a family of 31 processes draws from pool, kernel and in batches, all different", "[nonce][fork]") {
  std::byte primed[nonce_size];
  REQUIRE(custody::draw_nonce(primed));  // the pool that all of them inherit is in use
  REQUIRE(custody::detail::nonce_pool().left > 0);
  Drawn drawn(31 * per_process);
  REQUIRE(draw_family(drawn, 0, 4) == 0);
  CHECK(drawn.distinct() == 31 * per_process);
}

TEST_CASE("a thread that holds a pool forks, and so do others at the same time", "[nonce][fork]") {
  constexpr std::size_t threads = 4;
  constexpr std::size_t rounds = 10;
  constexpr std::size_t each = 60;
  Drawn drawn(threads * rounds * each * 2);
  std::atomic<int> wrong{0};
  std::vector<std::thread> running;
  for (std::size_t t = 0; t != threads; ++t) {
    running.emplace_back([&, t] {
      for (std::size_t round = 0; round != rounds; ++round) {
        const std::size_t first = (t * rounds + round) * each * 2;
        if (!drawn.draw(first, each / 2)) ++wrong;
        if (test::in_child([&] { return drawn.draw(first + each, each) ? 0 : 1; }) != 0) ++wrong;
        if (!drawn.draw(first + each / 2, each / 2)) ++wrong;
      }
    });
  }
  for (auto& thread : running) thread.join();
  CHECK(wrong == 0);
  CHECK(drawn.distinct() == threads * rounds * each * 2);
}

TEST_CASE("a fork between two draws of the parent costs neither of them its bytes", "[nonce][fork]") {
  Drawn drawn(3 * 41);
  std::byte nonce[nonce_size];
  REQUIRE(custody::draw_nonce(nonce));
  REQUIRE(drawn.draw(0, 41));
  const std::size_t left = custody::detail::nonce_pool().left;
  REQUIRE(test::in_child([&] { return drawn.draw(41, 41) ? 0 : 1; }) == 0);
  CHECK(custody::detail::nonce_pool().left == left);
  REQUIRE(drawn.draw(82, 41));
  CHECK(drawn.distinct() == 3 * 41);
}

TEST_CASE("vfork and posix_spawn leave the parent's pool as it was", "[nonce][fork]") {
  Drawn drawn(300);
  REQUIRE(drawn.draw(0, 100));
  const std::uint64_t fork = custody::detail::fork_count();
  const ::pid_t shared = ::vfork();  // NOLINT(clang-analyzer-security.insecureAPI.vfork)
  if (shared == 0) ::_exit(0);
  int state = -1;
  REQUIRE(::waitpid(shared, &state, 0) == shared);
  CHECK(state == 0);
  REQUIRE(drawn.draw(100, 100));
  char program[] = "/bin/true";
  char* const arguments[] = {program, nullptr};
  char* const environment[] = {nullptr};
  ::pid_t spawned = 0;
  REQUIRE(::posix_spawn(&spawned, program, nullptr, nullptr, arguments, environment) == 0);
  REQUIRE(::waitpid(spawned, &state, 0) == spawned);
  CHECK(state == 0);
  REQUIRE(drawn.draw(200, 100));
  CHECK(drawn.distinct() == 300);
  CHECK(custody::detail::fork_count() == fork);
}

TEST_CASE("a kernel that cannot clear pages in children means no pool, here and in children", "[nonce][fork]") {
  Drawn drawn(3 * 50);
  CHECK(test::in_child([&] {
          auto& forks = custody::detail::fork_state();
          forks.page.store(&forks.none);  // as if nothing had asked before
          test::randomness().no_clearing = true;
          if (custody::detail::fork_guarded()) return 1;
          int before = test::randomness().calls;
          if (!drawn.draw(0, 50) || test::randomness().calls != before + 50) return 2;
          if (custody::detail::nonce_pool().left > 0 &&
              custody::detail::nonce_pool().fork == custody::detail::fork_count())
            return 3;
          const int nested = test::in_child([&] {
            before = test::randomness().calls;
            return drawn.draw(50, 50) && test::randomness().calls == before + 50 ? 0 : 1;
          });
          if (nested != 0) return 4;
          return drawn.draw(100, 50) ? 0 : 5;
        }) == 0);
  CHECK(drawn.distinct() == 3 * 50);
}
