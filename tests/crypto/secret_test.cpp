// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/secret.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <sys/resource.h>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using custody::SecretKey;

namespace {

/// The VmFlags of the mapping that holds an address.
std::string flags_of(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  std::string line;
  bool inside = false;
  while (std::getline(maps, line)) {
    unsigned long from = 0;
    unsigned long to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) {
      const auto at = reinterpret_cast<unsigned long>(address);
      inside = from <= at && at < to;
    } else if (inside && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return {};
}

/// How many mappings hold these keys; what a sanitizer maps meanwhile does not count.
std::size_t mappings_of(const std::vector<SecretKey>& keys) {
  std::vector<std::uintptr_t> places;
  for (const SecretKey& key : keys) places.push_back(reinterpret_cast<std::uintptr_t>(key.data()));
  std::sort(places.begin(), places.end());
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  std::size_t found = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long from = 0;
    unsigned long to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) != 2) continue;
    const auto first = std::lower_bound(places.begin(), places.end(), from);
    const auto last = std::lower_bound(first, places.end(), to);
    if (first == last) continue;
    ++count;
    found += static_cast<std::size_t>(last - first);
  }
  REQUIRE(found == keys.size());
  return count;
}

/// Sanitizers make mlock(2) do nothing.
bool locking_works() {
  void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool works = ::mlock(page, 4096) != 0 || flags_of(page).find(" lo ") != std::string::npos;
  ::munmap(page, 4096);
  return works;
}

}  // namespace

TEST_CASE("a key is move-only and not trivially copyable", "[secret]") {
  static_assert(!std::is_copy_constructible_v<SecretKey> && !std::is_copy_assignable_v<SecretKey>);
  static_assert(!std::is_trivially_copyable_v<SecretKey> && std::is_nothrow_move_constructible_v<SecretKey>);
  auto first = test::key_of(1);
  SecretKey second = std::move(first);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move)
  CHECK(first.view().empty());
  CHECK(second.view().size() == 32);
  second = test::key_of(2);
  CHECK(second.data()[0] == std::byte{2});
}

TEST_CASE("keys are made from exactly 32 bytes, or random ones", "[secret]") {
  CHECK(SecretKey::copy_of(custody::Bytes(31)).error() == custody::Errc::malformed);
  CHECK(SecretKey::copy_of(custody::Bytes(33)).error() == custody::Errc::malformed);
  const auto a = SecretKey::random();
  const auto b = SecretKey::random();
  REQUIRE((a && b));
  CHECK(std::memcmp(a->data(), b->data(), 32) != 0);
  const test::NoRandomness failure;
  CHECK(SecretKey::random().error() == custody::Errc::no_randomness);
}

TEST_CASE("a freed slot is wiped and given out zeroed", "[secret]") {
  const std::byte* at = nullptr;
  {
    const auto key = test::key_of(0xAB);
    at = key.data();
    REQUIRE(at[31] == std::byte{0xAB});
  }
  for (int i = 0; i != 32; ++i) REQUIRE(at[i] == std::byte{0});
  const auto next = SecretKey::blank();
  CHECK(next->data() == at);
}

TEST_CASE("the arena is locked and left out of core dumps", "[secret]") {
  const auto key = SecretKey::random();
  const auto state = custody::detail::SecretSlot<custody::detail::SlotClass::state>::take();
  CHECK(flags_of(key->data()).find(" dd ") != std::string::npos);
  CHECK(flags_of(state.data()).find(" dd ") != std::string::npos);
  CHECK(reinterpret_cast<std::uintptr_t>(state.data()) % 64 == 0);
  if (!locking_works()) return;
  CHECK((flags_of(key->data()).find(" lo ") != std::string::npos) == custody::arena_locked());
}

TEST_CASE("a forked child has the keys and locks them again", "[secret][fork]") {
  if (!locking_works()) return;
  const auto key = test::key_of(5);
  const bool locked = custody::arena_locked();
  CHECK(test::in_child([&] {
          if (key.data()[0] != std::byte{5}) return 1;
          if (flags_of(key.data()).find(" lo ") != std::string::npos) return 2;  // what the kernel does by itself
          const auto another = SecretKey::random();
          if (!another) return 3;
          if ((flags_of(key.data()).find(" lo ") != std::string::npos) != locked) return 4;
          return custody::arena_locked() == locked ? 0 : 5;
        }) == 0);
}

TEST_CASE("both ends of a region are guarded", "[secret][fork]") {
  const auto key = SecretKey::random();
  auto* region = custody::detail::secret_arena().regions[0];
  while (region != nullptr && (key->data() < region->base || key->data() >= region->base + region->count * 32))
    region = region->older;
  REQUIRE(region != nullptr);
  volatile std::byte* const before = region->base - 1;
  volatile std::byte* const behind = region->base + region->count * 32;
  CHECK(test::in_child([&] { return static_cast<int>(*before) * 0; }) != 0);
  CHECK(test::in_child([&] { return static_cast<int>(*behind) * 0; }) != 0);
}

TEST_CASE("20 000 keys live at once in few mappings", "[secret]") {
  std::vector<SecretKey> keys;
  for (unsigned i = 0; i != 20'000; ++i) {
    auto key = SecretKey::blank();
    REQUIRE(key);
    std::memcpy(key->span().data(), &i, sizeof i);
    keys.push_back(std::move(*key));
  }
  for (unsigned i = 0; i != 20'000; ++i) REQUIRE(std::memcmp(keys[i].data(), &i, sizeof i) == 0);
  const std::size_t count = mappings_of(keys);
  CAPTURE(count);
  CHECK(count < 20);
}

TEST_CASE("without memory for locking keys still work and say so", "[secret][fork]") {
  if (!locking_works()) return;
  CHECK(test::in_child([] {
          struct ::rlimit none{};
          if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0 || ::setuid(65534) != 0) return 0;  // needs root to give up root
          const auto key = SecretKey::random();
          if (!key) return 1;
          return custody::arena_locked() ? 2 : 0;
        }) == 0);
}

TEST_CASE("many threads take and give back", "[secret]") {
  std::vector<std::thread> running;
  std::atomic<int> wrong{0};
  for (unsigned t = 1; t != 5; ++t) {
    running.emplace_back([t, &wrong] {
      std::vector<SecretKey> mine;
      for (unsigned i = 0; i != 4000; ++i) {
        mine.push_back(test::key_of(static_cast<unsigned char>(t)));
        if (i % 3 == 0) mine.erase(mine.begin());
      }
      for (const auto& key : mine) wrong += key.data()[31] != static_cast<std::byte>(t);
    });
  }
  for (auto& thread : running) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a fork while other threads use the arena does not block the child", "[secret][fork]") {
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) static_cast<void>(SecretKey::blank());
  });
  for (int i = 0; i != 50; ++i) REQUIRE(test::in_child([] { return SecretKey::blank() ? 0 : 1; }) == 0);
  stop = true;
  busy.join();
}
