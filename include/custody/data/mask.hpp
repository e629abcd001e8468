// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <custody/words/rule.hpp>

namespace custody::inline v0 {
namespace detail {

/// Every mask of the library derives from this; nothing else does, so that a mask is no way out.
struct MaskTag {};
template <class Type>
inline constexpr bool is_mask = std::is_base_of_v<MaskTag, Type>;

/// Bytes of the UTF-8 character that a text begins with; 0 when there is none (overlong, surrogate, cut, empty).
[[nodiscard]] constexpr std::size_t character_size(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i != size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || beyond ? 0 : size;
}

inline constexpr std::size_t not_text = static_cast<std::size_t>(-1);

/// Characters of a text; not_text when it is not UTF-8.
[[nodiscard]] constexpr std::size_t character_count(std::string_view text) noexcept {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    const std::size_t size = character_size(text);
    if (size == 0) return not_text;
    text.remove_prefix(size);
  }
  return count;
}

/// The bytes of the first `count` characters of a valid text.
[[nodiscard]] constexpr std::size_t bytes_of(std::string_view text, std::size_t count) noexcept {
  std::size_t bytes = 0;
  for (; count != 0; --count) bytes += character_size(text.substr(bytes));
  return bytes;
}

/// Asterisks: one for each character, or for each byte of what is no text.
template <class Text = std::string>
[[nodiscard]] Text all_hidden(std::string_view text) {
  const std::size_t count = character_count(text);
  return Text(count == not_text ? text.size() : count, '*');
}

/// Shows the first and the last characters when at least `hidden` others stand between them, otherwise none.
template <class Text = std::string>
[[nodiscard]] Text keep_ends(std::string_view text, std::size_t first, std::size_t last, std::size_t hidden) {
  const std::size_t count = character_count(text);
  if (count == not_text || count < first + last + hidden) return all_hidden<Text>(text);
  const std::size_t head = bytes_of(text, first);
  const std::size_t tail = bytes_of(text, count - last);
  Text out;
  out.reserve(text.size());  // growing would leave copies behind
  out.append(text.substr(0, head)).append(count - first - last, '*').append(text.substr(tail));
  return out;
}

/// Whether a text can be the domain of an e-mail address: letters, digits, hyphens and dots, one dot inside at least.
[[nodiscard]] constexpr bool is_domain(std::string_view text) noexcept {
  bool dotted = false;
  for (std::size_t i = 0; i != text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    const bool dot = c == '.' && i != 0 && i + 1 != text.size() && text[i - 1] != '.';
    if (!letter && !dot) return false;
    dotted = dotted || dot;
  }
  return dotted && text.size() <= 253;
}

/// The length of the first of the four numbers of an IPv4 address; 0 when the text is none.
[[nodiscard]] constexpr std::size_t ipv4_head(std::string_view text) noexcept {
  std::size_t head = 0;
  for (int part = 0; part != 4; ++part) {
    std::size_t digits = 0;
    unsigned value = 0;
    for (; digits != text.size() && digits != 3 && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
      value = value * 10 + static_cast<unsigned>(text[digits] - '0');
    }
    if (digits == 0 || value > 255 || (digits > 1 && text[0] == '0')) return 0;
    if (part == 0) head = digits;
    text.remove_prefix(digits);
    if (part == 3) break;
    if (text.empty() || text[0] != '.') return 0;
    text.remove_prefix(1);
  }
  return text.empty() ? head : 0;
}

/// "mask.keep.<first>.<last>": two digits at most.
template <std::size_t First, std::size_t Last>
inline constexpr auto keep_name = [] {
  std::array<char, 16> out{'m', 'a', 's', 'k', '.', 'k', 'e', 'e', 'p'};
  std::size_t at = 9;
  for (const std::size_t count : {First, Last}) {
    out[at++] = '.';
    if (count > 9) out[at++] = static_cast<char>('0' + count / 10);
    out[at++] = static_cast<char>('0' + count % 10);
  }
  return out;
}();

}  // namespace detail

// Masks say what a screen may show, counted in UTF-8 characters, an asterisk for each hidden one. What is too short or no
// valid text is hidden whole. Used by custody::show<Mask>(permit, field). GB/T 35273 7.2.

/// Keeps the first and the last characters; the caller chooses how many. Hides everything when nothing would stay hidden.
template <std::size_t First, std::size_t Last>
struct mask_keep : detail::MaskTag {
  static_assert(First < 100 && Last < 100, "a mask shows at most 99 characters at each end");
  static constexpr const char* custody_name = detail::keep_name<First, Last>.data();
  [[nodiscard]] static std::string apply(std::string_view text) { return detail::keep_ends(text, First, Last, 1); }
};

/// A telephone number: the first 3 and the last 4; fewer than 10 characters are hidden whole.
struct mask_phone : detail::MaskTag {
  static constexpr const char* custody_name = "mask.phone";
  [[nodiscard]] static std::string apply(std::string_view text) { return detail::keep_ends(text, 3, 4, 3); }
};

/// A person's name: the first character.
struct mask_name : detail::MaskTag {
  static constexpr const char* custody_name = "mask.name";
  [[nodiscard]] static std::string apply(std::string_view text) { return detail::keep_ends(text, 1, 0, 1); }
};

/// An identity number: the first and the last 2.
struct mask_id_number : detail::MaskTag {
  static constexpr const char* custody_name = "mask.id_number";
  [[nodiscard]] static std::string apply(std::string_view text) { return detail::keep_ends(text, 1, 2, 3); }
};

/// A postal address: all but the last 8.
struct mask_address : detail::MaskTag {
  static constexpr const char* custody_name = "mask.address";
  [[nodiscard]] static std::string apply(std::string_view text) {
    const std::size_t count = detail::character_count(text);
    return detail::keep_ends(text, count == detail::not_text || count < 8 ? 0 : count - 8, 0, 8);
  }
};

/// An e-mail address: the first letter and the domain; hidden whole when one letter or none stands before the @.
struct mask_email : detail::MaskTag {
  static constexpr const char* custody_name = "mask.email";
  [[nodiscard]] static std::string apply(std::string_view text) {
    const std::size_t at = text.rfind('@');
    const std::string_view local = text.substr(0, at);
    const std::size_t count = detail::character_count(local);
    if (at == std::string_view::npos || count == detail::not_text || count < 2 ||
        !detail::is_domain(text.substr(at + 1))) {
      return detail::all_hidden(text);
    }
    return detail::keep_ends(text, 1, text.size() - at, count - 1);
  }
};

/// An IPv4 address: the first number; anything else is hidden whole.
struct mask_ipv4 : detail::MaskTag {
  static constexpr const char* custody_name = "mask.ipv4";
  [[nodiscard]] static std::string apply(std::string_view text) {
    const std::size_t head = detail::ipv4_head(text);
    if (head == 0) return detail::all_hidden(text);
    return std::string(text.substr(0, head)).append(".*.*.*");
  }
};

}  // namespace custody::inline v0
