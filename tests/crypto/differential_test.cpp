// SPDX-License-Identifier: Apache-2.0
// The library's XChaCha20-Poly1305 against libsodium's own call: every length with every length of associated data.
#include <cstdio>
#include <cstring>

#include <custody/crypto/suite.hpp>

#include <sodium.h>

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

TEST_CASE("the key stream of short messages is libsodium's, whatever key, nonce and length", "[suite]") {
  if (!detail::wide_available()) {
    std::puts("custody: not run: this machine has no AVX2");
    return;
  }
  constexpr std::size_t most = 3 * detail::wide_step;
  unsigned char room[most + 1];  // at odd addresses as well: nothing here is aligned for the vectors
  unsigned char theirs[most];
  std::byte keys[33];
  std::byte nonces[13];
  unsigned char* ours = room;
  std::byte* key = keys;
  std::byte* nonce = nonces;
  const auto same = [&](std::size_t size) {
    const std::size_t whole = (size + detail::wide_pair - 1) / detail::wide_pair * detail::wide_pair;
    std::memset(ours, 0xA5, most);
    detail::chacha_stream(ours, size, nonce, key);
    crypto_stream_chacha20_ietf(theirs, whole, detail::raw_bytes(nonce), detail::raw_bytes(key));
    bool untouched = true;
    for (std::size_t i = whole; i != most; ++i) untouched = untouched && ours[i] == 0xA5;
    return std::memcmp(ours, theirs, whole) == 0 && untouched;
  };
  for (int round = 0; round != 20'000; ++round) {
    ours = room + round % 2;
    key = keys + round % 2;
    nonce = nonces + round % 2;
    randombytes_buf(key, 32);
    randombytes_buf(nonce, 12);
    if (round % 4 == 0) std::memset(key, round % 8 == 0 ? 0 : 0xff, 32);  // carries and none
    if (round % 6 == 0) std::memset(nonce, round % 12 == 0 ? 0 : 0xff, 12);
    for (const std::size_t size : {std::size_t{1}, detail::wide_pair, detail::wide_pair + 1, 2 * detail::wide_pair,
                                   2 * detail::wide_pair + 1, detail::wide_step, detail::wide_step + 1,
                                   detail::wide_step + detail::wide_pair + 1, 2 * detail::wide_step, most}) {
      if (!same(size)) FAIL("round " << round << ", " << size << " bytes");
    }
  }
}

TEST_CASE("without wide vectors the short path gives the same bytes", "[suite]") {
  const Bytes text = test::pattern(detail::short_limit, 5);
  const Bytes about = test::pattern(90, 6);
  const Bytes key = test::pattern(32, 7);
  const Bytes nonce = test::pattern(12, 8);
  Bytes one(text.size() + 16), other(text.size() + 16), back(text.size());
  for (std::size_t length = 1; length <= text.size(); ++length) {
    const ByteView plain{text.data(), length};
    detail::chacha_seal(one.data(), plain, about, nonce.data(), key.data(), false);
    crypto_aead_chacha20poly1305_ietf_encrypt(detail::raw_bytes(other.data()), nullptr, detail::raw_bytes(plain.data()),
                                              length, detail::raw_bytes(about.data()), about.size(), nullptr,
                                              detail::raw_bytes(nonce.data()), detail::raw_bytes(key.data()));
    if (std::memcmp(one.data(), other.data(), length + 16) != 0) FAIL("length " << length);
    if (detail::wide_available()) {
      detail::chacha_seal(other.data(), plain, about, nonce.data(), key.data(), true);
      if (std::memcmp(one.data(), other.data(), length + 16) != 0) FAIL("wide, length " << length);
    }
    for (const bool wide : {false, detail::wide_available()}) {
      if (!detail::chacha_open(back.data(), {one.data(), length + 16}, about, nonce.data(), key.data(), wide) ||
          std::memcmp(back.data(), plain.data(), length) != 0)
        FAIL("opened, length " << length);
      one[length / 2] ^= std::byte{1};
      if (detail::chacha_open(back.data(), {one.data(), length + 16}, about, nonce.data(), key.data(), wide))
        FAIL("tampered, length " << length);
      one[length / 2] ^= std::byte{1};
    }
  }
}
