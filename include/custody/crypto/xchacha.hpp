// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <custody/crypto/chacha_wide.hpp>
#include <custody/crypto/sodium.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0::detail {

/// Up to this plaintext length the assembled XChaCha20-Poly1305 is used. libsodium's own call computes the Poly1305 key and
/// each partial 256-byte group of key stream block by block, which costs more than one call for all.
inline constexpr std::size_t short_limit = 1024;
inline constexpr std::size_t short_aad_limit = 256;
inline constexpr std::size_t aead_tag = 16;

/// Whether a length takes the assembled path: measured, libsodium's own call is faster for nothing and, without wide
/// vectors, for whole groups.
[[nodiscard]] inline bool takes_short_path(std::size_t length, std::size_t aad, bool wide = wide_available()) noexcept {
  return length != 0 && length <= short_limit && aad <= short_aad_limit && (wide || length % 512 != 0);
}
[[nodiscard]] constexpr std::size_t padded16(std::size_t length) noexcept { return (length + 15) / 16 * 16; }

/// The subkey of a 16-byte nonce (draft-irtf-cfrg-xchacha-03, 2.2).
inline void hchacha(std::byte* out, const std::byte* nonce, const std::byte* key) noexcept {
  ::crypto_core_hchacha20(raw_bytes(out), raw_bytes(nonce), raw_bytes(key), nullptr);
}

/// One message's key stream in one call: the first block is the Poly1305 key, the rest the pad. `wide` takes
/// chacha_stream. Wiped at the end.
class ShortStream {
 public:
  ShortStream(std::size_t length, const std::byte* nonce, const std::byte* key, bool wide) noexcept {
    if (wide) {
      used_ = (block + length + wide_pair - 1) / wide_pair * wide_pair;
      chacha_stream(stream_, used_, nonce, key);
      ::sodium_stackzero(wide_frame);
    } else {
      used_ = (block + length + group - 1) / group * group;
      ::crypto_stream_chacha20_ietf(stream_, used_, raw_bytes(nonce), raw_bytes(key));
    }
  }
  ShortStream(const ShortStream&) = delete;
  ShortStream& operator=(const ShortStream&) = delete;
  ~ShortStream() { wipe(stream_, used_); }

  [[nodiscard]] const unsigned char* poly_key() const noexcept { return stream_; }

  /// out = in XOR pad, and with `Copies` the same to `copy`. `out` and `in` may be the same.
  template <bool Copies>
  void apply(std::byte* out, const std::byte* in, std::size_t length, unsigned char* copy = nullptr) const noexcept {
    const unsigned char* const pad = stream_ + block;
    // Plaintext passes through these, so they are wiped as well.
    struct {
      std::uint64_t text[2];
      std::uint64_t tail[2];
      std::uint64_t key[2];
    } at_hand{};
    if (length < 16) {
      if (length != 0) std::memcpy(at_hand.text, in, length);
      std::memcpy(at_hand.key, pad, 16);
      for (int i = 0; i != 2; ++i) at_hand.text[i] ^= at_hand.key[i];
      if (length != 0) std::memcpy(out, at_hand.text, length);
      if constexpr (Copies) std::memcpy(copy, at_hand.text, length);
      wipe(&at_hand, sizeof at_hand);
      return;
    }
    const std::size_t last = length - 16;  // the last 16 bytes overlap the whole groups before them
    std::memcpy(at_hand.tail, in + last, 16);
    std::memcpy(at_hand.key, pad + last, 16);
    for (int i = 0; i != 2; ++i) at_hand.tail[i] ^= at_hand.key[i];
    for (std::size_t at = 0; at < last; at += 16) {
      std::memcpy(at_hand.text, in + at, 16);
      std::memcpy(at_hand.key, pad + at, 16);
      for (int i = 0; i != 2; ++i) at_hand.text[i] ^= at_hand.key[i];
      std::memcpy(out + at, at_hand.text, 16);
      if constexpr (Copies) std::memcpy(copy + at, at_hand.text, 16);
    }
    std::memcpy(out + last, at_hand.tail, 16);
    if constexpr (Copies) std::memcpy(copy + last, at_hand.tail, 16);
    wipe(&at_hand, sizeof at_hand);
  }

 private:
  static constexpr std::size_t block = 64;
  static constexpr std::size_t group = 256;
  std::size_t used_ = 0;
  alignas(64) unsigned char stream_[(block + short_limit + group - 1) / group * group];
};

