// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {
namespace detail {

/// At most 31 plaintext characters on the stack, wiped at the end.
class ShortText {
 public:
  ShortText() noexcept = default;
  ShortText(const ShortText&) = delete;
  ShortText& operator=(const ShortText&) = delete;
  ~ShortText() { wipe(text_, sizeof text_); }
  [[nodiscard]] bool push(char c) noexcept {
    if (size_ == sizeof text_ - 1) return false;
    text_[size_++] = c;
    return true;
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }

 private:
  char text_[32]{};
  std::size_t size_ = 0;
};

/// The next character of a telephone number as people type it, in ASCII: a digit, '+', ' ' for any separator, or 0 for
/// what does not belong there. Full-width forms, as Chinese input methods give them, count as their ASCII twins.
[[nodiscard]] inline char phone_character(std::string_view& text) noexcept {
  const char c = text.front();
  if (static_cast<unsigned char>(c) < 0x80) {
    text.remove_prefix(1);
    if ((c >= '0' && c <= '9') || c == '+') return c;
    return std::string_view(" \t-.()/").find(c) == std::string_view::npos ? '\0' : ' ';
  }
  if (text.starts_with("\xC2\xA0")) {  // no-break space
    text.remove_prefix(2);
    return ' ';
  }
  if (text.size() < 3) return '\0';
  const std::string_view wide = text.substr(0, 3);
  text.remove_prefix(3);
  const char last = wide[2];
  if (wide.starts_with("\xEF\xBC")) {  // U+FF00..U+FF3F
    const char ascii = static_cast<char>((static_cast<unsigned char>(last) & 0x3FU) + 0x20U);
    if ((ascii >= '0' && ascii <= '9') || ascii == '+') return ascii;
    return std::string_view("-.()/").find(ascii) == std::string_view::npos ? '\0' : ' ';
  }
  const bool space = wide == "\xE3\x80\x80" || wide == "\xE2\x80\xAF";  // ideographic, narrow no-break
  const bool dash = wide.starts_with("\xE2\x80") && last >= '\x90' && last <= '\x95';  // U+2010..U+2015
  return space || dash ? ' ' : '\0';
}

/// Digits with at most one '+', which stands in front. Errors: malformed.
[[nodiscard]] inline Result<void> phone_digits(std::string_view text, ShortText& out) noexcept {
  while (!text.empty()) {
    const char c = phone_character(text);
    if (c == ' ') continue;
    if (c == '\0' || (c == '+' && !out.view().empty()) || !out.push(c)) return Errc::malformed;
  }
  return {};
}

/// "phone_of.<country>": the name that an index of another country's numbers binds.
template <fixed_string Country>
struct PhoneName {
  char text[9 + sizeof Country.text]{};
  consteval PhoneName() noexcept {
    for (std::size_t i = 0; i != 9; ++i) text[i] = "phone_of."[i];
    for (std::size_t i = 0; i != sizeof Country.text; ++i) text[9 + i] = Country.text[i];
  }
};
template <fixed_string Country>
inline constexpr PhoneName<Country> phone_name{};

/// Dotted labels of 1 to 63 letters, digits and hyphens, none of which stands at an end of its label.
[[nodiscard]] inline bool is_domain_name(std::string_view text) noexcept {
  std::size_t label = 0;
  char last = '.';
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '-' && c != '.') return false;
    if ((c == '.' && (last == '.' || last == '-')) || (c == '-' && last == '.')) return false;
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return false;
    last = c;
  }
  return last != '.' && last != '-';
}

/// Up to three texts in one wiped buffer.
[[nodiscard]] inline Result<WipedBytes> join_wiped(std::string_view a, std::string_view b, std::string_view c) {
  WipedBytes out(a.size() + b.size() + c.size());
  std::byte* to = out.data();
  for (const std::string_view part : {a, b, c}) {
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  return out;
}

}  // namespace detail

