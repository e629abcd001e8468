// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/signature.hpp>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;
using test::hex;
using test::unhex;

TEST_CASE("Ed25519 gives the published bytes", "[signature]") {  // RFC 8032, 7.1, tests 1 to 3
  struct Case {
    const char *seed, *public_key, *message, *signature;
  };
  const Case cases[] = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2"
       "465514143"
       "8e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302ae"
       "eb00d2916"
       "12bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28"
       "dc027bece"
       "ea1ec40a"},
  };
  for (const Case& each : cases) {
    const auto key = SigningKey::from_seed(test::key_of(each.seed));
    REQUIRE(key);
    CHECK(hex(key->public_key()) == each.public_key);
    CHECK(hex(key->sign(unhex(each.message))) == each.signature);
    CHECK(verify_signature(unhex(each.message), unhex(each.signature), key->public_key()));
  }
}

TEST_CASE("a changed message, signature or key does not verify", "[signature]") {
  const auto key = SigningKey::random();
  REQUIRE(key);
  const Bytes message = test::pattern(20);
  const auto signature = key->sign(message);
  REQUIRE(verify_signature(message, signature, key->public_key()));
  for (std::size_t bit = 0; bit != 64 * 8; ++bit) {
    auto bad = signature;
    bad[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    REQUIRE_FALSE(verify_signature(message, bad, key->public_key()));
  }
  for (std::size_t bit = 0; bit != 32 * 8; ++bit) {
    auto bad = key->public_key();
    bad[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    REQUIRE_FALSE(verify_signature(message, signature, bad));
  }
  CHECK_FALSE(verify_signature(test::pattern(20, 2), signature, key->public_key()));
  CHECK_FALSE(verify_signature(message, ByteView(signature).first(63), key->public_key()));
  CHECK_FALSE(verify_signature(message, signature, ByteView(key->public_key()).first(31)));
  CHECK(SigningKey::from_seed(SecretKey()).error() == Errc::malformed);
}
