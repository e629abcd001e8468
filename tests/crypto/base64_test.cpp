// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/base64.hpp>

#include <sodium.h>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;

TEST_CASE("base64 gives the published texts", "[base64]") {  // RFC 4648, 10
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : cases) {
    CHECK(base64_encode(as_bytes(plain)) == text);
    CHECK(test::text_of(*base64_decode(text)) == plain);
    CHECK(base64url_encode(as_bytes(plain)) == std::string(text).substr(0, std::string_view(text).find('=')));
  }
  CHECK(base64_encode(test::unhex("fbff")) == "+/8=");
  CHECK(base64url_encode(test::unhex("fbff")) == "-_8");
}

TEST_CASE("every length comes back and agrees with libsodium", "[base64]") {
  for (std::size_t size = 0; size != 300; ++size) {
    const Bytes bytes = test::pattern(size);
    const std::string text = base64url_encode(bytes);
    std::string theirs(sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(theirs.data(), theirs.size(), reinterpret_cast<const unsigned char*>(bytes.data()), size,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    REQUIRE(text == theirs.c_str());
    REQUIRE(text.size() == base64url_size(size));
    REQUIRE(base64url_bytes(text.size()) == size);
    REQUIRE(*base64url_decode(text) == bytes);
    REQUIRE(*base64_decode(base64_encode(bytes)) == bytes);
  }
}

TEST_CASE("only the canonical text is read", "[base64]") {
  for (const char* bad : {"A", "AAAAA", "Zg==", "Zg=", "Zh", "Zk", "Z/", "Zm9=", "Zm9", "Zm9v\n", " Zm9v", "Zm 9v",
                          "Zm9+", "Zm9/", "Zm9\xC3", "====", "=", "Zg\n", "Zm9vYh"}) {
    CAPTURE(bad);
    CHECK(base64url_decode(bad).error() == Errc::malformed);
  }
  for (const char* bad : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8",
                          "=Zg=", "====", "===", "Z===", "Zm9v====", "Zm-v", "Zm_v", "Zm9v\n", "Zg= ="}) {
    CAPTURE(bad);
    CHECK(base64_decode(bad).error() == Errc::malformed);
  }
  CHECK(base64url_decode(std::string_view("Zm\0v", 4)).error() == Errc::malformed);
}

TEST_CASE("exactly one text stands for each value", "[base64]") {
  int good = 0;
  for (int a = 0; a != 256; ++a) {
    for (int b = 0; b != 256; ++b) {
      const char text[2] = {static_cast<char>(a), static_cast<char>(b)};
      const auto read = base64url_decode({text, 2});
      if (!read) continue;
      ++good;
      REQUIRE(base64url_encode(*read) == std::string_view(text, 2));
    }
  }
  CHECK(good == 256);
}