/// The value as it is: for identifiers that are canonical already.
struct exact {
  static constexpr const char* name = "exact";
  [[nodiscard]] static Result<WipedBytes> apply(std::string_view text) { return detail::join_wiped(text, {}, {}); }
};

/// E-mail addresses: outer white space away, ASCII letters in lower case. Errors: malformed for what has no '@' between
/// two parts, for white space inside, and beyond 254 bytes.
struct email_case {
  static constexpr const char* name = "email_case";
  [[nodiscard]] static Result<WipedBytes> apply(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    while (!text.empty() && blank.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
    while (!text.empty() && blank.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    const auto at = text.rfind('@');
    const bool whole = at != std::string_view::npos && at != 0 && at + 1 != text.size() && text.size() <= 254;
    if (!whole || text.find_first_of(blank) != std::string_view::npos) return Errc::malformed;
    WipedBytes out(text.size());
    for (std::size_t i = 0; i != text.size(); ++i) {
      const bool upper = text[i] >= 'A' && text[i] <= 'Z';
      out.data()[i] = static_cast<std::byte>(upper ? text[i] - 'A' + 'a' : text[i]);
    }
    return out;
  }
};

/// E-mail addresses whose mailbox name keeps its case, as RFC 5321 has it, while the domain loses it: outer white space
/// away, ASCII letters behind the '@' in lower case. Errors: malformed for a domain that is no dotted name of ASCII
/// letters, digits and hyphens (write the `xn--` form of others, so that no two spellings miss each other), for a quoted
/// mailbox, white space or control characters, and beyond 64 and 254 bytes.
struct email_domain_case {
  static constexpr const char* name = "email_domain_case";
  [[nodiscard]] static Result<WipedBytes> apply(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    while (!text.empty() && blank.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
    while (!text.empty() && blank.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return Errc::malformed;
    for (const char c : text.substr(0, at)) {
      const auto code = static_cast<unsigned char>(c);
      if (code <= 0x20 || code == 0x7F || c == '"' || c == '@') return Errc::malformed;
    }
    if (!detail::is_domain_name(text.substr(at + 1))) return Errc::malformed;
    WipedBytes out(text.size());
    for (std::size_t i = 0; i != text.size(); ++i) {
      const bool upper = i > at && text[i] >= 'A' && text[i] <= 'Z';
      out.data()[i] = static_cast<std::byte>(upper ? text[i] - 'A' + 'a' : text[i]);
    }
    return out;
  }
};

/// Telephone numbers to E.164 (`+8613800138000`), so that "+86 138-0013-8000", "0086 138...", "86138..." and "138..."
/// meet. A number without '+' or "00" belongs to `Country`; its trunk zero is dropped. Errors: malformed for other
/// characters, and for fewer than 7 or more than 15 digits.
template <fixed_string Country>
struct phone_of {
  static constexpr const char* name = detail::phone_name<Country>.text;
  [[nodiscard]] static Result<WipedBytes> apply(std::string_view text) {
    constexpr std::string_view country{Country.text, Country.length()};
    detail::ShortText digits;
    if (auto read = detail::phone_digits(text, digits); !read) return read.error();
    std::string_view rest = digits.view();
    bool national = false;
    if (rest.starts_with('+')) {
      rest.remove_prefix(1);
    } else if (rest.starts_with("00")) {
      rest.remove_prefix(2);
    } else {
      // 86 and a mobile number: the '+' was forgotten
      national = country != "86" || rest.size() != 13 || !rest.starts_with("861");
    }
    if (!national && rest.starts_with(country)) {
      rest.remove_prefix(country.size());
      national = true;
    }
    if (national && rest.starts_with('0')) rest.remove_prefix(1);
    const std::size_t length = rest.size() + (national ? country.size() : 0);
    if (length < 7 || length > 15 || rest.starts_with('0')) return Errc::malformed;
    return detail::join_wiped("+", national ? country : std::string_view{}, rest);
  }
};

/// phone_of mainland China, the default.
struct phone_e164 : phone_of<"86"> {
  static constexpr const char* name = "phone_e164";
};

}  // namespace custody::inline v0
