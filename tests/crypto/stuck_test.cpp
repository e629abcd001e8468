// SPDX-License-Identifier: Apache-2.0
// A kernel that gives the same bytes each time, as a virtual machine's restored snapshot or a broken generator does: a
// nonce may be refused, but must not come twice.
#include <custody/crypto/entropy.hpp>

#include <array>
#include <set>
#include <thread>
#include <vector>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

namespace {

using Nonce = std::array<std::byte, 24>;

struct StuckRandomness {
  StuckRandomness() { test::randomness().mode = 3; }
  StuckRandomness(const StuckRandomness&) = delete;
  StuckRandomness& operator=(const StuckRandomness&) = delete;
  ~StuckRandomness() { test::randomness().mode = 0; }
};

/// Draws, with a reseed after each ten; what was given.
std::vector<Nonce> draw_with_reseeds(int count) {
  std::vector<Nonce> out;
  for (int i = 0; i != count; ++i) {
    if (i % 10 == 9) custody::detail::nonce_pool().expires = 0;
    if (i % 10 == 9) custody::detail::nonce_pool().left = 0;
    Nonce nonce{};
    if (custody::draw_nonce(nonce)) out.push_back(nonce);
  }
  return out;
}

}  // namespace

TEST_CASE("a stuck kernel is noticed, or harms no pool: one thread over its reseeds", "[nonce][stuck]") {
  std::vector<Nonce> drawn;
  std::thread([&] {
    const StuckRandomness stuck;
    drawn = draw_with_reseeds(100);
  }).join();
  CHECK(std::set<Nonce>(drawn.begin(), drawn.end()).size() == drawn.size());
}

TEST_CASE("a stuck kernel is noticed, or harms no pool: two threads", "[nonce][stuck]") {
  std::vector<Nonce> drawn;
  for (int i = 0; i != 2; ++i) {
    std::thread([&] {
      const StuckRandomness stuck;
      for (const Nonce& nonce : draw_with_reseeds(5)) drawn.push_back(nonce);
    }).join();
  }
  CHECK(std::set<Nonce>(drawn.begin(), drawn.end()).size() == drawn.size());
}

TEST_CASE("a stuck kernel is noticed where nonces come from it: the top levels", "[nonce][stuck]") {
  std::vector<Nonce> drawn;
  const StuckRandomness stuck;
  for (int i = 0; i != 5; ++i) {
    Nonce nonce{};
    if (custody::draw_nonce(nonce, true)) drawn.push_back(nonce);
  }
  CHECK(std::set<Nonce>(drawn.begin(), drawn.end()).size() == drawn.size());
}

TEST_CASE("a stuck kernel is noticed for the shortest nonces, too", "[nonce][stuck]") {
  const StuckRandomness stuck;
  std::set<std::string> drawn;
  int given = 0;
  for (int i = 0; i != 5; ++i) {
    std::byte nonce[12]{};
    if (!custody::draw_nonce(nonce, true)) continue;
    ++given;
    drawn.insert(test::hex(nonce));
  }
  CHECK(drawn.size() == static_cast<std::size_t>(given));
  CHECK(given < 5);
}

TEST_CASE("a stuck kernel makes no two equal keys", "[nonce][stuck]") {
  const StuckRandomness stuck;
  const auto first = custody::SecretKey::random();
  const auto second = custody::SecretKey::random();
  if (first && second) CHECK(test::hex(first->view()) != test::hex(second->view()));
}
