// SPDX-License-Identifier: Apache-2.0
// A cipher suite of another library behind the same concept: published bytes, tampering, threads, a ring of its own.
#include <custody/edges/sm4_gcm.hpp>

#include <string>
#include <thread>
#include <vector>

#include "crypto/support.hpp"
#include "custody_catch.hpp"
#include "world.hpp"

using namespace custody_test;
using test::hex;
using test::unhex;

static_assert(c::CipherSuite<c::Sm4Gcm>);

namespace {

struct Assessed
    : c::Product<"assessed", c::Region::CN, AccountService, CustomerSupport, PersonalisedPush, RealNameVerify> {
  using custody_suite = c::Sm4Gcm;
};

c::Bytes seal(c::ByteView plain, c::ByteView aad, const c::Bytes& nonce, const c::CipherKey<c::Sm4Gcm>& key) {
  c::Bytes out(plain.size() + c::Sm4Gcm::tag_size);
  CHECK(c::Sm4Gcm::seal(out.data(), plain, aad, nonce.data(), key));
  return out;
}

}  // namespace

TEST_CASE("SM4-GCM gives the published bytes") {  // RFC 8998, A.1
  const auto key = std::move(
      *c::CipherKey<c::Sm4Gcm>::from(test::key_of("0123456789abcdeffedcba9876543210" + std::string(32, '0'))));
  const c::Bytes nonce = unhex("00001234567800000000abcd");
  const c::Bytes aad = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const c::Bytes plain = unhex(
      "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeee"
      "aaaaaaaaaaaaaaaa");
  CHECK(
      hex(seal(plain, aad, nonce, key)) ==
      "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397"
      "b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec");
}

TEST_CASE("every flipped bit is refused, nothing is a message, and it works in place") {
  const auto key = std::move(*c::CipherKey<c::Sm4Gcm>::random());
  const c::Bytes nonce = test::pattern(12, 5);
  const c::Bytes aad = test::pattern(40, 8);
  for (const std::size_t length : {0U, 1U, 16U, 100U, 4096U}) {
    const c::Bytes plain = test::pattern(length);
    c::Bytes sealed = seal(plain, aad, nonce, key);
    c::Bytes out(length + 1, std::byte{0xEE});
    REQUIRE(c::Sm4Gcm::open(out.data(), sealed, aad, nonce.data(), key));
    CHECK(c::Bytes(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(length)) == plain);
    if (length > 100) continue;
    for (std::size_t bit = 0; bit != sealed.size() * 8; ++bit) {
      sealed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      CHECK_FALSE(c::Sm4Gcm::open(out.data(), sealed, aad, nonce.data(), key));
      sealed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    }
    CHECK_FALSE(c::Sm4Gcm::open(out.data(), {sealed.data(), 15}, aad, nonce.data(), key));
    c::Bytes place = plain;
    place.resize(length + 16);
    CHECK(c::Sm4Gcm::seal(place.data(), {place.data(), length}, aad, nonce.data(), key));
    CHECK(place == sealed);
  }
}

TEST_CASE("a product pins it: its fields are sealed with it, and a header that names another suite is not believed") {
  BasicWorld<Assessed, c::Sm4Gcm> world;
  static_assert(std::is_same_v<c::suite_of<Assessed>, c::Sm4Gcm>);
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  REQUIRE(phone);
  CHECK(released(*phone, permit) == "15400059572");
  c::Bytes blob = *c::at_rest::blob(*phone);
  CHECK(blob.size() == c::sealed_size<c::Sm4Gcm>(11));
  CHECK(blob[1] == std::byte{4});
  blob[1] = std::byte{2};  // AES-256-GCM has the same sizes
  Account account;
  REQUIRE(c::at_rest::from_blob<&Account::phone>(row, blob, account.phone));
  const int told = refusal(account.phone, permit);
  CHECK((told == code(c::Errc::tampered) || told == code(c::Errc::suite_unavailable)));
  auto spent = world.keys->reserve(person.handle(), 1, 0, c::Sm4Gcm::message_limit);
  REQUIRE(spent);
  CHECK(*spent == std::uint64_t{1} << 16);  // a block of the key's messages is reserved before the first
  REQUIRE(world.keys->reserve(person.handle(), 1, c::Sm4Gcm::message_limit - *spent, c::Sm4Gcm::message_limit));
  int refused = fine;
  for (int i = 0; i <= 1 << 16 && refused == fine; ++i) {
    auto more = c::seal_for<&Account::phone>(row, "1");
    if (!more) refused = failure(more);
  }
  CHECK(refused == code(c::Errc::budget_exhausted));
}

TEST_CASE("one key is used by many threads") {
  const auto key = std::move(*c::CipherKey<c::Sm4Gcm>::random());
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t != 4; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i != 500; ++i) {
        const c::Bytes plain = test::pattern(i % 90, static_cast<unsigned char>(t));
        c::Bytes nonce(12, static_cast<std::byte>(t));
        nonce[0] = static_cast<std::byte>(i);
        nonce[1] = static_cast<std::byte>(i >> 8);
        c::Bytes sealed(plain.size() + 16);
        c::Bytes back(plain.size());
        const bool good = c::Sm4Gcm::seal(sealed.data(), plain, {}, nonce.data(), key) &&
                          c::Sm4Gcm::open(back.data(), sealed, {}, nonce.data(), key) && back == plain;
        if (!good) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}
