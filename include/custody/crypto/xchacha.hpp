// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <custody/crypto/sodium.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0::detail {

/// Up to this plaintext length the assembled XChaCha20-Poly1305 is used. libsodium's own call computes each partial
/// 256-byte group of key stream block by block, which costs more than one call for the whole groups.
inline constexpr std::size_t short_limit = 1024;
inline constexpr std::size_t short_aad_limit = 256;
inline constexpr std::size_t aead_tag = 16;

/// Whether a length takes the assembled path: measured, libsodium's own call is faster for nothing and whole groups.
[[nodiscard]] constexpr bool takes_short_path(std::size_t length, std::size_t aad) noexcept {
  return length != 0 && length <= short_limit && aad <= short_aad_limit && length % 512 != 0;
}
[[nodiscard]] constexpr std::size_t padded16(std::size_t length) noexcept { return (length + 15) / 16 * 16; }

/// One call's key stream: the first block is the Poly1305 key, the rest the pad. Wiped at the end.
class ShortStream {
 public:
  /// HChaCha20 gives the subkey, one ChaCha20-IETF call the stream (draft-irtf-cfrg-xchacha-03, 2.3).
  ShortStream(std::size_t length, const std::byte* nonce, const std::byte* key) noexcept : used_(block + length) {
    unsigned char subkey[crypto_core_hchacha20_OUTPUTBYTES];
    unsigned char tail[crypto_stream_chacha20_ietf_NONCEBYTES]{};
    std::memcpy(tail + 4, nonce + 16, 8);
    ::crypto_core_hchacha20(subkey, raw_bytes(nonce), raw_bytes(key), nullptr);
    used_ = (used_ + group - 1) / group * group;
    ::crypto_stream_chacha20_ietf(stream_, used_, tail, subkey);
    wipe(subkey, sizeof subkey);
  }
  ShortStream(const ShortStream&) = delete;
  ShortStream& operator=(const ShortStream&) = delete;
  ~ShortStream() { wipe(stream_, used_); }

  [[nodiscard]] const unsigned char* poly_key() const noexcept { return stream_; }

  /// out = in XOR pad. The two may be the same.
  void apply(std::byte* out, const std::byte* in, std::size_t length) const noexcept {
    std::size_t at = 0;
    const unsigned char* const pad = stream_ + block;
    for (; at + 32 <= length; at += 32) {
      std::uint64_t text[4];
      std::uint64_t key[4];
      std::memcpy(text, in + at, 32);
      std::memcpy(key, pad + at, 32);
      for (int i = 0; i != 4; ++i) text[i] ^= key[i];
      std::memcpy(out + at, text, 32);
    }
    for (; at != length; ++at) out[at] = in[at] ^ static_cast<std::byte>(pad[at]);
  }

 private:
  static constexpr std::size_t block = 64;
  static constexpr std::size_t group = 256;
  std::size_t used_;
  alignas(64) unsigned char stream_[(block + short_limit + group - 1) / group * group];
};

/// Poly1305 over the padded associated data, the padded ciphertext and both lengths (RFC 8439, 2.8).
inline void short_tag(unsigned char* tag, const std::byte* cipher, std::size_t length, ByteView aad,
                      const unsigned char* poly_key) noexcept {
  alignas(16) unsigned char message[short_aad_limit + padded16(short_limit) + 16];
  const std::size_t first = padded16(aad.size());
  const std::size_t end = first + padded16(length);
  std::memset(message + (first == 0 ? 0 : first - 16), 0, 16);
  if (!aad.empty()) std::memcpy(message, aad.data(), aad.size());
  std::memset(message + end - 16, 0, 16);
  std::memcpy(message + first, cipher, length);
  const std::uint64_t sizes[2] = {aad.size(), length};
  for (std::size_t i = 0; i != 16; ++i) message[end + i] = static_cast<unsigned char>(sizes[i / 8] >> (i % 8 * 8));
  ::crypto_onetimeauth_poly1305(tag, message, end + 16, poly_key);
}

/// XChaCha20-Poly1305, the same bytes as crypto_aead_xchacha20poly1305_ietf. Writes `plain.size() + 16` bytes.
inline void xchacha_seal(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce,
                         const std::byte* key) noexcept {
  if (!takes_short_path(plain.size(), aad.size())) {
    ::crypto_aead_xchacha20poly1305_ietf_encrypt(raw_bytes(out), nullptr, raw_bytes(plain.data()), plain.size(),
                                                 raw_bytes(aad.data()), aad.size(), nullptr, raw_bytes(nonce),
                                                 raw_bytes(key));
    return;
  }
  const ShortStream stream(plain.size(), nonce, key);
  stream.apply(out, plain.data(), plain.size());
  short_tag(raw_bytes(out + plain.size()), out, plain.size(), aad, stream.poly_key());
}

/// Opens what xchacha_seal wrote. False, with `out` untouched or wiped, when the bytes are not authentic.
[[nodiscard]] inline bool xchacha_open(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce,
                                       const std::byte* key) noexcept {
  if (sealed.size() < aead_tag) return false;
  const std::size_t length = sealed.size() - aead_tag;
  if (!takes_short_path(length, aad.size())) {
    return ::crypto_aead_xchacha20poly1305_ietf_decrypt(raw_bytes(out), nullptr, nullptr, raw_bytes(sealed.data()),
                                                        sealed.size(), raw_bytes(aad.data()), aad.size(),
                                                        raw_bytes(nonce), raw_bytes(key)) == 0;
  }
  const ShortStream stream(length, nonce, key);
  unsigned char tag[aead_tag];
  short_tag(tag, sealed.data(), length, aad, stream.poly_key());
  if (::crypto_verify_16(tag, raw_bytes(sealed.data() + length)) != 0) return false;
  stream.apply(out, sealed.data(), length);
  return true;
}

}  // namespace custody::inline v0::detail
