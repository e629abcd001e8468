// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <custody/data/incoming_form.hpp>
#include <custody/data/mask.hpp>

namespace custody::inline v0 {
namespace detail {

enum class JsonKind : unsigned char { none, text, number, boolean, null, object, array };

/// A value inside a document: its raw text, for a string what stands between the quotes.
struct JsonPart {
  JsonKind kind = JsonKind::none;
  std::string_view raw;
  std::size_t at = 0;
};

/// Four hexadecimal digits; a negative number when they are none.
[[nodiscard]] constexpr int hex4(std::string_view text) noexcept {
  int value = 0;
  for (std::size_t i = 0; i != 4; ++i) {
    const int digit = i < text.size() ? hex_digit(text[i]) : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/// The character after a backslash, when it is one of the short escapes; 0 otherwise.
[[nodiscard]] constexpr char short_escape(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

/// One character of a string's inside as UTF-8.
struct JsonCharacter {
  std::size_t read = 0;  ///< bytes taken from the document; 0: not RFC 8259
  std::size_t size = 0;
  char utf8[4]{};
};

[[nodiscard]] constexpr JsonCharacter encode(std::size_t read, std::uint32_t point) noexcept {
  JsonCharacter out;
  out.read = read;
  const auto put = [&](std::uint32_t byte) {
    out.utf8[out.size++] = static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | point >> 6);
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | point >> 12);
    put(0x80U | (point >> 6 & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | point >> 18);
    put(0x80U | (point >> 12 & 0x3FU));
    put(0x80U | (point >> 6 & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
  return out;
}

/// The escape that a text begins with; half a surrogate pair is refused.
[[nodiscard]] constexpr JsonCharacter read_escape(std::string_view text) noexcept {
  if (text.size() < 2) return {};
  if (const char plain = short_escape(text[1]); plain != 0) return encode(2, static_cast<unsigned char>(plain));
  const int first = text[1] == 'u' ? hex4(text.substr(2)) : -1;
  if (first < 0 || (first >= 0xDC00 && first <= 0xDFFF)) return {};
  if (first < 0xD800 || first > 0xDBFF) return encode(6, static_cast<std::uint32_t>(first));
  const bool escaped = text.size() >= 12 && text[6] == '\\' && text[7] == 'u';
  const int second = escaped ? hex4(text.substr(8)) : -1;
  if (second < 0xDC00 || second > 0xDFFF) return {};
  const auto high = static_cast<std::uint32_t>(first - 0xD800);
  const auto low = static_cast<std::uint32_t>(second - 0xDC00);
  return encode(12, 0x10000U + (high << 10 | low));
}

/// The character that the inside of a string begins with.
[[nodiscard]] constexpr JsonCharacter read_character(std::string_view text) noexcept {
  if (text.empty() || static_cast<unsigned char>(text[0]) < 0x20) return {};
  if (text[0] == '\\') return read_escape(text);
  JsonCharacter out;
  out.size = out.read = character_size(text);
  for (std::size_t i = 0; i != out.size; ++i) out.utf8[i] = text[i];
  return out;
}

/// Whether the inside of a valid string spells a name.
[[nodiscard]] constexpr bool json_spells(std::string_view raw, std::string_view name) noexcept {
  while (!raw.empty()) {
    const JsonCharacter c = read_character(raw);
    if (c.read == 0 || name.substr(0, c.size) != std::string_view(c.utf8, c.size)) return false;
    raw.remove_prefix(c.read);
    name.remove_prefix(c.size);
  }
  return name.empty();
}

/// Walks a whole document once, without building anything, and remembers the value at one path. Strict RFC 8259.
class JsonScanner {
 public:
  static constexpr std::size_t deepest = 64;
  constexpr explicit JsonScanner(std::string_view document) noexcept : in_(document) {}

  /// Errors: malformed with the offset (also for a key of the path that stands there twice), not_found.
  [[nodiscard]] Result<JsonPart> find(std::string_view path) noexcept {
    const bool odd = path.starts_with('.') || path.ends_with('.') || path.find("..") != std::string_view::npos;
    space();
    const bool good = value(0, path, !odd);
    space();
    if (!good || at_ != in_.size()) return Error{Errc::malformed, "json", at_};
    if (found_.kind == JsonKind::none) return Error{Errc::not_found, "json"};
    return found_;
  }

 private:
  [[nodiscard]] constexpr char here() const noexcept { return at_ < in_.size() ? in_[at_] : '\0'; }
  constexpr void space() noexcept {
    while (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r') ++at_;
  }
  [[nodiscard]] constexpr bool skip(char c) noexcept {
    if (at_ == in_.size() || in_[at_] != c) return false;
    ++at_;
    return true;
  }

  /// `wanted` when the value lies on the path; `path` is what is left of it.
  [[nodiscard]] constexpr bool value(std::size_t depth, std::string_view path, bool wanted) noexcept {
    if (depth > deepest) return false;
    const bool last = wanted && path.empty();
    JsonPart part;
    part.at = at_;
    if (!one(depth, path, wanted && !last, part)) return false;
    if (last) found_ = part;
    return true;
  }
  [[nodiscard]] constexpr bool one(std::size_t depth, std::string_view path, bool inside, JsonPart& part) noexcept {
    switch (here()) {
      case '{': part.kind = JsonKind::object; return object(depth, path, inside);
      case '[': part.kind = JsonKind::array; return array(depth, path, inside);
      case '"': part.kind = JsonKind::text; return text(part.raw);
      case 't': part.kind = JsonKind::boolean; return word("true", part.raw);
      case 'f': part.kind = JsonKind::boolean; return word("false", part.raw);
      case 'n': part.kind = JsonKind::null; return word("null", part.raw);
      default: part.kind = JsonKind::number; return number(part.raw);
    }
  }
  [[nodiscard]] constexpr bool word(std::string_view expected, std::string_view& raw) noexcept {
    raw = in_.substr(at_, expected.size());
    if (raw != expected) return false;
    at_ += expected.size();
    return true;
  }
  [[nodiscard]] constexpr bool number(std::string_view& raw) noexcept {
    const std::size_t from = at_;
    const auto part_of = [](char c) {
      return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    };
    while (part_of(here())) ++at_;
    raw = in_.substr(from, at_ - from);
    if (is_number(raw)) return true;
    at_ = from;
    return false;
  }
  [[nodiscard]] constexpr bool text(std::string_view& raw) noexcept {
    if (!skip('"')) return false;
    const std::size_t from = at_;
    while (at_ != in_.size() && in_[at_] != '"') {
      const std::size_t read = read_character(in_.substr(at_)).read;
      if (read == 0) return false;
      at_ += read;
    }
    raw = in_.substr(from, at_ - from);
    return skip('"');
  }

  [[nodiscard]] constexpr bool object(std::size_t depth, std::string_view path, bool inside) noexcept {
    const std::string_view name = path.substr(0, path.find('.'));
    bool seen = false;
    ++at_;
    space();
    if (skip('}')) return true;
    do {
      space();
      const std::size_t from = at_;
      std::string_view key;
      if (!text(key)) return false;
      const bool on_path = inside && json_spells(key, name);
      if (on_path && seen) return stop_at(from);
      seen = seen || on_path;
      space();
      if (!skip(':')) return false;
      if (!member(depth, rest_of(path), on_path)) return false;
    } while (skip(','));
    return skip('}');
  }
  [[nodiscard]] constexpr bool array(std::size_t depth, std::string_view path, bool inside) noexcept {
    const std::string_view name = path.substr(0, path.find('.'));
    std::size_t index = 0;
    ++at_;
    space();
    if (skip(']')) return true;
    do {
      if (!member(depth, rest_of(path), inside && is_index(name, index))) return false;
      ++index;
    } while (skip(','));
    return skip(']');
  }
  [[nodiscard]] constexpr bool member(std::size_t depth, std::string_view rest, bool on_path) noexcept {
    space();
    if (!value(depth + 1, rest, on_path)) return false;
    space();
    return true;
  }
  [[nodiscard]] constexpr bool stop_at(std::size_t at) noexcept {
    at_ = at;
    return false;
  }

  [[nodiscard]] static constexpr std::string_view rest_of(std::string_view path) noexcept {
    const std::size_t dot = path.find('.');
    return dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  [[nodiscard]] static constexpr bool is_index(std::string_view name, std::size_t index) noexcept {
    if (name.empty() || name.size() > 7 || (name.size() > 1 && name[0] == '0')) return false;
    std::size_t value = 0;
    for (const char c : name) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + static_cast<std::size_t>(c - '0');
    }
    return value == index;
  }

  std::string_view in_;
  std::size_t at_ = 0;
  JsonPart found_{};
};

/// Calls `use` with the plain text of a string's inside, in wiped memory where it had escapes.
template <class Use>
[[nodiscard]] Result<void> with_unescaped(std::string_view raw, Use&& use) {
  if (raw.find('\\') == std::string_view::npos) return use(raw);
  WipedBytes plain(raw.size());  // an escape is never shorter than what it stands for
  std::size_t used = 0;
  while (!raw.empty()) {
    const JsonCharacter c = read_character(raw);
    if (c.read == 0) return Errc::malformed;
    for (std::size_t i = 0; i != c.size; ++i) plain.data()[used++] = static_cast<std::byte>(c.utf8[i]);
    raw.remove_prefix(c.read);
  }
  return use(as_text(plain.view().first(used)));
}

}  // namespace detail

/// Seals one value of a json body into a field, without a document being built: `take_json(body, "user.phones.0", phone)`.
/// The path names keys and array indexes between dots; an empty path is the whole body. The body is read to its end,
/// strictly by RFC 8259, at most 64 deep. A text field takes a string, or a number or boolean as it is spelled; a number
/// field takes a number. Errors: not_found, unset for null, malformed with the offset (no json, a key of the path twice, a
/// value of another kind or range), those of the ingest.
template <class Field>
  requires detail::is_fillable<Field>
[[nodiscard]] Result<void> take_json(const Incoming& body, std::string_view path, Field& field) {
  using detail::JsonKind;
  auto found = detail::JsonScanner(as_text(IncomingOffice::view(body))).find(path);
  if (!found) return found.error();
  const Error otherwise{Errc::malformed, "json", found->at};
  if (found->kind == JsonKind::null) return Error{Errc::unset, "json", found->at};
  if (found->kind == JsonKind::object || found->kind == JsonKind::array) return otherwise;
  if constexpr (detail::holds_scalar<Field>) {
    if (found->kind == JsonKind::text) return otherwise;
    return detail::fill(field, found->raw, otherwise);
  } else {
    if (found->kind != JsonKind::text) return detail::fill(field, found->raw, otherwise);
    return detail::with_unescaped(found->raw,
                                  [&](std::string_view text) { return detail::fill(field, text, otherwise); });
  }
}

}  // namespace custody::inline v0
