// SPDX-License-Identifier: Apache-2.0
// Secrets stay in the arena and plaintext in the sink: freed blocks, objects that were moved from, and all the memory
// that a core dump would hold are searched.
#include "custody_catch.hpp"
#include "secrets.hpp"

#include <cstring>
#include <thread>

using namespace custody_test;

namespace {

constexpr std::size_t sizes[] = {16, 64, 100, 193, 511, 513, 1024, 1100, 5000};
std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace

TEMPLATE_TEST_CASE("no secret and no plaintext is in a freed block", "[leak]", c::XChaCha20Poly1305, c::Aes256Gcm) {
  if (!TestType::available()) return;
  Needles needles;
  const Canary canary(11);
  canary.remember(needles, "plaintext", 16);
  std::optional<Ground<TestType>> ground(std::in_place);
  const auto person = ground->person("u1");
  auto row = ground->row(person);
  auto permit = ground->template permit<AccountService>(person);
  REQUIRE(live_once(*ground, row, permit, canary, 16));
  remember_secrets(needles, *ground, row);
  const HeapWatch watch(needles);
  for (const std::size_t size : sizes) {
    CAPTURE(size);
    CHECK(live_once(*ground, row, permit, canary, size));
    CHECK(needles.names(watch.freed()) == "");
  }
  ground->ring.emplace(ground->open());  // unwraps everything again
  const auto again = ground->person("u1");
  row = ground->row(again);
  permit = ground->template permit<AccountService>(again);
  CHECK(live_once(*ground, row, permit, canary, 100));
  const auto other = ground->person("u2");
  const c::Subject both[] = {again, other};
  auto talk = ground->ring->converse(both);
  REQUIRE(talk);
  CHECK(ground->ring->regroup(*talk, std::span<const c::Subject>(both, 1)));
  CHECK(ground->ring->erase(other));
  CHECK(ground->ring->erase(again));
  row = {};
  ground.reset();
  CHECK(needles.names(watch.freed()) == "");
}

TEMPLATE_TEST_CASE("a core dump would hold no secret and no plaintext while a ring lives", "[leak]",
                   c::XChaCha20Poly1305, c::Aes256Gcm) {
  if (!TestType::available()) return;
  Needles needles;
  const Canary canary(12);
  canary.remember(needles, "plaintext", 16);
  std::thread([&] {  // on a stack of its own, which ends with what the calls left on it
    Ground<TestType> ground;
    const auto person = ground.person("u1");
    const auto row = ground.row(person);
    const auto permit = ground.template permit<AccountService>(person);
    for (const std::size_t size : sizes) CHECK(live_once(ground, row, permit, canary, size));
    remember_secrets(needles, ground, row);
    const auto found = in_own_memory(needles);
    INFO(joined(found));
    CHECK(found.empty());
    // the positive control: they are there, and the search sees them when it may look into the arena
    const auto& body = c::BindingOffice::body(row);
    CHECK(needles.in(body->key->base().data(), c::SecretKey::size) != 0);
    const std::string copy(c::as_text(body->key->base().view()));
    CHECK(in_own_memory(needles).size() == 1);
  })
      .join();
}

TEST_CASE("an object that was moved from, or destroyed, holds nothing", "[leak]") {
  Needles needles;
  const Canary canary(13);
  canary.remember(needles, "canary", 32);
  const auto clean = [&](const auto& object) { return needles.in(&object, sizeof object) == 0; };
  const auto secret = [&] {
    auto key = std::move(*c::SecretKey::blank());
    canary.write(key.span().data(), c::SecretKey::size);
    return key;
  };
  const std::byte* slot = nullptr;
  {
    auto first = secret();
    slot = first.data();
    REQUIRE(needles.in(slot, 32) != 0);
    auto second = std::move(first);
    CHECK((clean(first) && clean(second) && first.empty()));  // NOLINT(bugprone-use-after-move)
    second = secret();
    CHECK(needles.in(slot, 32) == 0);  // what was assigned over is wiped at once
    slot = second.data();
    auto ready = std::move(*c::CipherKey<c::XChaCha20Poly1305>::from(std::move(second)));
    CHECK((clean(second) && clean(ready)));  // NOLINT(bugprone-use-after-move)
    const auto last = std::move(ready);
    CHECK((clean(ready) && clean(last)));  // NOLINT(bugprone-use-after-move)
    CHECK(needles.in(slot, 32) != 0);
  }
  CHECK(needles.in(slot, 32) == 0);
  {
    auto bytes = c::WipedBytes(100);
    canary.write(bytes.data(), 100);
    auto moved = std::move(bytes);
    CHECK((clean(bytes) && bytes.data() == nullptr));  // NOLINT(bugprone-use-after-move)
    const HeapWatch watch(needles);
    moved = c::WipedBytes(10);
    CHECK(watch.freed() == 0);
  }
  auto root = std::move(*c::RootKey::from_bytes(secret().view()));
  const auto kept = std::move(root);
  CHECK((clean(root) && clean(kept)));  // NOLINT(bugprone-use-after-move)
  c::Incoming body(canary.text(100));
  const c::Incoming taken = std::move(body);
  CHECK((clean(body) && body.empty()));  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("an expanded AES key is wiped with its owner", "[leak]") {
  if (!c::Aes256Gcm::available()) return;
  Needles needles;
  const std::byte* slot = nullptr;
  {
    const auto key = std::move(*c::CipherKey<c::Aes256Gcm>::random());
    slot = key.any().state();
    needles.add("round keys", slot + 32, 64);
    CHECK(needles.in(slot, c::Aes256Gcm::state_size) != 0);
    CHECK(in_own_memory(needles).empty());
  }
  for (std::size_t i = 0; i != 512; ++i) REQUIRE(slot[i] == std::byte{0});
}
