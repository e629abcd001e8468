// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <custody/crypto/base64.hpp>
#include <custody/data/codec.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0 {
namespace detail {

template <class Type>
[[nodiscard]] consteval bool judge_json() noexcept {
  if constexpr (nlohmann::detail::is_basic_json<Type>::value)
    return std::is_same_v<typename Type::string_t, std::string>;
  return false;
}

/// nlohmann::json, ordered_json, and every other basic_json over std::string.
template <class Type>
concept JsonValue = judge_json<std::remove_const_t<Type>>();
/// The same, to be written to.
template <class Type>
concept MutableJson = judge_json<Type>();

/// The length of the well-formed UTF-8 sequence at the front of a text that is not empty; 0 when there is none.
[[nodiscard]] constexpr std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i != length; ++i) {
    if ((at(i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = at(1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;  // overlong; surrogates
  if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;  // overlong; beyond U+10FFFF
  return length;
}
/// Whether a text may stand in a json document; nlohmann's dump() throws, or aborts, on any other.
[[nodiscard]] constexpr bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

/// Calls `use` with every value of a document until it returns false. Not recursive: a document may be deep.
template <JsonValue Json, class Use>
bool every_value(Json& document, Use&& use) {
  std::vector<Json*> waiting{&document};
  while (!waiting.empty()) {
    Json& value = *waiting.back();
    waiting.pop_back();
    if (!use(value)) return false;
    if (!value.is_structured()) continue;
    for (auto& child : value) waiting.push_back(&child);
  }
  return true;
}

/// Whether dump() will write a document as it is: texts are UTF-8, numbers are finite.
template <JsonValue Json>
[[nodiscard]] bool writes_whole(const Json& document) {
  return every_value(document, [](const Json& value) {
    if (const auto* text = value.template get_ptr<const std::string*>()) return is_utf8(*text);
    if (const auto* real = value.template get_ptr<const typename Json::number_float_t*>()) return std::isfinite(*real);
    return true;
  });
}

/// Wipes the texts and zeroes the numbers of a document; its shape and its keys stay.
template <MutableJson Json>
void wipe_values(Json& document) {
  every_value(document, [](Json& value) {
    if (auto* text = value.template get_ptr<std::string*>()) wipe(*text);
    if (auto* binary = value.template get_ptr<typename Json::binary_t*>()) wipe(binary->data(), binary->size());
    if (auto* flag = value.template get_ptr<typename Json::boolean_t*>()) *flag = false;
    if (auto* real = value.template get_ptr<typename Json::number_float_t*>()) *real = 0;
    if (auto* natural = value.template get_ptr<typename Json::number_unsigned_t*>()) *natural = 0;
    if (auto* whole = value.template get_ptr<typename Json::number_integer_t*>()) *whole = 0;
    return true;
  });
}

/// Runs a host's own conversion; what it throws is dropped unread, since its text may quote the data.
template <class Work>
[[nodiscard]] bool without_throwing(Work&& work) {
#if defined(__cpp_exceptions)
  try {
    work();
  } catch (...) {
    return false;
  }
#else
  work();
#endif
  return true;
}

}  // namespace detail

/// How a plain value stands in json: texts, numbers, flags, enums, byte strings (URL-safe base64), optional (null when
/// absent), vector and array of those; everything else by its own to_json and from_json. Specialise it for a type that
/// has neither. `read` is false for a json of another type or range; without exceptions a host's from_json must not
/// throw.
template <class Type>
struct JsonForm {
  static_assert(std::is_constructible_v<nlohmann::json, const Type&>,
                "this type has no json form: give it to_json and from_json, or specialise custody::JsonForm");
  template <class Json>
  [[nodiscard]] static bool write(Json& to, const Type& value) {
    return detail::without_throwing([&] { to = value; });
  }
  template <class Json>
  [[nodiscard]] static bool read(const Json& from, Type& value) {
    if constexpr (std::is_enum_v<Type>) {
      const Json like = Type{};  // a name or a number, as the host's own conversion has it
      if (like.is_string() ? !from.is_string() : !from.is_number_integer()) return false;
    }
    return detail::without_throwing([&] { from.get_to(value); });
  }
};

/// Text; written into the json's own buffer, so that no copy stays on the stack.
template <class Type>
  requires std::is_same_v<Type, std::string> || std::is_same_v<Type, std::u8string>
struct JsonForm<Type> {
  template <class Json>
  [[nodiscard]] static bool write(Json& to, std::string_view value) {
    to = Json(Json::value_t::string);
    to.template get_ptr<std::string*>()->assign(value);
    return true;
  }
  template <class Json>
  [[nodiscard]] static bool write(Json& to, const Type& value) {
    return write(to, std::string_view(reinterpret_cast<const char*>(value.data()), value.size()));
  }
  template <class Json>
  [[nodiscard]] static bool read(const Json& from, Type& value) {
    const auto* text = from.template get_ptr<const std::string*>();
    if (text == nullptr) return false;
    const auto* first = reinterpret_cast<const typename Type::value_type*>(text->data());
    value.assign(first, first + text->size());
    return true;
  }
};

/// Byte strings, as text.
template <class Type>
  requires(detail::RawPayload<Type> && !std::is_same_v<Type, std::string> && !std::is_same_v<Type, std::u8string>)
struct JsonForm<Type> {
  template <class Json>
  [[nodiscard]] static bool write(Json& to, ByteView value) {
    to = Json(Json::value_t::string);
    auto& text = *to.template get_ptr<std::string*>();
    text.resize(base64url_size(value.size()));
    base64url_write(text.data(), value);
    return true;
  }
  template <class Json>
  [[nodiscard]] static bool write(Json& to, const Type& value) {
    return write(to, ByteView(reinterpret_cast<const std::byte*>(value.data()), value.size()));
  }
  template <class Json>
  [[nodiscard]] static bool read(const Json& from, Type& value) {
    const auto* text = from.template get_ptr<const std::string*>();
    if (text == nullptr) return false;
    value.resize(base64url_bytes(text->size()));
    return base64url_read(reinterpret_cast<std::byte*>(value.data()), *text);
  }
};

template <>
struct JsonForm<bool> {
  template <class Json>
  [[nodiscard]] static bool write(Json& to, const bool& value) {
    to = value;
    return true;
  }
  template <class Json>
  [[nodiscard]] static bool read(const Json& from, bool& value) {
    const auto* flag = from.template get_ptr<const typename Json::boolean_t*>();
    if (flag != nullptr) value = *flag;
    return flag != nullptr;
  }
};

/// Whole numbers; one that does not fit is refused, and so is 1.0.
template <class Type>
  requires(std::is_integral_v<Type> && !std::is_same_v<Type, bool>)
struct JsonForm<Type> {
  using Wide = std::conditional_t<std::is_signed_v<Type>, std::int64_t, std::uint64_t>;
  template <class Json>
  [[nodiscard]] static bool write(Json& to, const Type& value) {
    to = static_cast<Wide>(value);
    return true;
  }
  template <class Json>
  [[nodiscard]] static bool read(const Json& from, Type& value) {
    constexpr auto highest = static_cast<std::uint64_t>((std::numeric_limits<Type>::max)());
    if (const auto* natural = from.template get_ptr<const typename Json::number_unsigned_t*>()) {
      if (*natural > highest) return false;
      value = static_cast<Type>(*natural);
      return true;
    }
    const auto* whole = from.template get_ptr<const typename Json::number_integer_t*>();
    if (whole == nullptr) return false;
    if (*whole >= 0 ? static_cast<std::uint64_t>(*whole) > highest
                    : *whole < static_cast<std::int64_t>((std::numeric_limits<Type>::min)())) {
      return false;
    }
    value = static_cast<Type>(*whole);
    return true;
  }
};

/// Numbers; what json cannot hold (infinity, not a number) or the type cannot is refused.
template <class Type>
  requires(std::is_floating_point_v<Type> && sizeof(Type) <= sizeof(double))
struct JsonForm<Type> {
  template <class Json>
  [[nodiscard]] static bool write(Json& to, const Type& value) {
    to = static_cast<double>(value);
    return std::isfinite(value);
  }
  template <class Json>
  [[nodiscard]] static bool read(const Json& from, Type& value) {
    double wide = 0;
    if (const auto* real = from.template get_ptr<const typename Json::number_float_t*>()) {
      wide = static_cast<double>(*real);
    } else if (const auto* natural = from.template get_ptr<const typename Json::number_unsigned_t*>()) {
      wide = static_cast<double>(*natural);
    } else if (const auto* whole = from.template get_ptr<const typename Json::number_integer_t*>()) {
      wide = static_cast<double>(*whole);
    } else {
      return false;
    }
    if (!(std::fabs(wide) <= static_cast<double>((std::numeric_limits<Type>::max)()))) return false;
    value = static_cast<Type>(wide);
    return true;
  }
};

template <class Type>
struct JsonForm<std::optional<Type>> {
  template <class Json>
  [[nodiscard]] static bool write(Json& to, const std::optional<Type>& value) {
    to = nullptr;
    return !value || JsonForm<Type>::write(to, *value);
  }
  template <class Json>
  [[nodiscard]] static bool read(const Json& from, std::optional<Type>& value) {
    value.reset();
    return from.is_null() || JsonForm<Type>::read(from, value.emplace());
  }
};

template <class Type, class Alloc>
  requires(!detail::RawPayload<std::vector<Type, Alloc>> && !std::is_same_v<Type, bool>)
struct JsonForm<std::vector<Type, Alloc>> {
  template <class Json>
  [[nodiscard]] static bool write(Json& to, const std::vector<Type, Alloc>& value) {
    to = Json::array();
    for (const Type& one : value) {
      to.push_back(nullptr);
      if (!JsonForm<Type>::write(to.back(), one)) return false;
    }
    return true;
  }
  template <class Json>
  [[nodiscard]] static bool read(const Json& from, std::vector<Type, Alloc>& value) {
    if (!from.is_array()) return false;
    value.clear();
    value.reserve(from.size());  // growing would leave copies of the elements behind
    for (const Json& one : from) {
      if (!JsonForm<Type>::read(one, value.emplace_back())) return false;
    }
    return true;
  }
};

template <class Type, std::size_t Count>
struct JsonForm<std::array<Type, Count>> {
  template <class Json>
  [[nodiscard]] static bool write(Json& to, const std::array<Type, Count>& value) {
    to = Json::array();
    for (const Type& one : value) {
      to.push_back(nullptr);
      if (!JsonForm<Type>::write(to.back(), one)) return false;
    }
    return true;
  }
  template <class Json>
  [[nodiscard]] static bool read(const Json& from, std::array<Type, Count>& value) {
    if (!from.is_array() || from.size() != Count) return false;
    auto one = from.begin();
    for (Type& element : value) {
      if (!JsonForm<Type>::read(*one++, element)) return false;
    }
    return true;
  }
};

}  // namespace custody::inline v0
