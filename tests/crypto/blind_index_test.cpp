// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/blind_index.hpp>
#include <custody/crypto/normalise.hpp>

#include <set>
#include <string>
#include <vector>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;
using test::hex;

namespace {

constexpr std::string_view counting = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::string_view number = "+8613800138000";
constexpr IndexContext phone{"lookup", "demo-im", "account", 1, "phone_e164", 3};

constexpr IndexContext shaped(std::uint32_t bits, IndexWork work = {}) {
  IndexContext context = phone;
  context.shape = {bits, work};
  return context;
}
std::string value_in(const IndexContext& context, std::string_view value = number) {
  const auto key = IndexKey::derive(test::key_of(counting), context);
  REQUIRE(key);
  const auto found = key->of(as_bytes(value));
  REQUIRE(found);
  return hex(*found);
}

}  // namespace

// The frozen values of this file were computed by another implementation (Python: hashlib, and Argon2id written from
// RFC 9106) from the written construction.

TEST_CASE("values of every shape are frozen", "[blind_index]") {
  CHECK(value_in(phone) == "f13888bf7608bbdd73fc01fa94cc0523");
  CHECK(value_in(shaped(20)) == "22cd9000000000000000000000000000");
  CHECK(value_in(shaped(128, stretched::work)) == "ad491f4697d35594af55f41b5b460963");
}

TEST_CASE("no two indexes give comparable values", "[blind_index]") {
  std::vector<IndexContext> all{phone};
  for (int part = 0; part != 6; ++part) {
    IndexContext other = phone;
    if (part == 0) other.label = "field";
    if (part == 1) other.product = "demo-in";
    if (part == 2) other.record = "account1";
    if (part == 3) other.field = 2;
    if (part == 4) other.normaliser = "exact";
    if (part == 5) other.generation = 4;
    all.push_back(other);
  }
  for (const std::uint32_t bits : {127U, 64U, 63U}) all.push_back(shaped(bits));
  all.push_back(shaped(128, stretched::work));
  all.push_back(shaped(128, {1, 65}));
  all.push_back(shaped(128, {2, 64}));
  all.push_back(shaped(64, stretched::work));
  std::set<std::string> starts;
  for (const IndexContext& context : all) starts.insert(value_in(context).substr(0, 14));  // 56 bits, which all keep
  CHECK(starts.size() == all.size());
}

TEST_CASE("a shape that is none is refused", "[blind_index]") {
  const auto derived = [](const IndexContext& context) { return IndexKey::derive(test::key_of(counting), context); };
  CHECK(derived(shaped(0)).error() == Errc::malformed);
  CHECK(derived(shaped(129)).error() == Errc::malformed);
  for (const IndexWork work :
       {IndexWork{0, 64}, IndexWork{1, 0}, IndexWork{1, 7}, IndexWork{17, 64}, IndexWork{1, (1U << 20U) + 1}}) {
    CAPTURE(work.passes, work.memory_kib);
    CHECK(derived(shaped(128, work)).error() == Errc::malformed);
  }
  for (const std::uint32_t bits : {1U, 128U}) CHECK(derived(shaped(bits)));
}

TEST_CASE("a truncated index keeps so many bits, whatever it costs", "[blind_index]") {
  for (const IndexWork work : {IndexWork{}, stretched::work}) {
    for (const std::uint32_t bits : {1U, 7U, 8U, 9U, 20U, 127U}) {
      const auto key = IndexKey::derive(test::key_of(counting), shaped(bits, work));
      std::set<std::string> seen;
      for (int i = 0; i != 40; ++i) {
        const auto value = key->of(as_bytes(std::to_string(i)));
        REQUIRE(value);
        for (std::uint32_t at = bits; at != 128; ++at) {
          REQUIRE(((*value)[at / 8] & static_cast<std::byte>(0x80U >> at % 8)) == std::byte{0});
        }
        seen.insert(hex(*value));
      }
      CAPTURE(bits, work.passes);
      if (bits == 1) CHECK(seen.size() == 2);
      if (bits >= 20) CHECK(seen.size() == 40);
    }
  }
}

TEST_CASE("coincidences are as many as the arithmetic says", "[blind_index]") {
  // 4096 values in 2^10 places: the values that share a stranger's place are 4096 * 4095 / 1024 on average.
  const auto key = IndexKey::derive(test::key_of(counting), shaped(10));
  std::vector<unsigned> rows(1024);
  for (int i = 0; i != 4096; ++i) {
    const auto value = key->of(as_bytes("+861380013" + std::to_string(i)));
    ++rows[std::to_integer<unsigned>((*value)[0]) * 4 + std::to_integer<unsigned>((*value)[1]) / 64];
  }
  double pairs = 0;
  for (const unsigned count : rows) pairs += count * (count - 1.0);
  const double each = pairs / 4096;  // strangers that a search for one value opens
  CHECK(each > 3.5);
  CHECK(each < 4.5);
}

TEST_CASE("the salt of a stretched index comes from its key", "[blind_index]") {
  const auto one = IndexKey::derive(test::key_of(counting), shaped(128, stretched::work));
  const auto other = IndexKey::derive(test::key_of(1), shaped(128, stretched::work));
  CHECK(hex(*one->of(as_bytes(number))) != hex(*other->of(as_bytes(number))));
  CHECK(hex(*one->of(as_bytes(number))) == hex(*one->of(as_bytes(number))));
  CHECK(one->of({}));
  CHECK(hex(*one->of(as_bytes(number))) != hex(one->value(as_bytes(number))));
}

TEST_CASE("a slow index takes its memory", "[blind_index][longer]") {
  const auto key = IndexKey::derive(test::key_of(counting), shaped(128, slow::work));
  const auto value = key->of(as_bytes(number));
  REQUIRE(value);
  CHECK(hex(*value) != value_in(phone));
  CHECK(hex(*value) == hex(*key->of(as_bytes(number))));
}
