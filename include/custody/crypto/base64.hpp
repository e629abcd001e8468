// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {
namespace detail {

inline constexpr char base64_common[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The 64 digits of an alphabet, and what each byte is worth (64: nothing).
struct Base64Alphabet {
  std::array<char, 64> digit{};
  std::array<std::uint8_t, 256> worth{};

  consteval Base64Alphabet(char digit62, char digit63) noexcept {
    for (std::size_t i = 0; i != 62; ++i) digit[i] = base64_common[i];
    digit[62] = digit62;
    digit[63] = digit63;
    for (auto& each : worth) each = 64;
    for (std::size_t i = 0; i != 64; ++i) worth[static_cast<unsigned char>(digit[i])] = static_cast<std::uint8_t>(i);
  }
};
inline constexpr Base64Alphabet base64_url{'-', '_'};
inline constexpr Base64Alphabet base64_standard{'+', '/'};

/// Writes the digits without padding; `out` has room for base64url_size.
inline void base64_write(char* out, ByteView in, const Base64Alphabet& alphabet) noexcept {
  const char* const digit = alphabet.digit.data();
  std::size_t at = 0;
  for (; at + 3 <= in.size(); at += 3) {
    const std::uint32_t group = std::to_integer<std::uint32_t>(in[at]) << 16 |
                                std::to_integer<std::uint32_t>(in[at + 1]) << 8 |
                                std::to_integer<std::uint32_t>(in[at + 2]);
    *out++ = digit[group >> 18];
    *out++ = digit[group >> 12 & 63];
    *out++ = digit[group >> 6 & 63];
    *out++ = digit[group & 63];
  }
  if (at == in.size()) return;
  const bool two = in.size() - at == 2;
  const std::uint32_t group =
      std::to_integer<std::uint32_t>(in[at]) << 16 | (two ? std::to_integer<std::uint32_t>(in[at + 1]) << 8 : 0);
  *out++ = digit[group >> 18];
  *out++ = digit[group >> 12 & 63];
  if (two) *out++ = digit[group >> 6 & 63];
}

/// Reads digits without padding; false for any text but the canonical one. `bad` collects bits that must be zero.
[[nodiscard]] inline bool base64_read(std::byte* out, std::string_view in, const Base64Alphabet& alphabet) noexcept {
  const auto worth = [&](std::size_t i) -> std::uint32_t { return alphabet.worth[static_cast<unsigned char>(in[i])]; };
  if (in.size() % 4 == 1) return false;
  std::uint32_t bad = 0;
  std::size_t at = 0;
  for (; at + 4 <= in.size(); at += 4) {
    const std::uint32_t a = worth(at);
    const std::uint32_t b = worth(at + 1);
    const std::uint32_t c = worth(at + 2);
    const std::uint32_t d = worth(at + 3);
    bad |= (a | b | c | d) & 64;
    const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
    *out++ = static_cast<std::byte>(group >> 16);
    *out++ = static_cast<std::byte>(group >> 8);
    *out++ = static_cast<std::byte>(group);
  }
  if (at == in.size()) return bad == 0;
  const bool two = in.size() - at == 3;
  const std::uint32_t a = worth(at);
  const std::uint32_t b = worth(at + 1);
  const std::uint32_t c = two ? worth(at + 2) : 0;
  bad |= (a | b | c) & 64;
  bad |= two ? c & 3 : b & 15;  // the bits beyond the last byte
  *out++ = static_cast<std::byte>(a << 2 | b >> 4);
  if (two) *out++ = static_cast<std::byte>(b << 4 | c >> 2);
  return bad == 0;
}

}  // namespace detail

/// The length of the URL-safe text of `bytes` bytes.
[[nodiscard]] constexpr std::size_t base64url_size(std::size_t bytes) noexcept {
  return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}
/// The number of bytes in a URL-safe text of `chars` characters.
[[nodiscard]] constexpr std::size_t base64url_bytes(std::size_t chars) noexcept {
  return chars / 4 * 3 + (chars % 4 == 0 ? 0 : chars % 4 - 1);
}

/// Writes base64url_size(in.size()) characters. Not constant-time: for ciphertext and other public bytes.
inline void base64url_write(char* out, ByteView in) noexcept { detail::base64_write(out, in, detail::base64_url); }
/// Writes base64url_bytes(in.size()) bytes; false, with `out` in an unspecified state, for any text but the canonical
/// one.
[[nodiscard]] inline bool base64url_read(std::byte* out, std::string_view in) noexcept {
  return detail::base64_read(out, in, detail::base64_url);
}

/// URL-safe base64 without padding (RFC 4648, 5). Not constant-time: for ciphertext and other public bytes.
[[nodiscard]] inline std::string base64url_encode(ByteView in) {
  std::string out(base64url_size(in.size()), '\0');
  base64url_write(out.data(), in);
  return out;
}
/// Only the canonical text is read: no padding, no whitespace, no stray bits. Errors: malformed.
[[nodiscard]] inline Result<Bytes> base64url_decode(std::string_view in) {
  Bytes out(base64url_bytes(in.size()));
  if (!base64url_read(out.data(), in)) return Errc::malformed;
  return out;
}

/// Standard base64 with padding (RFC 4648, 4), as signed notes have it. Not constant-time.
[[nodiscard]] inline std::string base64_encode(ByteView in) {
  std::string out((in.size() + 2) / 3 * 4, '=');
  detail::base64_write(out.data(), in, detail::base64_standard);
  return out;
}
/// Only the canonical, padded text is read. Errors: malformed.
[[nodiscard]] inline Result<Bytes> base64_decode(std::string_view in) {
  if (in.size() % 4 != 0) return Errc::malformed;
  std::size_t digits = in.size();
  for (int i = 0; i != 2 && digits != 0 && in[digits - 1] == '='; ++i) --digits;
  Bytes out(base64url_bytes(digits));
  if (!detail::base64_read(out.data(), in.substr(0, digits), detail::base64_standard)) return Errc::malformed;
  return out;
}

}  // namespace custody::inline v0
