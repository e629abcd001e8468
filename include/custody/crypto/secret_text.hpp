// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include <custody/crypto/base64.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/crypto/sodium.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// Writes base64url_size(in.size()) characters and a zero; constant time in the bytes, for secrets.
inline void secret_base64_write(char* out, ByteView in) noexcept {
  ::sodium_bin2base64(out, base64url_size(in.size()) + 1, raw_bytes(in.data()), in.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
/// Fills `out` from its canonical text; constant time in the text, for secrets. False for any other text.
[[nodiscard]] inline bool secret_base64_read(ByteSpan out, std::string_view text) noexcept {
  if (text.size() != base64url_size(out.size())) return false;
  if (out.empty()) return true;
  unsigned high = 0;  // libsodium 1.0.18 takes some characters beyond ASCII for digits where char is signed
  for (const char each : text) high |= static_cast<unsigned char>(each);
  std::size_t length = 0;
  return high < 0x80 &&
         ::sodium_base642bin(raw_bytes(out.data()), out.size(), text.data(), text.size(), nullptr, &length, nullptr,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
         length == out.size();
}

/// A key from its canonical text: 43 characters of URL-safe base64 without padding or 64 hexadecimal digits. Constant
/// time in the text. Errors: malformed, no_memory.
[[nodiscard]] inline Result<SecretKey> key_from_text(std::string_view text) noexcept {
  auto key = SecretKey::blank();
  if (!key) return key;
  std::size_t length = 0;
  bool good = false;
  if (text.size() == 2 * SecretKey::size) {
    good = ::sodium_hex2bin(raw_bytes(key->span().data()), SecretKey::size, text.data(), text.size(), nullptr, &length,
                            nullptr) == 0 &&
           length == SecretKey::size;
  } else {
    good = secret_base64_read(key->span(), text);
  }
  if (!good) return Errc::malformed;
  return key;
}

}  // namespace custody::inline v0::detail
