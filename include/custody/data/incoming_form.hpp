// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <locale.h>
#include <stdlib.h>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include <custody/data/personal.hpp>
#include <custody/data/public.hpp>

namespace custody::inline v0 {
namespace detail {

/// Whether a text is a number of RFC 8259: no leading zero or plus, a digit on both sides of the point.
[[nodiscard]] constexpr bool is_number(std::string_view text) noexcept {
  std::size_t at = 0;
  const auto here = [&] { return at == text.size() ? '\0' : text[at]; };
  const auto digits = [&] {
    const std::size_t from = at;
    while (here() >= '0' && here() <= '9') ++at;
    return at != from;
  };
  if (here() == '-') ++at;
  if (here() == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (here() == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (here() == 'e' || here() == 'E') {
    ++at;
    if (here() == '+' || here() == '-') ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

/// Reads a whole number; false when it has a fraction or exponent, or does not fit.
template <class Integer>
[[nodiscard]] bool read_integer(std::string_view text, Integer& value) noexcept {
  const bool negative = text[0] == '-';
  if (negative && std::is_unsigned_v<Integer>) return false;
  Integer made = 0;
  for (std::size_t i = negative ? 1 : 0; i != text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(made, 10, &made)) return false;
    const int digit = text[i] - '0';
    if (negative ? __builtin_sub_overflow(made, digit, &made) : __builtin_add_overflow(made, digit, &made))
      return false;
  }
  value = made;
  return true;
}

/// Reads a floating point number, whatever the host's locale; false when it does not fit.
template <class Float>
[[nodiscard]] bool read_float(std::string_view text, Float& value) noexcept {
  static const ::locale_t c_locale = ::newlocale(LC_ALL_MASK, "C", nullptr);  // allocates nothing for "C"
  if (c_locale == nullptr) return false;
  WipedBytes ended(text.size() + 1);  // with a zero at its end
  std::memcpy(ended.data(), text.data(), text.size());
  const char* const copy = reinterpret_cast<const char*>(ended.data());
  char* end = nullptr;
  const int kept = errno;
  errno = 0;
  if constexpr (sizeof(Float) == sizeof(float)) {
    value = ::strtof_l(copy, &end, c_locale);
  } else {
    value = ::strtod_l(copy, &end, c_locale);
  }
  // A very small number is told as a range error, too; an infinity less itself is no number.
  const bool fits = errno == 0 || (value != 0 && value - value == 0);  // NOLINT(misc-redundant-expression)
  errno = kept;
  return fits && end == copy + text.size();
}

/// Reads a scalar from its decimal text; false when it is none, or does not fit. A bool is `true` or `false`.
template <class Scalar>
[[nodiscard]] bool read_scalar(std::string_view text, Scalar& value) noexcept {
  if constexpr (std::is_same_v<Scalar, bool>) {
    value = text == "true";
    return value || text == "false";
  } else {
    if (!is_number(text)) return false;
    if constexpr (std::is_integral_v<Scalar>) {
      return read_integer(text, value);
    } else {
      return read_float(text, value);
    }
  }
}

template <class Field>
struct FieldPayload {
  using type = typename Field::custody_declared::payload;
};
template <class Type>
struct FieldPayload<Public<Type>> {
  using type = Type;
};
/// What a guarded or public field holds.
template <class Field>
using field_payload = typename FieldPayload<Field>::type;

template <class Field>
inline constexpr bool is_fillable = is_guarded<Field> || is_public<Field>;
template <class Field>
inline constexpr bool holds_text = RawPayload<field_payload<Field>>;
template <class Field>
inline constexpr bool holds_scalar = std::is_arithmetic_v<field_payload<Field>>;

/// Seals a scalar into a field and wipes what stood outside.
template <class Field>
[[nodiscard]] Result<void> fill_scalar(Field& field, std::string_view text, Error otherwise) {
  field_payload<Field> value{};
  if (!read_scalar(text, value)) return otherwise;
  field = value;
  wipe(&value, sizeof value);
  if constexpr (is_guarded<Field>) return field.ingested();
  return {};
}

/// Gives a field the value that a plain text spells: texts and bytes as they are, numbers in decimal. Nothing is copied on
/// the way to the cipher. Errors: `otherwise` for no such number, those of the ingest.
template <class Field>
[[nodiscard]] Result<void> fill(Field& field, std::string_view text, Error otherwise) {
  static_assert(holds_text<Field> || holds_scalar<Field>, "only texts, bytes and numbers are taken from a request");
  if constexpr (holds_scalar<Field>) {
    return fill_scalar(field, text, otherwise);
  } else if constexpr (is_verifier<Field>) {
    field = std::string(text);  // wiped
    return field.ingested();
  } else if constexpr (is_guarded<Field>) {
    return CellOffice::cell(field).seal_transient(as_bytes(text), type_facts<payload_of<Field>, policy_of<Field>>);
  } else {
    field = field_payload<Field>(text.begin(), text.end());
    return {};
  }
}

[[nodiscard]] constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Takes `%41` and `+` back, one character a call; false at the end and, with `bad` set, at a broken escape.
class PercentReader {
 public:
  explicit constexpr PercentReader(std::string_view text) noexcept : text_(text) {}
  [[nodiscard]] constexpr bool next(char& out) noexcept {
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    if (c != '%') {
      out = c == '+' ? ' ' : c;
      return true;
    }
    const int high = at_ < text_.size() ? hex_digit(text_[at_]) : -1;
    const int low = at_ + 1 < text_.size() ? hex_digit(text_[at_ + 1]) : -1;
    at_ += 2;
    bad_ = high < 0 || low < 0;
    if (bad_) return false;
    out = static_cast<char>(static_cast<unsigned char>(high * 16 + low));
    return true;
  }
  [[nodiscard]] constexpr bool bad() const noexcept { return bad_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool bad_ = false;
};

/// A part of a form: where it begins, and the raw text of its value.
struct FoundPart {
  std::string_view raw;
  std::size_t at = 0;
};

/// Whether the raw name of a pair spells `name`. Sets `bad` at a broken escape.
[[nodiscard]] constexpr bool spells(std::string_view raw, std::string_view name, bool& bad) noexcept {
  PercentReader reader(raw);
  char c = 0;
  std::size_t at = 0;
  bool same = true;
  for (; reader.next(c); ++at) same = same && at < name.size() && name[at] == c;
  bad = bad || reader.bad();
  return same && at == name.size();
}

/// The pair of a name. Errors: malformed (a broken escape in a name, a name given twice), not_found.
[[nodiscard]] inline Result<FoundPart> find_pair(std::string_view form, std::string_view name) noexcept {
  FoundPart found;
  std::size_t count = 0;
  for (std::size_t from = 0; from <= form.size();) {
    const std::size_t end = form.find('&', from) == std::string_view::npos ? form.size() : form.find('&', from);
    const std::string_view pair = form.substr(from, end - from);
    const std::size_t equal = pair.find('=');
    bool bad = false;
    if (spells(pair.substr(0, equal), name, bad) && !pair.empty()) {
      found = {equal == std::string_view::npos ? std::string_view() : pair.substr(equal + 1), from};
      ++count;
    }
    if (bad || count > 1) return Error{Errc::malformed, "form", from};
    from = end + 1;
  }
  if (count == 0) return Error{Errc::not_found, "form"};
  return found;
}

[[nodiscard]] constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

[[nodiscard]] constexpr bool same_header(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i != a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The line of a header field. Errors: malformed (a folded line, a line without a colon, a name given twice), not_found.
[[nodiscard]] inline Result<FoundPart> find_header(std::string_view block, std::string_view name) noexcept {
  FoundPart found;
  std::size_t count = 0;
  for (std::size_t from = 0; from < block.size();) {
    const std::size_t end = block.find('\n', from) == std::string_view::npos ? block.size() : block.find('\n', from);
    std::string_view line = block.substr(from, end - from);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;  // the end of the headers
    const std::size_t colon = line.find(':');
    const bool good = colon != std::string_view::npos && colon != 0 && line.find_first_of(" \t") > colon - 1;
    if (good && same_header(line.substr(0, colon), name)) {
      found = {trimmed(line.substr(colon + 1)), from};
      ++count;
    }
    if (!good || count > 1 || line.find('\r') != std::string_view::npos) return Error{Errc::malformed, "header", from};
    from = end + 1;
  }
  if (count == 0) return Error{Errc::not_found, "header"};
  return found;
}

}  // namespace detail

/// Seals the value of one pair of an application/x-www-form-urlencoded body or query into a field. The body stays as it
/// is; only wiped memory holds the decoded value. Errors: not_found, malformed with the offset of the pair (a broken
/// escape, a name given twice, no number), those of the ingest.
template <class Field>
  requires detail::is_fillable<Field>
[[nodiscard]] Result<void> take_form(const Incoming& body, std::string_view name, Field& field) {
  auto found = detail::find_pair(as_text(IncomingOffice::view(body)), name);
  if (!found) return found.error();
  WipedBytes decoded(found->raw.size());
  detail::PercentReader reader(found->raw);
  char c = 0;
  std::size_t used = 0;
  while (reader.next(c)) decoded.data()[used++] = static_cast<std::byte>(c);
  const Error otherwise{Errc::malformed, "form", found->at};
  if (reader.bad()) return otherwise;
  return detail::fill(field, as_text(decoded.view().first(used)), otherwise);
}

/// Seals the value of one header field (`Name: value` lines, RFC 9112) into a field. Errors: as take_form.
template <class Field>
  requires detail::is_fillable<Field>
[[nodiscard]] Result<void> take_header(const Incoming& block, std::string_view name, Field& field) {
  auto found = detail::find_header(as_text(IncomingOffice::view(block)), name);
  if (!found) return found.error();
  return detail::fill(field, found->raw, Error{Errc::malformed, "header", found->at});
}

}  // namespace custody::inline v0
