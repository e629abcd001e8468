// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include <custody/crypto/normalise.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {
namespace detail {

/// The next character of an identity number as people type it, in ASCII: a digit, 'X', ' ' for a space, or 0 for what
/// does not belong there. Full-width forms count as their ASCII twins.
[[nodiscard]] inline char identity_character(std::string_view& text) noexcept {
  char c = text.front();
  if (text.starts_with("\xEF\xBC") || text.starts_with("\xEF\xBD")) {  // U+FF00..U+FF7F
    if (text.size() < 3) return '\0';
    const auto last = static_cast<unsigned char>(static_cast<unsigned char>(text[2]) & 0x3FU);
    c = static_cast<char>(last + (text[1] == '\xBC' ? 0x20U : 0x60U));
    text.remove_prefix(3);
  } else if (text.starts_with("\xE3\x80\x80")) {  // ideographic space
    text.remove_prefix(3);
    return ' ';
  } else if (text.starts_with("\xC2\xA0")) {  // no-break space
    text.remove_prefix(2);
    return ' ';
  } else {
    text.remove_prefix(1);
    if (c == '\t') return ' ';
  }
  if (c == 'x' || c == 'X') return 'X';
  return (c >= '0' && c <= '9') || c == ' ' ? c : '\0';
}

/// The check character of 17 digits: ISO/IEC 7064 MOD 11-2.
[[nodiscard]] constexpr char identity_check(std::string_view digits) noexcept {
  unsigned product = 0;
  for (const char c : digits) product = (product + static_cast<unsigned>(c - '0')) * 2 % 11;
  return "10X98765432"[product];
}

}  // namespace detail

/// Citizen identity numbers (GB 11643-1999): 18 characters with the right check character; an 'x' becomes 'X', spaces go
/// and full-width digits count as digits. The 15 digits of cards issued before 1999 become the number of today, so that
/// both meet. Errors: malformed for a wrong check character, for other lengths and characters, and for a number of 15
/// digits with an order code of 996 to 999, which was given to persons born before 1900. Says nothing about the region
/// and the day of birth.
struct cn_identity {
  static constexpr const char* name = "cn_identity";
  [[nodiscard]] static Result<WipedBytes> apply(std::string_view text) {
    detail::ShortText number;
    while (!text.empty()) {
      const char c = detail::identity_character(text);
      if (c == ' ') continue;
      if (c == '\0' || number.view().ends_with('X') || !number.push(c)) return Errc::malformed;
    }
    return number.view().size() == 15 ? from_15(number.view()) : from_18(number.view());
  }

 private:
  [[nodiscard]] static Result<WipedBytes> from_18(std::string_view number) {
    if (number.size() != 18 || number.front() == '0') return Errc::malformed;
    if (detail::identity_check(number.substr(0, 17)) != number[17]) return Errc::malformed;
    return detail::join_wiped(number, {}, {});
  }
  [[nodiscard]] static Result<WipedBytes> from_15(std::string_view old) {
    if (old.front() == '0' || old.ends_with('X') || old.substr(12) >= "996") return Errc::malformed;
    detail::ShortText number;
    for (const std::string_view part : {old.substr(0, 6), std::string_view("19"), old.substr(6)}) {
      for (const char c : part) static_cast<void>(number.push(c));  // 17 of 31
    }
    const char check = detail::identity_check(number.view());
    return detail::join_wiped(number.view(), {&check, 1}, {});
  }
};

}  // namespace custody::inline v0
