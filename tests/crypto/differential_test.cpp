// SPDX-License-Identifier: Apache-2.0
// The library's XChaCha20-Poly1305 against libsodium's own call: every length with every length of associated data.
#include <cstring>

#include <custody/crypto/suite.hpp>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;

TEST_CASE("lengths 0 to 1024 with associated data of 0 to 130 bytes: the bytes of libsodium, and tampering is refused",
          "[suite]") {
  constexpr std::size_t longest = 1024;
  const Bytes text = test::pattern(longest + 256, 5);
  const Bytes about = test::pattern(130 + 64, 6);
  const Bytes secret = test::pattern(32, 7);
  const auto key = SecretKey::copy_of(secret);
  Bytes nonce = test::pattern(24, 8);
  Bytes ours(longest + 16), theirs(longest + 16), back(longest);
  const auto equal = [](const Bytes& a, const Bytes& b, std::size_t size) {
    return size == 0 || std::memcmp(a.data(), b.data(), size) == 0;
  };
  std::size_t pairs = 0;
  for (std::size_t length = 0; length <= longest; ++length) {
    for (std::size_t a = 0; a <= 130; ++a) {
      const ByteView plain{text.data() + (length + a) % 256, length};
      const ByteView aad{about.data() + length % 64, a};
      nonce[pairs % 24] ^= static_cast<std::byte>(pairs % 251 + 1);
      crypto_aead_xchacha20poly1305_ietf_encrypt(
          detail::raw_bytes(theirs.data()), nullptr, detail::raw_bytes(plain.data()), length,
          detail::raw_bytes(aad.data()), a, nullptr, detail::raw_bytes(nonce.data()), detail::raw_bytes(secret.data()));
      detail::xchacha_seal(ours.data(), plain, aad, nonce.data(), key->data());
      if (!equal(ours, theirs, length + 16)) FAIL("sealed: length " << length << ", associated data " << a);
      const ByteView sealed{theirs.data(), length + 16};
      if (!detail::xchacha_open(back.data(), sealed, aad, nonce.data(), key->data()) ||
          (length != 0 && std::memcmp(back.data(), plain.data(), length) != 0))
        FAIL("opened: length " << length << ", associated data " << a);
      const std::size_t at = (length * 131 + a) * 7919 % sealed.size();  // a bit of text or tag
      const auto bit = static_cast<std::byte>(1U << (length + a) % 8);
      theirs[at] ^= bit;
      if (detail::xchacha_open(back.data(), sealed, aad, nonce.data(), key->data()))
        FAIL("tampered at " << at << ": length " << length << ", associated data " << a);
      theirs[at] ^= bit;
      if (a != 0 && detail::xchacha_open(back.data(), sealed, aad.first(a - 1), nonce.data(), key->data()))
        FAIL("shorter associated data: length " << length << ", associated data " << a);
      ++pairs;
    }
  }
  CHECK(pairs == 1025U * 131U);
}
