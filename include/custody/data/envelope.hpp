// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <custody/crypto/base64.hpp>
#include <custody/crypto/suite.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// A field of at most this many plaintext bytes can be sealed; larger data belongs into chunks.
inline constexpr std::size_t largest_value = std::size_t{1} << 20;

/// What the first byte of an envelope says. No UTF-8 text begins with one of them and the number of a
/// suite, which is below 0x80.
enum class Format : std::uint8_t { bound = 0xC1, transient = 0xC2, grouped = 0xC4 };

/// The 6 bytes in front of every envelope: format, suite, declaration revision, key generation (24 bits, little-endian).
/// All are authenticated. A transient envelope has revision 0 and the process key's number as its generation; a group has
/// revision 0, since its members have their own.
struct EnvelopeHeader {
  static constexpr std::size_t size = 6;
  Format format = Format::bound;
  SuiteId suite = SuiteId::xchacha20_poly1305;
  std::uint8_t revision = 0;
  std::uint32_t generation = 0;

  void write(std::byte* out) const noexcept {
    put_little(out, static_cast<std::uint32_t>(format) | static_cast<std::uint32_t>(suite) << 8U |
                        std::uint32_t{revision} << 16U | generation << 24U);
    put_little(out + 4, static_cast<std::uint16_t>(generation >> 8U));
  }

  /// Reads the header of a whole envelope. Errors: truncated, malformed (format), suite_unavailable (naming the
  /// suite).
  [[nodiscard]] static Result<EnvelopeHeader> read(ByteView envelope) noexcept {
    if (envelope.size() < size) return Errc::truncated;
    EnvelopeHeader header;
    header.format = static_cast<Format>(envelope[0]);
    header.suite = static_cast<SuiteId>(envelope[1]);
    header.revision = std::to_integer<std::uint8_t>(envelope[2]);
    header.generation = std::to_integer<std::uint32_t>(envelope[3]) |
                        std::to_integer<std::uint32_t>(envelope[4]) << 8U |
                        std::to_integer<std::uint32_t>(envelope[5]) << 16U;
    if (header.format != Format::bound && header.format != Format::transient && header.format != Format::grouped)
      return Errc::malformed;
    const detail::SuiteOps* const suite = detail::find_suite(header.suite);
    if (suite == nullptr) return Error{Errc::suite_unavailable, suite_name(header.suite)};
    if (envelope.size() < size + suite->overhead()) return Errc::truncated;
    return header;
  }
};

/// Bytes of the binary envelope of `plain` bytes: header, nonce and tag come from the suite, never from the data.
template <class Suite = XChaCha20Poly1305>
[[nodiscard]] constexpr std::size_t sealed_size(std::size_t plain) noexcept {
  return EnvelopeHeader::size + Suite::nonce_size + plain + Suite::tag_size;
}

/// What the text form begins with; old validators of names, numbers and addresses reject the tilde.
inline constexpr std::string_view text_prefix = "~c1.";

/// Characters of the text form: the prefix and URL-safe base64 without padding. An 11-digit number under AES-256-GCM: 64.
template <class Suite = XChaCha20Poly1305>
[[nodiscard]] constexpr std::size_t sealed_text_size(std::size_t plain) noexcept {
  return text_prefix.size() + (sealed_size<Suite>(plain) * 4 + 2) / 3;
}

namespace detail {

template <class Lazy = void>
[[nodiscard]] std::string to_text_form(ByteView envelope) {
  std::string out(text_prefix.size() + base64url_size(envelope.size()), '\0');
  std::memcpy(out.data(), text_prefix.data(), text_prefix.size());
  base64url_write(out.data() + text_prefix.size(), envelope);
  return out;
}

/// Errors: malformed (prefix, alphabet, padding, trailing bits).
template <class Lazy = void>
[[nodiscard]] Result<Bytes> from_text_form(std::string_view text) {
  if (text.substr(0, text_prefix.size()) != text_prefix) return Errc::malformed;
  return base64url_decode(text.substr(text_prefix.size()));
}

}  // namespace detail
}  // namespace custody::inline v0
