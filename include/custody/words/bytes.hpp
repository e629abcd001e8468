// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace custody::inline v0 {

using Bytes = std::vector<std::byte>;  ///< owned bytes: envelopes and other ciphertext, never plaintext

namespace detail {

[[nodiscard]] constexpr const std::byte* read_pointer(const std::byte* at) noexcept { return at; }
[[nodiscard]] constexpr std::byte* write_pointer(std::byte* at) noexcept { return at; }

template <class Range>
concept ReadableBytes = requires(const Range& range, std::size_t size) {
  detail::read_pointer(range.data());
  range.begin();  // so that WipedBytes needs its .view()
  size = range.size();
};
template <class Range>
concept WritableBytes = requires(Range& range, std::size_t size) {
  detail::write_pointer(range.data());
  range.begin();
  size = range.size();
};

/// What ByteView and ByteSpan have in common; parts of a View are Views. Borders are the caller's to check.
template <class View, class Byte>
class ByteRange {
 public:
  using iterator = Byte*;
  // Inherited constructors keep their access, so these are public.
  // NOLINTBEGIN(bugprone-crtp-constructor-accessibility)
  constexpr ByteRange() noexcept = default;
  constexpr ByteRange(Byte* data, std::size_t size) noexcept : data_(data), size_(size) {}
  // NOLINTEND(bugprone-crtp-constructor-accessibility)

