// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/hash.hpp>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;
using test::hex;

TEST_CASE("BLAKE2b gives the published bytes", "[hash]") {
  // RFC 7693, appendix A
  CHECK(hex(blake2b<64>({as_bytes("abc")})) ==
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf192"
        "5ab92386ed"
        "d4009923");
  // computed with another implementation (Python's hashlib)
  Bytes key(32);
  for (unsigned i = 0; i != 32; ++i) key[i] = static_cast<std::byte>(i);
  CHECK(hex(blake2b<32>({as_bytes("abc")}, key)) == "d63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f");
}

TEST_CASE("parts hash like their concatenation, whatever their borders", "[hash]") {
  const Bytes all = test::pattern(700);
  const ByteView view = all;
  const auto whole = blake2b<32>({view}, view.first(32));
  for (const std::size_t at : {0U, 1U, 127U, 128U, 129U, 256U, 700U}) {
    CHECK(blake2b<32>({view.first(at), view.subspan(at)}, view.first(32)) == whole);
    CHECK(blake2b<32>({view.first(at), {}, view.subspan(at)}, view.first(32)) == whole);
  }
  CHECK(blake2b<32>({view}) != whole);
}

TEST_CASE("SHA-256 gives the published bytes", "[hash]") {  // FIPS 180-4 examples
  CHECK(hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string_view two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  CHECK(hex(sha256(as_bytes(two))) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  Sha256 pieces;
  for (const char c : two) pieces.update(as_bytes({&c, 1}));
  CHECK(pieces.finish() == sha256(as_bytes(two)));
  CHECK(pieces.update(as_bytes("abc")).finish() == sha256(as_bytes("abc")));
}

TEST_CASE("equal means equal in length and content", "[hash]") {
  const Bytes a = test::pattern(33);
  for (std::size_t i = 0; i != 33; ++i) {
    Bytes b = a;
    b[i] ^= std::byte{0x80};
    CHECK_FALSE(constant_time_equal(a, b));
    CHECK_FALSE(constant_time_equal(a, ByteView(a).first(i)));
  }
  CHECK(constant_time_equal(a, Bytes(a)));
  CHECK(constant_time_equal({}, {}));
}
