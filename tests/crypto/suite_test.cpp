// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/suite.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;
using test::hex;
using test::unhex;

namespace {

template <class Suite>
Bytes seal(ByteView plain, ByteView aad, const Bytes& nonce, const CipherKey<Suite>& key) {
  Bytes out(plain.size() + Suite::tag_size);
  Suite::seal(out.data(), plain, aad, nonce.data(), key);
  return out;
}
template <class Suite>
bool opens(const Bytes& sealed, ByteView aad, const Bytes& nonce, const CipherKey<Suite>& key, Bytes& out) {
  out.assign(sealed.size() < Suite::tag_size ? 0 : sealed.size() - Suite::tag_size, std::byte{0xEE});
  return Suite::open(out.data(), sealed, aad, nonce.data(), key);
}
template <class Suite>
CipherKey<Suite> cipher_key(std::string_view text) {
  return std::move(*CipherKey<Suite>::from(test::key_of(text)));
}

constexpr std::string_view sunscreen =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
    "it.";
constexpr std::string_view key_80 = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";

}  // namespace

TEST_CASE("XChaCha20-Poly1305 gives the published bytes", "[suite]") {  // draft-irtf-cfrg-xchacha-03, A.3.1
  const auto key = cipher_key<XChaCha20Poly1305>(key_80);
  const Bytes nonce = unhex("404142434445464748494a4b4c4d4e4f5051525354555657");
  const Bytes aad = unhex("50515253c0c1c2c3c4c5c6c7");
  CHECK(hex(seal<XChaCha20Poly1305>(as_bytes(sunscreen), aad, nonce, key)) ==
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c2"
        "16cb9"
        "6b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b"
        "52e"
        "c0875924c1c7987947deafd8780acf49");
}

TEST_CASE("the parts of the short path give the published bytes", "[suite]") {
  unsigned char subkey[32];  // draft-irtf-cfrg-xchacha-03, 2.2.1
  const auto key = test::key_of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const Bytes input = unhex("000000090000004a0000000031415927");
  crypto_core_hchacha20(subkey, detail::raw_bytes(input.data()), detail::raw_bytes(key.data()), nullptr);
  CHECK(hex({reinterpret_cast<const std::byte*>(subkey), 32}) ==
        "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc");
  // RFC 8439, 2.8.2: the tag over associated data and ciphertext under the one-time key of 2.8.2
  unsigned char tag[16];
  const Bytes one_time = unhex("7bac2b252db447af09b67a55a4e955840ae1d6731075d9eb2a9375783ed553ff");
  const Bytes cipher = unhex(
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b29"
      "05d6a5b6"
      "7ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116");
  detail::ShortMessage message(unhex("50515253c0c1c2c3c4c5c6c7"), cipher.size());
  std::memcpy(message.cipher(), cipher.data(), cipher.size());
  message.tag(tag, detail::raw_bytes(one_time.data()));
  CHECK(hex({reinterpret_cast<const std::byte*>(tag), 16}) == "1ae10b594f09e26a7e902ecbd0600691");
}

