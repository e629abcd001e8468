// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/base64.hpp>
#include <custody/crypto/secret_text.hpp>

#include <string>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;

TEST_CASE("the constant-time text of a secret is the plain one, and nothing else is read", "[secret_text]") {
  for (std::size_t size = 0; size != 70; ++size) {
    const Bytes bytes = test::pattern(size, static_cast<unsigned>(size));
    char text[100];
    detail::secret_base64_write(text, bytes);
    CHECK(text == base64url_encode(bytes));
    Bytes back(size);
    CHECK(detail::secret_base64_read(back, text));
    CHECK(back == bytes);
    CHECK_FALSE(detail::secret_base64_read(back, std::string(text) + "A"));
  }
  // Every byte in every place: libsodium alone takes some of those beyond ASCII.
  const std::string good = base64url_encode(test::pattern(32));
  for (std::size_t at = 0; at != good.size(); ++at) {
    for (unsigned value = 0; value != 256; ++value) {
      std::string text = good;
      text[at] = static_cast<char>(value);
      Bytes plain(32);
      const bool read = base64url_read(plain.data(), text);
      Bytes bytes(32);
      REQUIRE(detail::secret_base64_read(bytes, text) == read);
      REQUIRE((!read || bytes == plain));
      REQUIRE(detail::key_from_text(text).has_value() == read);
    }
  }
}

TEST_CASE("a key in hexadecimal is 64 digits in either case", "[secret_text]") {
  const Bytes bytes = test::pattern(32);
  const std::string good = test::hex(bytes);
  CHECK(test::hex(detail::key_from_text(good)->view()) == good);
  for (std::size_t at = 0; at != good.size(); ++at) {
    for (unsigned value = 0; value != 256; ++value) {
      std::string text = good;
      text[at] = static_cast<char>(value);
      const bool digit = std::string("0123456789abcdefABCDEF").find(static_cast<char>(value)) != std::string::npos;
      REQUIRE(detail::key_from_text(text).has_value() == digit);
    }
  }
  CHECK_FALSE(detail::key_from_text(good.substr(1)));
  CHECK_FALSE(detail::key_from_text(good + "0"));
  CHECK_FALSE(detail::key_from_text(""));
}