  [[nodiscard]] constexpr Byte* data() const noexcept { return data_; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr Byte* begin() const noexcept { return data_; }
  [[nodiscard]] constexpr Byte* end() const noexcept { return data_ + size_; }
  [[nodiscard]] constexpr Byte& operator[](std::size_t i) const noexcept { return data_[i]; }
  [[nodiscard]] constexpr Byte& front() const noexcept { return data_[0]; }
  [[nodiscard]] constexpr Byte& back() const noexcept { return data_[size_ - 1]; }
  [[nodiscard]] constexpr View first(std::size_t count) const noexcept { return {data_, count}; }
  [[nodiscard]] constexpr View last(std::size_t count) const noexcept { return {data_ + size_ - count, count}; }
  [[nodiscard]] constexpr View subspan(std::size_t from) const noexcept { return {data_ + from, size_ - from}; }
  [[nodiscard]] constexpr View subspan(std::size_t from, std::size_t count) const noexcept {
    return {data_ + from, count};
  }

 private:
  Byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace detail

/// Borrowed bytes, read only. Made from whatever has bytes (`Bytes`, arrays, `std::span`) and turns into
/// `std::span<const std::byte>`; a class of its own because checking std::span's constraints costs every model header
/// that includes it more than the fields do.
class ByteView : public detail::ByteRange<ByteView, const std::byte> {
 public:
  using ByteRange::ByteRange;
  constexpr ByteView() noexcept = default;
  template <std::size_t Size>
  constexpr ByteView(const std::byte (&array)[Size]) noexcept  // NOLINT(google-explicit-constructor)
      : ByteRange(array, Size) {}
  template <class Range>
    requires detail::ReadableBytes<Range>
  constexpr ByteView(const Range& range) noexcept  // NOLINT(google-explicit-constructor)
      : ByteRange(range.data(), range.size()) {}
};

/// Borrowed bytes, written to; otherwise as ByteView.
class ByteSpan : public detail::ByteRange<ByteSpan, std::byte> {
 public:
  using ByteRange::ByteRange;
  constexpr ByteSpan() noexcept = default;
  template <std::size_t Size>
  constexpr ByteSpan(std::byte (&array)[Size]) noexcept  // NOLINT(google-explicit-constructor)
      : ByteRange(array, Size) {}
  template <class Range>
    requires detail::WritableBytes<Range>
  constexpr ByteSpan(Range& range) noexcept  // NOLINT(google-explicit-constructor)
      : ByteRange(range.data(), range.size()) {}
  template <std::size_t Size>
  constexpr ByteSpan(std::span<std::byte, Size> range) noexcept  // NOLINT(google-explicit-constructor)
      : ByteRange(range.data(), range.size()) {}
};

}  // namespace custody::inline v0

// What both are for std::span and the ranges library: bytes that somebody else owns.
template <>
inline constexpr bool std::ranges::enable_borrowed_range<custody::ByteView> = true;
template <>
inline constexpr bool std::ranges::enable_borrowed_range<custody::ByteSpan> = true;
template <>
inline constexpr bool std::ranges::enable_view<custody::ByteView> = true;
template <>
inline constexpr bool std::ranges::enable_view<custody::ByteSpan> = true;

namespace custody::inline v0 {

/// The bytes of a text, borrowed.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
/// The same for a text of known length.
[[nodiscard]] inline ByteView as_bytes(const char* text, std::size_t size) noexcept {
  return {reinterpret_cast<const std::byte*>(text), size};
}
/// The text of some bytes, borrowed.
[[nodiscard]] inline std::string_view as_text(ByteView view) noexcept {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

/// Writes an unsigned number little-endian and as a whole: a load that spans the stores of single bytes waits for them.
template <class Number>
void put_little(void* to, Number value) noexcept {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  std::memcpy(to, &value, sizeof value);
#else
  for (std::size_t i = 0; i != sizeof value; ++i)
    static_cast<unsigned char*>(to)[i] = static_cast<unsigned char>(value >> (8 * i));
#endif
}

/// Overwrites memory in a way the optimiser may not remove. Constant cost of about 3 ns up to 256 bytes.
inline void wipe(void* memory, std::size_t length) noexcept {
  if (length == 0) return;
  std::memset(memory, 0, length);
  __asm__ __volatile__("" : : "r"(memory) : "memory");
}
inline void wipe(ByteSpan memory) noexcept { wipe(memory.data(), memory.size()); }

/// Wipes a text and the part of its buffer beyond its length, then empties it; the capacity stays.
template <class Char, class Traits, class Alloc>
void wipe(std::basic_string<Char, Traits, Alloc>& text) noexcept {
  const auto capacity = text.capacity();
  text.resize(capacity);  // within the capacity: does not allocate, does not throw
  wipe(text.data(), capacity * sizeof(Char));
  text.clear();
}

namespace detail {

/// A copy of borrowed bytes.
inline void copy_into(Bytes& to, ByteView from) {
  to.resize(from.size());
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}
/// Whether two stretches of public bytes are equal; tells by its time where they differ.
[[nodiscard]] inline bool same_bytes(ByteView a, ByteView b) noexcept {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace detail

/// A heap buffer for plaintext: wiped when it is destroyed, moved from or resized. Not copyable.
class WipedBytes {
 public:
  WipedBytes() noexcept = default;
  explicit WipedBytes(std::size_t size) : data_(size == 0 ? nullptr : new std::byte[size]()), size_(size) {}
  WipedBytes(const WipedBytes&) = delete;
  WipedBytes& operator=(const WipedBytes&) = delete;
  WipedBytes(WipedBytes&& other) noexcept : data_(other.data_), size_(other.size_) {
    other.data_ = nullptr;
    other.size_ = 0;
  }
  WipedBytes& operator=(WipedBytes&& other) noexcept {
    if (this != &other) {
      destroy();
      data_ = other.data_;
      size_ = other.size_;
      other.data_ = nullptr;
      other.size_ = 0;
    }
    return *this;
  }
  ~WipedBytes() { destroy(); }

  [[nodiscard]] std::byte* data() noexcept { return data_; }
  [[nodiscard]] const std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] ByteView view() const noexcept { return {data_, size_}; }
  [[nodiscard]] ByteSpan span() noexcept { return {data_, size_}; }

 private:
  void destroy() noexcept {
    wipe(data_, size_);
    delete[] data_;
    data_ = nullptr;
    size_ = 0;
  }
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Appends fixed-width little-endian numbers and length-prefixed parts to a byte buffer: the one encoding of
/// everything that is bound, hashed or stored, so that (`ab`,`c`) and (`a`,`bc`) never give the same bytes.
class Canonical {
 public:
  explicit Canonical(Bytes& out) noexcept : out_(&out) {}

  template <class Number>
    requires std::is_unsigned_v<Number>
  Canonical& number(Number value) {
    std::byte bytes[sizeof(Number)];
    for (std::size_t i = 0; i != sizeof(Number); ++i) {
      bytes[i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
    }
    return raw({bytes, sizeof(Number)});
  }
  Canonical& raw(ByteView part) {
    const std::size_t before = out_->size();
    out_->resize(before + part.size());
    if (!part.empty()) std::memcpy(out_->data() + before, part.data(), part.size());
    return *this;
  }
  Canonical& part(ByteView part) { return number(static_cast<std::uint32_t>(part.size())).raw(part); }
  Canonical& part(std::string_view text) { return part(as_bytes(text)); }

 private:
  Bytes* out_;
};

/// Reads what Canonical wrote; any shortage makes every later read fail and `ok()` false. Reads nothing past the end.
class CanonicalReader {
 public:
  explicit CanonicalReader(ByteView in) noexcept : in_(in) {}

  template <class Number>
    requires std::is_unsigned_v<Number>
  [[nodiscard]] Number number() noexcept {
    const ByteView part = raw(sizeof(Number));
    if (!ok_) return Number{};
    std::uint64_t value = 0;
    for (std::size_t i = 0; i != sizeof(Number); ++i) value |= std::to_integer<std::uint64_t>(part[i]) << (8 * i);
    return static_cast<Number>(value);
  }
  [[nodiscard]] ByteView raw(std::size_t length) noexcept {
    if (!ok_ || length > in_.size()) {
      ok_ = false;
      return {};
    }
    const ByteView part = in_.first(length);
    in_ = in_.subspan(length);
    return part;
  }
  [[nodiscard]] ByteView part() noexcept {
    const auto length = number<std::uint32_t>();
    return raw(length);
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool at_end() const noexcept { return ok_ && in_.empty(); }
  [[nodiscard]] ByteView rest() const noexcept { return in_; }

 private:
  ByteView in_;
  bool ok_ = true;
};

}  // namespace custody::inline v0
