// SPDX-License-Identifier: Apache-2.0
// Each way of searching memory finds what was put there for it.
#include "custody_catch.hpp"
#include "heap.hpp"

#include <cstdlib>
#include <cstring>

using namespace custody_test;

TEST_CASE("positive control: a freed block, a grown one, live memory and a left stack show what they hold") {
  const Canary canary(1);
  Needles needles;
  canary.remember(needles, "canary", 40);
  CHECK(in_own_memory(needles).empty());
  {
    const HeapWatch watch(needles);
    void* block = std::malloc(100);
    canary.write(static_cast<char*>(block) + 20, 40);
    CHECK(watch.freed() == 0);
    CHECK(in_own_memory(needles) == std::vector<std::string>{"canary in [heap]"});
    std::free(block);
    CHECK(watch.freed() == 1);
  }
  {
    const HeapWatch watch(needles);
    auto* block = static_cast<char*>(std::malloc(100));
    canary.write(block + 20, 40);
    block = static_cast<char*>(std::realloc(block, 5000));
    CHECK(watch.freed() == 1);
    std::memset(block, 0, 5000);
    std::free(block);
  }
  const std::size_t before = blocks_taken();
  delete new std::string(100, 'x');
  void* zeroed = std::calloc(3, 5);
  __asm__ volatile("" : "+r"(zeroed) : : "memory");  // an optimiser would leave out a pair that does nothing
  std::free(zeroed);
  CHECK(blocks_taken() - before == 3);
}

namespace {
__attribute__((noinline)) void leave_behind(const Canary& canary) {
  char room[64];
  canary.write(room, sizeof room);
  __asm__ volatile("" : : "r"(room) : "memory");
}
}  // namespace

TEST_CASE("positive control: the stack that a function left, and all of it in pieces") {
  const Canary canary(2);
  Needles needles;
  canary.remember_pieces(needles, "piece", 64);
  StackReader reader(needles);
  clear_stack();
  std::uint32_t seen = reader.look();
  CHECK(seen == 0);
  leave_behind(canary);
  seen = reader.look();
  CHECK(seen == needles.all());
  clear_stack();
  seen = reader.look();
  CHECK(seen == 0);
}