TEST_CASE("AES-256-GCM gives the published bytes", "[suite]") {  // McGrew and Viega, GCM test cases 13 to 16
  if (!Aes256Gcm::available()) return;
  const auto zero = cipher_key<Aes256Gcm>("0000000000000000000000000000000000000000000000000000000000000000");
  CHECK(hex(seal<Aes256Gcm>({}, {}, Bytes(12), zero)) == "530f8afbc74536b9a963b4f1c4cb738b");
  CHECK(hex(seal<Aes256Gcm>(Bytes(16), {}, Bytes(12), zero)) ==
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  const auto key = cipher_key<Aes256Gcm>("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const Bytes nonce = unhex("cafebabefacedbaddecaf888");
  const Bytes plain = unhex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
      "ba637b39"
      "1aafd255");
  const std::string cipher =
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
      "bcc9f662"
      "898015ad";
  CHECK(hex(seal<Aes256Gcm>(plain, {}, nonce, key)) == cipher + "b094dac5d93471bdec1a502270e3cc6c");
  CHECK(hex(seal<Aes256Gcm>(ByteView(plain).first(60), unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"), nonce,
                            key)) == cipher.substr(0, 120) + "76fc6ece0f4e1768cddf8853bb2d551b");
}

TEST_CASE("the short path and libsodium give the same bytes for every length", "[suite]") {
  const auto key = cipher_key<XChaCha20Poly1305>(key_80);
  const Bytes nonce = test::pattern(24, 3);
  std::vector<std::size_t> aads;
  for (std::size_t a = 0; a <= 130; a += a < 34 ? 1 : 13) aads.push_back(a);
  for (const std::size_t a : {128U, 255U, 256U, 257U, 1000U}) aads.push_back(a);
  std::size_t pairs = 0;
  for (std::size_t length = 0; length <= 1100; ++length) {
    const Bytes plain = test::pattern(length, static_cast<unsigned>(length));
    for (const std::size_t a : aads) {
      if (a % 7 != length % 7 && length > 520 && length % 64 > 2) continue;
      const Bytes aad = test::pattern(a, 99);
      Bytes theirs(length + 16);
      crypto_aead_xchacha20poly1305_ietf_encrypt(detail::raw_bytes(theirs.data()), nullptr,
                                                 detail::raw_bytes(plain.data()), length, detail::raw_bytes(aad.data()),
                                                 a, nullptr, detail::raw_bytes(nonce.data()),
                                                 detail::raw_bytes(key.secret().data()));
      const Bytes ours = seal<XChaCha20Poly1305>(plain, aad, nonce, key);
      if (ours != theirs) FAIL("length " << length << ", associated data " << a);
      Bytes back;
      if (!opens<XChaCha20Poly1305>(theirs, aad, nonce, key, back) || back != plain)
        FAIL("open " << length << ", " << a);
      theirs[(length * 31 + a) % theirs.size()] ^= std::byte{4};
      if (opens<XChaCha20Poly1305>(theirs, aad, nonce, key, back)) FAIL("tampered " << length << ", " << a);
      ++pairs;
    }
  }
  CHECK(pairs > 25'000);
}

TEST_CASE("the short path leaves no key stream behind", "[suite]") {
  const auto key = test::key_of(key_80);
  const Bytes nonce = test::pattern(24, 3);
  alignas(detail::ShortStream) static std::byte room[sizeof(detail::ShortStream)];
  auto* const stream = ::new (room) detail::ShortStream(100, nonce.data(), key.data(), detail::wide_available());
  const std::string before = hex({reinterpret_cast<const std::byte*>(stream->poly_key()), 32});
  stream->~ShortStream();
  const std::string after = hex(room);
  CHECK(before != std::string(64, '0'));
  CHECK(after.find(before) == std::string::npos);
  CHECK(std::count(after.begin(), after.end(), '0') > static_cast<std::ptrdiff_t>(after.size() - 64));
}

#ifdef CUSTODY_DETAIL_HAS_AEGIS
#define CUSTODY_TEST_SUITES XChaCha20Poly1305, Aes256Gcm, Aegis256
#else
#define CUSTODY_TEST_SUITES XChaCha20Poly1305, Aes256Gcm
#endif
TEMPLATE_TEST_CASE("every flipped bit and every cut is refused", "[suite]", CUSTODY_TEST_SUITES) {
  if (!TestType::available()) return;
  const auto key = cipher_key<TestType>(key_80);
  const Bytes nonce = test::pattern(TestType::nonce_size, 5);
  for (const std::size_t length : {0U, 1U, 40U, 192U, 193U, 512U}) {
    const Bytes plain = test::pattern(length);
    const Bytes aad = test::pattern(60, 8);
    const Bytes sealed = seal<TestType>(plain, aad, nonce, key);
    Bytes out;
    REQUIRE(opens<TestType>(sealed, aad, nonce, key, out));
    REQUIRE(out == plain);
    const auto clean = [&] {
      return std::all_of(out.begin(), out.end(), [](std::byte b) { return b == std::byte{0xEE} || b == std::byte{0}; });
    };
    const auto refuse_each_bit = [&](Bytes bytes, auto attempt) {
      for (std::size_t bit = 0; bit != bytes.size() * 8; ++bit) {
        bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        if (attempt(bytes) || !clean()) FAIL("bit " << bit << " of " << length);
        bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
      }
    };
    refuse_each_bit(sealed, [&](const Bytes& bad) { return opens<TestType>(bad, aad, nonce, key, out); });
    refuse_each_bit(aad, [&](const Bytes& bad) { return opens<TestType>(sealed, bad, nonce, key, out); });
    refuse_each_bit(nonce, [&](const Bytes& bad) { return opens<TestType>(sealed, aad, bad, key, out); });
    for (std::size_t cut = 0; cut != sealed.size(); ++cut) {
      if (opens<TestType>(Bytes(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(cut)), aad, nonce, key,
                          out))
        FAIL("cut " << cut);
    }
    Bytes longer = sealed;
    longer.push_back(std::byte{0});
    CHECK_FALSE(opens<TestType>(longer, aad, nonce, key, out));
    CHECK_FALSE(opens<TestType>(sealed, aad, nonce, cipher_key<TestType>("01" + std::string(62, '0')), out));
  }
}

TEMPLATE_TEST_CASE("sealing and opening work in place", "[suite]", XChaCha20Poly1305, Aes256Gcm) {
  if (!TestType::available()) return;
  const auto key = cipher_key<TestType>(key_80);
  const Bytes nonce = test::pattern(TestType::nonce_size, 5);
  for (const std::size_t length : {1U, 31U, 32U, 33U, 448U, 449U, 512U, 600U, 1025U}) {
    const Bytes plain = test::pattern(length);
    Bytes buffer = plain;
    buffer.resize(length + 16);
    TestType::seal(buffer.data(), {buffer.data(), length}, {}, nonce.data(), key);
    REQUIRE(buffer == seal<TestType>(plain, {}, nonce, key));
    REQUIRE(TestType::open(buffer.data(), buffer, {}, nonce.data(), key));
    buffer.resize(length);
    CHECK(buffer == plain);
  }
}

namespace {

/// A suite of another library, as a product would bring it along: the same cipher under a number of its own.
template <std::uint8_t Number, std::size_t Tag = 16>
struct Brought : SuiteCalls<Brought<Number, Tag>> {
  static constexpr SuiteId id = static_cast<SuiteId>(Number);
  static constexpr const char* name = Tag == 16 ? "brought along" : "brought along, long tag";
  static constexpr std::size_t nonce_size = 24;
  static constexpr std::size_t tag_size = Tag;
  static constexpr std::size_t state_size = 32;
  static constexpr std::uint64_t message_limit = 0;
  [[nodiscard]] static bool available() noexcept { return true; }
  static void expand(std::byte* state, const std::byte* key) noexcept {
    for (std::size_t i = 0; i != 32; ++i) state[i] = key[i] ^ std::byte{0x5a};
  }
  static bool encrypt(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce, const std::byte*,
                      const std::byte* state) noexcept {
    detail::xchacha_seal(out, plain, aad, nonce, state);
    return true;
  }
  [[nodiscard]] static bool decrypt(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                    const std::byte*, const std::byte* state) noexcept {
    return detail::xchacha_open(out, sealed, aad, nonce, state);
  }
};
struct NoSuite {
  static constexpr SuiteId id = static_cast<SuiteId>(70);
};
struct ShortTag : Brought<71, 8> {};
static_assert(CipherSuite<Brought<64>> && !CipherSuite<NoSuite> && !CipherSuite<ShortTag>);

std::vector<SuiteId> suites_here() {
  std::vector<SuiteId> here{SuiteId::xchacha20_poly1305};
  if (suite_available(SuiteId::aes256_gcm)) here.push_back(SuiteId::aes256_gcm);
  if (suite_available(SuiteId::aegis256)) here.push_back(SuiteId::aegis256);
  return here;
}

}  // namespace

TEST_CASE("the suite table says what the suites do", "[suite]") {
  CHECK(detail::find_suite(SuiteId::xchacha20_poly1305)->overhead() == 40);
  CHECK(detail::find_suite(SuiteId::aes256_gcm)->overhead() == 28);
  for (unsigned i = 0; i != 256; ++i) {
    const auto id = static_cast<SuiteId>(i);
    const bool aegis = i == 3 && detail::find_suite(id) != nullptr;  // with libsodium 1.0.19 or newer
    if (i == 1 || i == 2 || i == 64 || aegis) continue;
    CHECK(detail::find_suite(id) == nullptr);
    const auto key = AnyCipherKey::from(id, test::key_of(1));
    REQUIRE(key.error() == Errc::suite_unavailable);
    CHECK(std::string_view(key.error().where) == (i == 3 ? "AEGIS-256" : i == 4 ? "SM4-GCM" : "unknown"));
  }
  CHECK(AnyCipherKey::from(SuiteId::xchacha20_poly1305, SecretKey()).error() == Errc::malformed);
}

TEST_CASE("run-time dispatch gives the bytes of the types", "[suite]") {
  const Bytes plain = test::pattern(100);
  const Bytes nonce = test::pattern(32, 2);
  for (const SuiteId id : suites_here()) {
    const auto key = AnyCipherKey::from(id, test::key_of(key_80));
    REQUIRE(key);
    Bytes sealed(plain.size() + key->ops().tag_size);
    REQUIRE(detail::suite_seal(sealed.data(), plain, {}, nonce.data(), *key));
    if (id == SuiteId::aes256_gcm) CHECK(sealed == seal(plain, {}, nonce, cipher_key<Aes256Gcm>(key_80)));
    if (id == SuiteId::xchacha20_poly1305)
      CHECK(sealed == seal(plain, {}, nonce, cipher_key<XChaCha20Poly1305>(key_80)));
    Bytes back(plain.size());
    CHECK(detail::suite_open(back.data(), sealed, {}, nonce.data(), *key));
    CHECK(back == plain);
    for (const SuiteId other : suites_here()) {
      if (other == id) continue;
      const auto theirs = AnyCipherKey::from(other, test::key_of(key_80));
      Bytes room(sealed.size());  // tags differ in size, so that an opening may write more than was sealed
      CHECK_FALSE(detail::suite_open(room.data(), sealed, {}, nonce.data(), *theirs));
    }
  }
  const AnyCipherKey none;
  Bytes out(plain.size() + 16);
  CHECK_FALSE(detail::suite_seal(out.data(), plain, {}, nonce.data(), none));
  CHECK_FALSE(detail::suite_open(out.data(), out, {}, nonce.data(), none));
}

TEST_CASE("a suite of another library is known once it is used, and its number is its own for good", "[suite]") {
  REQUIRE(detail::find_suite(Brought<64>::id) == nullptr);
  REQUIRE(use_suite<Brought<64>>());
  REQUIRE(use_suite<Brought<64>>());
  CHECK(use_suite<Brought<64, 24>>().error() == Errc::already_there);
  CHECK(CipherKey<Brought<64, 24>>::random().error() == Errc::already_there);
  CHECK(use_suite<Brought<1>>().error() == Errc::already_there);
  const auto key = CipherKey<Brought<64>>::from(test::key_of(key_80));
  REQUIRE(key);
  CHECK(key->any().state()[0] == (key->secret().data()[0] ^ std::byte{0x5a}));
  const Bytes plain = test::pattern(33);
  const Bytes nonce = test::pattern(24, 2);
  const Bytes sealed = seal(plain, {}, nonce, *key);
  Bytes back;
  CHECK(opens(sealed, {}, nonce, *key, back));
  CHECK(back == plain);
  CHECK_FALSE(opens(sealed, {}, nonce, cipher_key<XChaCha20Poly1305>(key_80), back));
}

#ifdef CUSTODY_DETAIL_HAS_AEGIS
TEST_CASE("AEGIS-256 gives the published bytes", "[suite]") {  // draft-irtf-cfrg-aegis-aead, A.3.2
  const auto key = cipher_key<Aegis256>("1001000000000000000000000000000000000000000000000000000000000000");
  const Bytes nonce = unhex("1000020000000000000000000000000000000000000000000000000000000000");
  const Bytes plain(16);
  const Bytes sealed = seal(plain, {}, nonce, key);
  CHECK(hex({sealed.data(), 16}) == "754fc3d8c973246dcc6d741412a4b236");
  CHECK(hex({sealed.data() + 16, 32}) == "1181a1d18091082bf0266f66297d167d2e68b845f61a3b0527d31fc7b7b89f13");
}
#endif
