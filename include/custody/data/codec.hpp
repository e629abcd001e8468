// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <custody/words/bytes.hpp>

namespace custody::inline v0 {

/// Turns a payload into canonical bytes and back: little-endian, length-prefixed inside containers, whole input consumed.
/// Built in for strings, bytes, scalars, enums, and optional, vector and array of those; specialise `Codec<Yours>` or list
/// a struct's members with custody_codec. The encoded bytes are plaintext: they only ever stand in wiped memory.
template <class Type>
struct Codec;

namespace detail {

/// Where a codec writes: first a dry run that counts, then a run into a buffer of exactly that size.
class CodecWriter {
 public:
  CodecWriter() noexcept = default;
  explicit CodecWriter(ByteSpan out) noexcept : out_(out.data()), room_(out.size()) {}
  void raw(const void* from, std::size_t length) noexcept {
    if (out_ != nullptr && length != 0 && written_ + length <= room_) std::memcpy(out_ + written_, from, length);
    written_ += length;
  }
  void length_of(std::size_t value) noexcept {
    const auto short_value = static_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift != 32; shift += 8) {
      const auto one = static_cast<unsigned char>(short_value >> shift);
      raw(&one, 1);
    }
  }
  [[nodiscard]] std::size_t written() const noexcept { return written_; }

 private:
  std::byte* out_ = nullptr;
  std::size_t room_ = 0;
  std::size_t written_ = 0;
};

template <class Type>
inline constexpr bool is_text_like = false;
template <class Traits, class Alloc>
inline constexpr bool is_text_like<std::basic_string<char, Traits, Alloc>> = true;
template <class Traits, class Alloc>
inline constexpr bool is_text_like<std::basic_string<unsigned char, Traits, Alloc>> = true;
template <class Traits, class Alloc>
inline constexpr bool is_text_like<std::basic_string<char8_t, Traits, Alloc>> = true;
template <class Alloc>
inline constexpr bool is_text_like<std::vector<std::byte, Alloc>> = true;
template <class Alloc>
inline constexpr bool is_text_like<std::vector<unsigned char, Alloc>> = true;

template <class Type>
inline constexpr bool is_scalar_payload =
    (std::is_integral_v<Type> || std::is_floating_point_v<Type> || std::is_enum_v<Type>) && sizeof(Type) <= 8;

template <class Type>
concept ListsMembers = requires { Type::custody_codec::version; };

template <class Type>
concept HasCodec = requires(const Type& value, Type& out, CodecWriter& writer, CanonicalReader& reader) {
  { Codec<Type>::name } -> std::convertible_to<std::string_view>;
  Codec<Type>::write(writer, value);
  { Codec<Type>::read(reader, out) } -> std::same_as<bool>;
};

/// `std::optional` and its like, of something that has a codec.
template <class Type>
concept OptionalLike = requires(Type& value, const Type& seen) {
  typename Type::value_type;
  { seen.has_value() } -> std::same_as<bool>;
  { *seen } -> std::same_as<const typename Type::value_type&>;
  { value.emplace() } -> std::same_as<typename Type::value_type&>;
  value.reset();
} && HasCodec<typename Type::value_type> && !ListsMembers<Type>;

/// A payload whose bytes are the value: its top-level encoding has no prefix, and ingest copies nothing.
template <class Type>
concept RawPayload = is_text_like<Type>;

}  // namespace detail

/// Names a struct's members for its codec, in a member `using custody_codec = custody::codec_members<1, &S::a, &S::b>`.
/// The version is written first; a payload of another version is refused.
template <std::uint16_t Version, auto... Members>
struct codec_members {
  static constexpr std::uint16_t version = Version;
};

/// Text and byte strings.
template <class Type>
  requires detail::RawPayload<Type>
struct Codec<Type> {
  static constexpr std::string_view name = "bytes";
  static void write(detail::CodecWriter& out, const Type& value) noexcept {
    out.length_of(value.size());
    out.raw(value.data(), value.size());
  }
  [[nodiscard]] static bool read(CanonicalReader& in, Type& value) {
    const ByteView part = in.part();
    if (!in.ok()) return false;
    assign(value, part);
    return true;
  }
  static void assign(Type& value, ByteView part) {
    using Unit = typename Type::value_type;
    const auto* first = reinterpret_cast<const Unit*>(part.data());
    value.assign(first, first + part.size());
  }
};

/// Integers, floating point numbers, bool and enums of up to 8 bytes.
template <class Type>
  requires detail::is_scalar_payload<Type>
