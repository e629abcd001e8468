// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/blind_index.hpp>
#include <custody/crypto/kdf.hpp>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;
using test::hex;

namespace {

constexpr std::string_view counting_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr IndexContext phone_field{"lookup", "demo-im", "account", 1, "phone_e164", 3};

std::string value_at(const IndexContext& context, std::string_view value = "+8613800138000") {
  const auto key = IndexKey::derive(test::key_of(counting_key), context);
  return hex(key->value(as_bytes(value)));
}

}  // namespace

// The frozen values of this file were computed by another implementation (Python's hashlib) from the written
// construction.

TEST_CASE("key derivation is frozen", "[kdf]") {
  const auto child = derive_key(test::key_of(counting_key), as_bytes("field 7"));
  REQUIRE(child);
  CHECK(hex(child->view()) == "38423a5e9e836d5542d140a78184cc95ce4461412c1424133a7fb1a3493f6fc2");
  CHECK(hex(fingerprint(test::key_of(counting_key))) ==
        "9c6eb9d851ef051eb1a7b01e466bff4d850a693118483ee0ab9fcb1b9e2e3716");
}

TEST_CASE("a derived key depends on parent and context", "[kdf]") {
  const auto key = test::key_of(counting_key);
  const auto one = hex(derive_key(key, as_bytes("a"))->view());
  CHECK(one != hex(derive_key(key, as_bytes("b"))->view()));
  CHECK(one != hex(derive_key(key, as_bytes(""))->view()));
  CHECK(one != hex(derive_key(test::key_of(1), as_bytes("a"))->view()));
  CHECK(hex(derive_key(key, {})->view()) != hex(fingerprint(key)));
  CHECK(derive_key(SecretKey(), {}).error() == Errc::malformed);
}

TEST_CASE("the blind index is frozen", "[blind_index]") {
  CHECK(value_at(phone_field) == "f13888bf7608bbdd73fc01fa94cc0523");
}

TEST_CASE("the same value in another context has another index value", "[blind_index]") {
  auto other = phone_field;
  other.label = "unique";
  CHECK(value_at(other) != value_at(phone_field));
  other = phone_field;
  other.product = "demo-im-staging";
  CHECK(value_at(other) != value_at(phone_field));
  other = phone_field;
  other.record = "contact";
  CHECK(value_at(other) != value_at(phone_field));
  other = phone_field;
  other.field = 2;
  CHECK(value_at(other) != value_at(phone_field));
  other = phone_field;
  other.normaliser = "exact";
  CHECK(value_at(other) != value_at(phone_field));
  other = phone_field;
  other.generation = 4;
  CHECK(value_at(other) != value_at(phone_field));
  CHECK(value_at(phone_field, "+8613800138001") != value_at(phone_field));
  CHECK(value_at({"ab", "c", "r", 1, "n", 1}) != value_at({"a", "bc", "r", 1, "n", 1}));
}

TEST_CASE("truncation keeps the first bits", "[blind_index]") {
  const auto key = IndexKey::derive(test::key_of(counting_key), phone_field);
  const Bytes value = test::pattern(9);
  const IndexValue whole = key->value(value);
  for (unsigned bits = 1; bits <= 128; ++bits) {
    const IndexValue cut = key->value(value, bits);
    for (unsigned i = 0; i != 128; ++i) {
      const std::byte mask = static_cast<std::byte>(0x80U >> i % 8);
      REQUIRE((cut[i / 8] & mask) == (i < bits ? whole[i / 8] & mask : std::byte{0}));
    }
  }
}
