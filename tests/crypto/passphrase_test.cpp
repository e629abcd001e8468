// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/passphrase.hpp>

#include <cstring>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;

TEST_CASE("a passphrase key depends on passphrase, salt and cost", "[passphrase]") {
  const auto cheap = PassphraseCost::interactive();
  PassphraseSalt salt{};
  salt[0] = std::byte{1};
  const auto a = key_from_passphrase("correct horse", salt, cheap);
  const auto again = key_from_passphrase("correct horse", salt, cheap);
  const auto other = key_from_passphrase("correct horsf", salt, cheap);
  salt[0] = std::byte{2};
  const auto salted = key_from_passphrase("correct horse", salt, cheap);
  const auto dearer = key_from_passphrase("correct horse", salt, {3, cheap.memory});
  REQUIRE((a && again && other && salted && dearer));
  CHECK(std::memcmp(a->data(), again->data(), 32) == 0);
  CHECK(std::memcmp(a->data(), other->data(), 32) != 0);
  CHECK(std::memcmp(a->data(), salted->data(), 32) != 0);
  CHECK(std::memcmp(salted->data(), dearer->data(), 32) != 0);
}

TEST_CASE("weak and absurd costs are refused", "[passphrase]") {
  const auto cheap = PassphraseCost::interactive();
  for (const PassphraseCost cost :
       {PassphraseCost{1, cheap.memory}, PassphraseCost{2, cheap.memory - 1}, PassphraseCost{0, 0},
        PassphraseCost{65, cheap.memory}, PassphraseCost{2, (std::uint64_t{4} << 30) + 1}}) {
    CHECK(key_from_passphrase("p", {}, cost).error() == Errc::malformed);
    CHECK(hash_password("p", cost).error() == Errc::malformed);
  }
  CHECK(key_from_passphrase("", {}, cheap).error() == Errc::malformed);
  static_assert(PassphraseCost::moderate().acceptable() && PassphraseCost::sensitive().acceptable());
}

TEST_CASE("a verifier matches its password only", "[passphrase]") {
  const auto verifier = hash_password("hunter2");
  REQUIRE(verifier);
  CHECK(verifier->starts_with("$argon2id$"));
  CHECK(verifier->find("hunter2") == std::string::npos);
  CHECK(verify_password(*verifier, "hunter2"));
  CHECK_FALSE(verify_password(*verifier, "hunter3"));
  CHECK_FALSE(verify_password(*verifier, std::string_view("hunter2\0", 8)));
  CHECK_FALSE(verify_password("", ""));
  CHECK_FALSE(verify_password(std::string(200, '$'), "hunter2"));
  CHECK_FALSE(verify_password(*verifier + std::string(1, '\0'), "hunter2"));
  const auto empty = hash_password({});  // with a null pointer
  REQUIRE(empty);
  CHECK(verify_password(*empty, {}));
  CHECK_FALSE(verify_password(*empty, "hunter2"));
  CHECK_FALSE(verify_password(*verifier, {}));
  const test::NoRandomness failure;
  CHECK(hash_password("p").error() == Errc::no_randomness);
}