struct Codec<Type> {
  static constexpr std::string_view name = std::is_floating_point_v<Type> ? (sizeof(Type) == 8 ? "f64" : "f32")
                                           : std::is_signed_v<Type>       ? (sizeof(Type) == 8   ? "i64"
                                                                             : sizeof(Type) == 4 ? "i32"
                                                                             : sizeof(Type) == 2 ? "i16"
                                                                                                 : "i8")
                                                                          : (sizeof(Type) == 8   ? "u64"
                                                                             : sizeof(Type) == 4 ? "u32"
                                                                             : sizeof(Type) == 2 ? "u16"
                                                                                                 : "u8");
  using Bits =
      std::conditional_t<sizeof(Type) == 8, std::uint64_t,
                         std::conditional_t<sizeof(Type) == 4, std::uint32_t,
                                            std::conditional_t<sizeof(Type) == 2, std::uint16_t, std::uint8_t>>>;

  static void write(detail::CodecWriter& out, const Type& value) noexcept {
    Bits bits{};
    std::memcpy(&bits, &value, sizeof(Type));
    for (std::size_t i = 0; i != sizeof(Type); ++i) {
      const auto one = static_cast<unsigned char>(static_cast<std::uint64_t>(bits) >> (8 * i));
      out.raw(&one, 1);
    }
    wipe(&bits, sizeof bits);
  }
  [[nodiscard]] static bool read(CanonicalReader& in, Type& value) noexcept {
    const auto bits = in.number<Bits>();
    if constexpr (std::is_same_v<Type, bool>) {
      if (bits > 1) return false;  // one encoding per value
    }
    if (!in.ok()) return false;
    std::memcpy(&value, &bits, sizeof(Type));
    return true;
  }
};

/// Absent is zero bytes at top level and a zero flag inside containers. `std::optional` is known by its shape: including it
/// would cost every model header.
template <class Optional>
  requires detail::OptionalLike<Optional>
struct Codec<Optional> {
  using Type = typename Optional::value_type;
  static constexpr std::string_view name = "optional";
  static void write(detail::CodecWriter& out, const Optional& value) noexcept {
    const unsigned char flag = value.has_value() ? 1 : 0;
    out.raw(&flag, 1);
    if (value.has_value()) Codec<Type>::write(out, *value);
  }
  [[nodiscard]] static bool read(CanonicalReader& in, Optional& value) {
    const auto flag = in.number<std::uint8_t>();
    if (!in.ok() || flag > 1) return false;
    value.reset();
    return flag == 0 || Codec<Type>::read(in, value.emplace());
  }
};

/// A container is one envelope, so the order and the number of its elements are authenticated.
template <class Type, class Alloc>
  requires(detail::HasCodec<Type> && !detail::RawPayload<std::vector<Type, Alloc>> && !std::is_same_v<Type, bool>)
struct Codec<std::vector<Type, Alloc>> {
  static constexpr std::string_view name = "list";
  static void write(detail::CodecWriter& out, const std::vector<Type, Alloc>& value) noexcept {
    out.length_of(value.size());
    for (const Type& one : value) Codec<Type>::write(out, one);
  }
  [[nodiscard]] static bool read(CanonicalReader& in, std::vector<Type, Alloc>& value) {
    const auto count = in.number<std::uint32_t>();
    if (!in.ok() || count > in.rest().size()) return false;  // every element takes at least one byte
    value.clear();
    value.reserve(count);  // growing would leave copies of the elements behind
    for (std::uint32_t i = 0; i != count; ++i) {
      if (!Codec<Type>::read(in, value.emplace_back())) return false;
    }
    return true;
  }
};

template <class Type, std::size_t Count>
  requires detail::HasCodec<Type>
struct Codec<std::array<Type, Count>> {
  static constexpr std::string_view name = "array";
  static void write(detail::CodecWriter& out, const std::array<Type, Count>& value) noexcept {
    for (const Type& one : value) Codec<Type>::write(out, one);
  }
  [[nodiscard]] static bool read(CanonicalReader& in, std::array<Type, Count>& value) {
    for (Type& one : value) {
      if (!Codec<Type>::read(in, one)) return false;
    }
    return true;
  }
};

/// A struct that lists its members.
template <class Type>
  requires detail::ListsMembers<Type>
