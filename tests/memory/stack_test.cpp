// SPDX-License-Identifier: Apache-2.0
// What a call leaves on the stack that it has used: no plaintext, no key. A
// core dump holds the stack, used or not.
#include "custody_catch.hpp"
#include "secrets.hpp"

#include <memory>

#include <custody/data/display.hpp>

using namespace custody_test;

namespace {

/// The needles that a call left behind, after a clean start.
template <class Work>
[[gnu::noinline]] std::string left_by(const Needles& needles, Work work) {
  StackReader reader(needles);
  clear_stack();
  std::uint32_t left = reader.look();
  if (left != 0) return "was there before";
  work();
  left = reader.look();
  return needles.names(left);
}

constexpr std::size_t sizes[] = {8, 16, 24, 32, 40, 64, 100, 120, 193, 256, 448, 512, 1024, 4096};

} // namespace

TEST_CASE("positive control: a text that a function had on its stack is found", "[stack]") {
  Needles needles;
  const Canary canary(50);
  canary.remember_pieces(needles, "piece", 64);
  CHECK(left_by(needles, [&] {
          char room[64];
          canary.write(room, sizeof room);
          __asm__ volatile("" : : "r"(room) : "memory");
        }) != "");
  CHECK(left_by(needles, [] {}) == "");
}

TEST_CASE("the key stream of a message leaves nothing of its key on the stack", "[stack]") {
  Needles needles;
  const auto key = std::move(*c::SecretKey::random());
  needles.add("first half", key.data(), 16);
  needles.add("second half", key.data() + 16, 16);
  const c::Bytes plain(1024, std::byte{7}), nonce(12, std::byte{9});
  c::Bytes out(plain.size() + 16), back(plain.size());
  for (const std::size_t size : sizes) {
    if (size > plain.size()) continue;
    CAPTURE(size);
    CHECK(left_by(needles, [&] {
            c::detail::chacha_seal(out.data(), {plain.data(), size}, {}, nonce.data(), key.data());
          }) == "");
    CHECK(left_by(needles, [&] {
            CHECK(c::detail::chacha_open(back.data(), {out.data(), size + 16}, {}, nonce.data(), key.data()));
          }) == "");
  }
}

TEST_CASE("deriving a key leaves nothing of it on the stack", "[stack]") {
  Needles needles;
  const auto parent = std::move(*c::SecretKey::random());
  const c::Bytes context(40, std::byte{7});
  {
    const auto child = std::move(*c::derive_key(parent, context));
    needles.add("parent", parent.data(), 32);
    needles.add("child", child.data(), 32);
  }
  CHECK(left_by(needles, [&] { CHECK(c::derive_key(parent, context)); }) == "");
  CHECK(left_by(needles, [&] { static_cast<void>(c::fingerprint(parent)); }) == "");
}

TEST_CASE("wrapping, unwrapping and expanding a key leave nothing on the stack", "[stack]") {
  Needles needles;
  const auto outer = std::move(*c::SecretKey::random());
  const auto inner = std::move(*c::SecretKey::random());
  needles.add("outer", outer.data(), 32);
  needles.add("inner", inner.data(), 32);
  needles.add("inner's first half", inner.data(), 16);
  needles.add("inner's second half", inner.data() + 16, 16);
  c::Result<c::Bytes> wrapped(c::Errc::unset);
  CHECK(left_by(needles, [&] { wrapped = c::wrap_key(outer, inner, {}); }) == "");
  REQUIRE(wrapped);
  CHECK(left_by(needles, [&] { CHECK(c::unwrap_key(outer, *wrapped, {})); }) == "");
  if (!c::Aes256Gcm::available()) return;
  auto copy = std::move(*c::SecretKey::copy_of(inner.view()));
  c::Result<c::CipherKey<c::Aes256Gcm>> ready(c::Errc::unset);
  CHECK(left_by(needles, [&] { ready = c::CipherKey<c::Aes256Gcm>::from(std::move(copy)); }) == "");
  REQUIRE(ready);
}

TEMPLATE_TEST_CASE(
    "giving, binding, releasing, computing and masking leave "
    "nothing on the stack",
    "[stack]", c::XChaCha20Poly1305, c::Aes256Gcm) {
  if (!TestType::available()) return;
  Ground<TestType> ground;
  const auto person = ground.person("u1");
  const auto row = ground.row(person);
  const auto permit = ground.template permit<AccountService>(person);
  auto sink = c::sink<AccountService, "nothing">([](std::string_view) {});
  for (const std::size_t size : sizes) {
    CAPTURE(size);
    Needles needles;
    const Canary canary(static_cast<unsigned>(size) + 60);
    canary.remember_pieces(needles, "piece", size < 120 ? size : 120);
    bool good = true;
    // on the heap, so that the test itself has nothing on the stack
    const auto source = [&] {
      auto text = std::make_unique<std::string>();
      text->reserve(64);
      text->resize(size);
      canary.write(text->data(), size);
      return text;
    };
    Account account;
    auto first = source();
    auto second = source();
    CHECK(left_by(needles, [&] { account.phone = std::move(*first); }) == "");
    CHECK(left_by(needles, [&] { good &= c::bind<&Account::phone>(row, account.phone).has_value(); }) == "");
    CHECK(left_by(needles, [&] {
            auto made = c::seal_for<&Account::email>(row, std::move(*second));
            good &= made.has_value();
          }) == "");
    CHECK(left_by(needles, [&] { good &= account.phone.release(permit, sink).has_value(); }) == "");
    CHECK(left_by(needles, [&] {
            good &=
                c::map(permit, account.phone, [](const std::string&) noexcept { return std::string("z"); }).has_value();
          }) == "");
    CHECK(left_by(needles, [&] { good &= c::show<c::mask_email>(permit, account.phone).has_value(); }) == "");
    CHECK(good);
  }
}

TEMPLATE_TEST_CASE("sealing and opening leave no key on the stack", "[stack]", c::XChaCha20Poly1305, c::Aes256Gcm) {
  if (!TestType::available()) return;
  Ground<TestType> ground;
  const auto person = ground.person("u1");
  const auto row = ground.row(person);
  const auto permit = ground.template permit<AccountService>(person);
  auto sink = c::sink<AccountService, "nothing">([](std::string_view) {});
  auto made = c::seal_for<&Account::phone>(row, "15400059572");
  REQUIRE(made);
  Needles needles;
  remember_secrets(needles, ground, row);
  bool good = true;
  for (const std::size_t size : {16U, 100U, 193U, 600U, 2000U}) {
    CAPTURE(size);
    const std::string text(size, 'x');
    CHECK(left_by(needles, [&] { made = c::seal_for<&Account::phone>(row, text); }) == "");
    REQUIRE(made);
    CHECK(left_by(needles, [&] { good &= made->release(permit, sink).has_value(); }) == "");
  }
  CHECK(left_by(needles, [&] { ground.ring.emplace(ground.open()); }) == "");
  c::Subject again;
  CHECK(left_by(needles, [&] { again = ground.person("u1"); }) == "");
  CHECK(left_by(needles, [&] { good &= static_cast<bool>(c::seal_for<&Account::phone>(ground.row(again), "x")); }) ==
        "");
  CHECK(good);
}