/// What Poly1305 runs over: the padded associated data, the padded ciphertext and both lengths (RFC 8439, 2.8).
class ShortMessage {
 public:
  ShortMessage(ByteView aad, std::size_t length) noexcept
      : first_(padded16(aad.size())), end_(first_ + padded16(length)) {
    if (first_ != 0) std::memset(bytes_ + first_ - 16, 0, 16);
    if (length != 0) std::memset(bytes_ + end_ - 16, 0, 16);
    if (!aad.empty()) std::memcpy(bytes_, aad.data(), aad.size());
    put_little(bytes_ + end_, std::uint64_t{aad.size()});
    put_little(bytes_ + end_ + 8, std::uint64_t{length});
  }
  [[nodiscard]] unsigned char* cipher() noexcept { return bytes_ + first_; }
  void tag(unsigned char* out, const unsigned char* poly_key) const noexcept {
    ::crypto_onetimeauth_poly1305(out, bytes_, end_ + 16, poly_key);
  }

 private:
  std::size_t first_;
  std::size_t end_;
  alignas(32) unsigned char bytes_[short_aad_limit + padded16(short_limit) + 16];
};

/// ChaCha20-Poly1305 (RFC 8439) with a 12-byte nonce, for messages that take the short path.
inline void chacha_seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce, const std::byte* key,
                        bool wide = wide_available()) noexcept {
  const ShortStream stream(plain.size(), nonce, key, wide);
  ShortMessage message(aad, plain.size());
  stream.apply<true>(out, plain.data(), plain.size(), message.cipher());
  message.tag(raw_bytes(out + plain.size()), stream.poly_key());
}
/// Opens what chacha_seal wrote. False, with `out` untouched, when the bytes are not authentic.
[[nodiscard]] inline bool chacha_open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                      const std::byte* key, bool wide = wide_available()) noexcept {
  const std::size_t length = sealed.size() - aead_tag;
  const ShortStream stream(length, nonce, key, wide);
  ShortMessage message(aad, length);
  if (length != 0) std::memcpy(message.cipher(), sealed.data(), length);
  unsigned char tag[aead_tag];
  message.tag(tag, stream.poly_key());
  if (::crypto_verify_16(tag, raw_bytes(sealed.data() + length)) != 0) return false;
  stream.apply<false>(out, sealed.data(), length);
  return true;
}

/// HChaCha20's subkey and the rest of a 24-byte nonce: what XChaCha20 hands on to ChaCha20. Wiped at the end.
struct XNonce {
  std::byte subkey[32];
  std::byte rest[12]{};
  XNonce(const std::byte* nonce, const std::byte* key) noexcept {
    hchacha(subkey, nonce, key);
    std::memcpy(rest + 4, nonce + 16, 8);
  }
  XNonce(const XNonce&) = delete;
  XNonce& operator=(const XNonce&) = delete;
  ~XNonce() { wipe(subkey, sizeof subkey); }
};

/// XChaCha20-Poly1305, the same bytes as crypto_aead_xchacha20poly1305_ietf. Writes `plain.size() + 16` bytes.
inline void xchacha_seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce,
                         const std::byte* key) noexcept {
  if (!takes_short_path(plain.size(), aad.size())) {
    ::crypto_aead_xchacha20poly1305_ietf_encrypt(raw_bytes(out), nullptr, raw_bytes(plain.data()), plain.size(),
                                                 raw_bytes(aad.data()), aad.size(), nullptr, raw_bytes(nonce),
                                                 raw_bytes(key));
    return;
  }
  const XNonce inner(nonce, key);
  chacha_seal(out, plain, aad, inner.rest, inner.subkey);
}

/// Opens what xchacha_seal wrote. False, with `out` untouched or wiped, when the bytes are not authentic.
[[nodiscard]] inline bool xchacha_open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                       const std::byte* key) noexcept {
  if (sealed.size() < aead_tag) return false;
  if (!takes_short_path(sealed.size() - aead_tag, aad.size())) {
    const bool good = ::crypto_aead_xchacha20poly1305_ietf_decrypt(
                          raw_bytes(out), nullptr, nullptr, raw_bytes(sealed.data()), sealed.size(),
                          raw_bytes(aad.data()), aad.size(), raw_bytes(nonce), raw_bytes(key)) == 0;
    if (!good) wipe(out, sealed.size() - aead_tag);  // newer versions of libsodium fill it with a pattern
    return good;
  }
  const XNonce inner(nonce, key);
  return chacha_open(out, sealed, aad, inner.rest, inner.subkey);
}

}  // namespace custody::inline v0::detail