struct Codec<Type> {
  static constexpr std::string_view name = "struct";
  template <std::uint16_t Version, auto... Members>
  static void write_all(detail::CodecWriter& out, const Type& value, codec_members<Version, Members...>) noexcept {
    Codec<std::uint16_t>::write(out, Version);
    (Codec<std::remove_cvref_t<decltype(value.*Members)>>::write(out, value.*Members), ...);
  }
  template <std::uint16_t Version, auto... Members>
  [[nodiscard]] static bool read_all(CanonicalReader& in, Type& value, codec_members<Version, Members...>) {
    return in.number<std::uint16_t>() == Version && in.ok() &&
           (Codec<std::remove_cvref_t<decltype(value.*Members)>>::read(in, value.*Members) && ...);
  }
  static void write(detail::CodecWriter& out, const Type& value) noexcept {
    write_all(out, value, typename Type::custody_codec{});
  }
  [[nodiscard]] static bool read(CanonicalReader& in, Type& value) {
    return read_all(in, value, typename Type::custody_codec{});
  }
};

namespace detail {

/// An empty container or absent optional encodes to nothing at top level, so that `empty()` needs no key.
template <class Type>
[[nodiscard]] bool is_empty_payload(const Type& value) noexcept {
  if constexpr (requires {
                  { value.empty() } -> std::convertible_to<bool>;
                }) {
    return value.empty();
  } else if constexpr (requires {
                         { value.has_value() } -> std::convertible_to<bool>;
                       }) {
    return !value.has_value();
  } else {
    return false;
  }
}

/// Calls `use` with the canonical bytes of a value, which are wiped afterwards.
template <class Type, class Use>
auto with_encoded(const Type& value, Use&& use) {
  if constexpr (RawPayload<Type>) {
    return use(ByteView{reinterpret_cast<const std::byte*>(value.data()), value.size()});
  } else {
    std::size_t needed = 0;
    if (!is_empty_payload(value)) {
      CodecWriter count;
      Codec<Type>::write(count, value);
      needed = count.written();
    }
    WipedBytes encoded(needed);
    CodecWriter writer(encoded.span());
    if (needed != 0) Codec<Type>::write(writer, value);
    return use(encoded.view());
  }
}

/// Decodes canonical bytes; the whole input must be consumed.
template <class Type>
[[nodiscard]] bool decode(ByteView encoded, Type& value) {
  if constexpr (RawPayload<Type>) {
    Codec<Type>::assign(value, encoded);
    return true;
  } else {
    if (encoded.empty()) {
      value = Type{};
      return is_empty_payload(value);
    }
    CanonicalReader in(encoded);
    return Codec<Type>::read(in, value) && in.at_end();
  }
}

/// Wipes a decoded value: strings and byte vectors whole, trivially copyable values whole, containers element by element.
template <class Type>
void wipe_value(Type& value) noexcept {
  if constexpr (RawPayload<Type>) {
    wipe(value.data(), value.size() * sizeof(typename Type::value_type));
    value.clear();
  } else if constexpr (std::is_trivially_copyable_v<Type>) {
    wipe(static_cast<void*>(&value), sizeof value);
  } else if constexpr (requires {
                         value.begin();
                         value.end();
                       }) {
    for (auto& one : value) wipe_value(one);
  } else if constexpr (requires {
                         value.has_value();
                         *value;
                       }) {
    if (value.has_value()) wipe_value(*value);
  } else if constexpr (ListsMembers<Type>) {
    [&]<std::uint16_t Version, auto... Members>(codec_members<Version, Members...>) {
      (wipe_value(value.*Members), ...);
    }(typename Type::custody_codec{});
  }
}

[[nodiscard]] constexpr std::uint64_t mix_code(std::uint64_t code, std::string_view text) noexcept {
  for (const char c : text) code = (code ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return code;
}

template <class Type>
[[nodiscard]] constexpr std::uint64_t codec_code() noexcept;

template <std::uint16_t Version, auto... Members>
[[nodiscard]] constexpr std::uint64_t members_code(codec_members<Version, Members...>) noexcept {
  std::uint64_t code = 0xcbf29ce484222325ULL ^ Version;
  const auto add = [&]<class Owner, class Member>(Member Owner::*) {
    code = (code ^ codec_code<Member>()) * 0x100000001b3ULL;
  };
  (add(Members), ...);
  return code;
}

/// A number for the whole encoding, down to the elements: two payload types that encode differently differ in it. It is
/// authenticated in transient envelopes and recorded in custody.lock.
template <class Type>
[[nodiscard]] constexpr std::uint64_t codec_code() noexcept {
  std::uint64_t code = mix_code(0xcbf29ce484222325ULL, Codec<Type>::name);  // NOLINT(misc-const-correctness)
  if constexpr (ListsMembers<Type>) {
    code ^= members_code(typename Type::custody_codec{});
  } else if constexpr (!RawPayload<Type> && requires { typename Type::value_type; }) {
    code = (code ^ codec_code<typename Type::value_type>()) * 0x100000001b3ULL;
  }
  return code;
}

}  // namespace detail
}  // namespace custody::inline v0
