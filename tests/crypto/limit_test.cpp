// SPDX-License-Identifier: Apache-2.0
// Secret memory under the limits of RLIMIT_MEMLOCK: keys always work, and what is not locked is said.
#include <custody/crypto/secret.hpp>

#include <cstring>
#include <fstream>
#include <vector>

#include <grp.h>
#include <sys/resource.h>

#include "crypto/alone.hpp"
#include "crypto/support.hpp"
#include "custody_catch.hpp"

#ifndef __has_feature  // g++ names its sanitizers with macros, clang as features
#define __has_feature(name) 0
#endif

using custody::SecretKey;

namespace {

/// What the address and thread sanitizers do.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || __has_feature(address_sanitizer) || \
    __has_feature(thread_sanitizer)
constexpr bool needs_the_address_space = true;
#else
constexpr bool needs_the_address_space = false;
#endif

/// Gives up root, which no limit holds, and sets the limit; false where that is not allowed.
bool limit_locking(::rlim_t bytes) {
  const ::rlimit limit{bytes, bytes};
  if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return false;
  return ::geteuid() != 0 || (::setgroups(0, nullptr) == 0 && ::setgid(65534) == 0 && ::setuid(65534) == 0);
}
/// Sanitizers make mlock(2) do nothing: then a limit shows nothing.
bool limits_hold() {
  void* const memory = ::mmap(nullptr, 1UL << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool refused = ::mlock(memory, 1UL << 20) != 0;
  ::munmap(memory, 1UL << 20);
  return refused;
}

/// Many keys, each with its own bytes.
bool take(std::vector<SecretKey>& keys, unsigned count) {
  for (unsigned i = 0; i != count; ++i) {
    auto key = SecretKey::blank();
    if (!key) return false;
    std::memcpy(key->span().data(), &i, sizeof i);
    keys.push_back(std::move(*key));
  }
  return true;
}
bool intact(const std::vector<SecretKey>& keys) {
  for (unsigned i = 0; i != keys.size(); ++i) {
    if (std::memcmp(keys[i].data(), &i, sizeof i) != 0) return false;
  }
  return true;
}
int usable_in_child(const std::vector<SecretKey>& keys, bool locked) {
  return test::in_child([&] {
    if (!intact(keys)) return 1;
    const auto another = SecretKey::random();
    if (!another) return 2;
    return custody::arena_locked() == locked ? 0 : 3;
  });
}

}  // namespace

TEST_CASE("alone: 64 KiB may be locked", "[.alone]") {
  if (!test::alone()) return;
  if (!limit_locking(64UL * 1024) || !limits_hold()) return test::conclude(true);
  std::vector<SecretKey> keys;
  const bool first = take(keys, 100) && custody::arena_locked();
  keys.clear();
  const bool many = take(keys, 20'000) && intact(keys);
  test::conclude(first && many && !custody::arena_locked() && usable_in_child(keys, false) == 0);
}

TEST_CASE("alone: nothing may be locked", "[.alone]") {
  if (!test::alone()) return;
  if (!limit_locking(0) || !limits_hold()) return test::conclude(true);
  std::vector<SecretKey> keys;
  const bool many = take(keys, 20'000) && intact(keys);
  test::conclude(many && !custody::arena_locked() && usable_in_child(keys, false) == 0);
}

TEST_CASE("alone: everything may be locked", "[.alone]") {
  if (!test::alone()) return;
  const ::rlimit limit{RLIM_INFINITY, RLIM_INFINITY};
  if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return test::conclude(true);
  std::vector<SecretKey> keys;
  const bool many = take(keys, 20'000) && intact(keys);
  test::conclude(many && custody::arena_locked() && usable_in_child(keys, true) == 0);
}

TEST_CASE("alone: no memory for keys is an error", "[.alone]") {
  if (!test::alone()) return;
  std::ifstream statm("/proc/self/statm");
  ::rlim_t pages = 0;
  statm >> pages;
  const ::rlim_t room = pages * static_cast<::rlim_t>(::sysconf(_SC_PAGESIZE)) + (48UL << 20);
  const ::rlimit limit{room, room};
  std::vector<SecretKey> keys;
  keys.reserve(1U << 21);  // 16 MiB, and 64 for the keys
  if (::setrlimit(RLIMIT_AS, &limit) != 0) return test::conclude(true);
  custody::Errc why = custody::Errc::unset;
  while (why == custody::Errc::unset && keys.size() != keys.capacity()) {
    auto key = SecretKey::blank();
    if (key) {
      keys.push_back(std::move(*key));
    } else {
      why = key.error().code;
    }
  }
  const bool failed = why == custody::Errc::no_memory;
  keys.pop_back();
  test::conclude(failed && SecretKey::blank());
}

TEST_CASE("keys under limits of locked memory", "[limit][fork]") {
  CHECK(test::runs_alone("alone: 64 KiB may be locked"));
  CHECK(test::runs_alone("alone: nothing may be locked"));
  CHECK(test::runs_alone("alone: everything may be locked"));
  if (!needs_the_address_space) CHECK(test::runs_alone("alone: no memory for keys is an error"));
}
