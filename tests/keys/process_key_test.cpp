// SPDX-License-Identifier: Apache-2.0
#include <custody/keys/process_key.hpp>

#include <set>
#include <thread>
#include <vector>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using custody::detail::process_keys;
using custody::detail::ProcessKeys;

TEST_CASE("the process key stays the same and is found by its number", "[process_key]") {
  const auto* key = process_keys().current();
  REQUIRE(key != nullptr);
  CHECK(key->number > 0);
  CHECK(key->number < 1U << 24);
  CHECK(process_keys().current() == key);
  CHECK(process_keys().find(key->number) == key);
  CHECK(process_keys().find(0) == nullptr);
  CHECK(process_keys().find(key->number ^ 1U) == nullptr);
}

TEST_CASE("the process key is replaced after 2^28 seals, and the old one still opens", "[process_key]") {
  const auto* old = process_keys().current();
  REQUIRE(old != nullptr);
  old->seals.store(ProcessKeys::seals_per_key);
  const auto* fresh = old;
  for (std::uint32_t i = 0; i <= ProcessKeys::batch && fresh == old; ++i) fresh = process_keys().current();
  REQUIRE(fresh != nullptr);
  CHECK(fresh != old);
  CHECK(fresh->number != old->number);
  CHECK(process_keys().find(old->number) == old);
  CHECK(process_keys().current() == fresh);
}

TEST_CASE("threads count their seals together", "[process_key]") {
  std::thread([] {
    const auto* key = process_keys().current();
    key->seals.store(ProcessKeys::seals_per_key - 2 * ProcessKeys::batch);
    std::vector<int> with_old(4);
    std::vector<std::thread> running;
    for (int& mine : with_old) {
      running.emplace_back([&mine, key] {
        for (std::uint32_t i = 0; i != 2 * ProcessKeys::batch; ++i) mine += process_keys().current() == key;
      });
    }
    for (auto& thread : running) thread.join();
    const int sum = with_old[0] + with_old[1] + with_old[2] + with_old[3];
    CHECK(sum > 0);
    CHECK(sum <=
          2 * static_cast<int>(ProcessKeys::batch));  // what a thread has left when another replaces the key is lost
  }).join();
}

TEST_CASE("a forked child seals with its own key and opens with its parent's", "[process_key][fork]") {
  const auto* parents = process_keys().current();
  REQUIRE(parents != nullptr);
  CHECK(test::in_child([&] {
          const auto* mine = process_keys().current();
          if (mine == nullptr || mine == parents || mine->number == parents->number) return 1;
          if (process_keys().find(parents->number) != parents) return 2;
          return test::in_child([&] { return process_keys().current() == mine ? 3 : 0; });
        }) == 0);
  CHECK(process_keys().current() == parents);
}

TEST_CASE("without randomness there is no process key", "[process_key][fork]") {
  CHECK(test::in_child([] {
          const test::NoRandomness failure;
          return process_keys().current() == nullptr ? 0 : 1;
        }) == 0);
}

TEST_CASE("threads that start together agree on one key", "[process_key][fork]") {
  CHECK(test::in_child([] {
          std::set<const void*> seen[4];
          std::vector<std::thread> running;
          for (auto& mine : seen) {
            running.emplace_back([&mine] {
              for (int i = 0; i != 100; ++i) mine.insert(process_keys().current());
            });
          }
          for (auto& thread : running) thread.join();
          for (auto& mine : seen) {
            if (mine.size() != 1 || mine != seen[0]) return 1;
          }
          return 0;
        }) == 0);
}
