// SPDX-License-Identifier: Apache-2.0
// What each call takes from malloc(3), by whichever function, counted for values of 16 to 4096 bytes.
#include "custody_catch.hpp"
#include "secrets.hpp"

using namespace custody_test;

namespace {

/// Blocks that a call takes for one value of up to 1 KiB, its own bytes included: nothing but what an envelope needs.
struct Budget {
  std::size_t ingest = 1;  ///< the envelope
  std::size_t seal_for = 1;  ///< the envelope
  std::size_t bind = 1;  ///< the envelope
  std::size_t release = 0;  ///< the plaintext is opened in place
  std::size_t copy = 0;  ///< shares the sealed bytes
  std::size_t move = 0;
  std::size_t load = 1;  ///< the envelope
  std::size_t store = 1;  ///< the caller's copy of the envelope
  std::size_t bound_bind = 0;
  std::size_t refused = 0;  ///< a release that no permit covers
};
constexpr Budget today;

constexpr std::size_t sizes[] = {16,  17,  31,  32,  33,  48,  63,   64,   65,   100,
                                 128, 193, 256, 448, 449, 512, 1000, 1024, 1025, 4096};

template <class Work>
std::size_t blocks(Work work) {
  const std::size_t before = blocks_taken();
  work();
  return blocks_taken() - before;
}

}  // namespace

TEST_CASE("positive control: texts and vectors are counted", "[allocation]") {
  CHECK(blocks([] { const std::string text(100, 'x'); }) == 1);
  CHECK(blocks([] {
          void* block = std::malloc(1);
          __asm__ volatile("" : "+r"(block) : : "memory");  // an optimiser would leave out a pair that does nothing
          std::free(block);
        }) == 1);
  CHECK(blocks([] {}) == 0);
}

TEMPLATE_TEST_CASE("what a value's way takes from the heap", "[allocation]", c::XChaCha20Poly1305, c::Aes256Gcm) {
  if (!TestType::available()) return;
  Ground<TestType> ground;
  const auto person = ground.person("u1");
  const auto row = ground.row(person);
  const auto permit = ground.template permit<AccountService>(person);
  const auto stranger = ground.template permit<AccountService>(ground.person("u2"));
  Account warm;
  warm.phone = "warm";  // makes the process key
  bool fine_all = c::bind<&Account::phone>(row, warm.phone).has_value();  // derives the field's key
  auto sink = c::sink<AccountService, "nothing">([](std::string_view) {});
  for (const std::size_t size : sizes) {
    CAPTURE(size);
    std::string source(size, 'x');
    const std::string text(size, 'y');
    Account account;
    CHECK(blocks([&] { account.phone = text; }) == today.ingest);
    CHECK(blocks([&] { account.email = std::move(source); }) == today.ingest);
    CHECK(blocks([&] { fine_all &= c::bind<&Account::phone>(row, account.phone).has_value(); }) == today.bind);
    CHECK(blocks([&] { fine_all &= c::bind<&Account::phone>(row, account.phone).has_value(); }) == today.bound_bind);
    c::Result<decltype(Account::phone)> made(c::Errc::unset);
    CHECK(blocks([&] { made = c::seal_for<&Account::phone>(row, text); }) == today.seal_for);
    REQUIRE(made);
    CHECK(blocks([&] { fine_all &= made->release(permit, sink).has_value(); }) == today.release);
    CHECK(blocks([&] { fine_all &= !made->release(stranger, sink).has_value(); }) == today.refused);
    CHECK(blocks([&] { account.email = *made; }) == today.copy);
    CHECK(blocks([&] { account.phone = std::move(*made); }) == today.move);
    c::Result<c::Bytes> stored(c::Errc::unset);
    CHECK(blocks([&] { stored = c::at_rest::blob(account.phone); }) == today.store);
    REQUIRE(stored);
    CHECK(blocks([&] {
            fine_all &= c::at_rest::from_blob<&Account::phone>(row, *stored, account.email).has_value();
          }) == today.load);
  }
  CHECK(fine_all);
}

TEST_CASE("the suites themselves, nonces, keys and permit checks take nothing", "[allocation]") {
  const auto key = std::move(*c::CipherKey<c::XChaCha20Poly1305>::random());
  std::byte nonce[24];
  std::byte plain[5000]{};
  std::byte out[5016];
  bool good = c::draw_nonce(nonce) && c::detail::process_keys().current() != nullptr;  // made once
  CHECK(blocks([&] {
          for (int i = 0; i != 1000; ++i) good &= c::draw_nonce(nonce) && c::draw_nonce(nonce, i % 2 == 0);
          for (std::size_t size = 0; size < sizeof plain; size += 61) {
            c::XChaCha20Poly1305::seal(out, {plain, size}, {plain, size % 300}, nonce, key);
            good &= c::XChaCha20Poly1305::open(out, {out, size + 16}, {plain, size % 300}, nonce, key);
          }
        }) == 0);
  if (c::Aes256Gcm::available()) {
    const auto fast = std::move(*c::CipherKey<c::Aes256Gcm>::random());
    CHECK(blocks([&] {
            c::Aes256Gcm::seal(out, plain, {plain, 40}, nonce, fast);
            good &= c::Aes256Gcm::open(out, {out, 5016}, {plain, 40}, nonce, fast);
          }) == 0);
  }
  CHECK(blocks([&] { good &= c::detail::process_keys().current() != nullptr; }) == 0);
  CHECK(blocks([&] { good &= c::SecretKey::random().has_value(); }) == 0);  // a slot of a region that is there
  CHECK(good);
}
