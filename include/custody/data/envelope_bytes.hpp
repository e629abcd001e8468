// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include <custody/words/atomic.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0::detail {

/// Sealed bytes that several objects share: copies of one field, or the members of one group. Whoever made them writes
/// them before the first copy; from then on they never change. One pointer wide; the count is thread-safe.
class EnvelopeBytes {
 public:
  EnvelopeBytes() noexcept = default;
  /// Empty when there is no memory, and when `size` is 0.
  [[nodiscard]] static EnvelopeBytes of_size(std::size_t size) noexcept {
    EnvelopeBytes made;
    if (size == 0 || size > most) return made;
    void* const room = ::operator new(sizeof(Head) + size, std::nothrow);
    if (room != nullptr) made.head_ = new (room) Head{1, static_cast<std::uint32_t>(size)};
    return made;
  }
  [[nodiscard]] static EnvelopeBytes copy_of(ByteView from) noexcept {
    EnvelopeBytes made = of_size(from.size());
    if (made.head_ != nullptr) std::memcpy(made.data(), from.data(), from.size());
    return made;
  }
  EnvelopeBytes(const EnvelopeBytes& other) noexcept : head_(other.head_) {
    if (head_ != nullptr) head_->count.fetch_add(1, Order::relaxed);
  }
  EnvelopeBytes(EnvelopeBytes&& other) noexcept : head_(other.head_) { other.head_ = nullptr; }
  EnvelopeBytes& operator=(EnvelopeBytes other) noexcept {
    swap(other);
    return *this;
  }
  ~EnvelopeBytes() {
    if (head_ != nullptr && head_->count.fetch_sub(1, Order::acq_rel) == 1) ::operator delete(head_);
  }

  void swap(EnvelopeBytes& other) noexcept {
    Head* const mine = head_;
    head_ = other.head_;
    other.head_ = mine;
  }
  [[nodiscard]] explicit operator bool() const noexcept { return head_ != nullptr; }
  [[nodiscard]] std::byte* data() noexcept { return reinterpret_cast<std::byte*>(head_ + 1); }
  [[nodiscard]] ByteView view() const noexcept {
    if (head_ == nullptr) return {};
    return {reinterpret_cast<const std::byte*>(head_ + 1), head_->size};
  }
  /// Whether both are the same bytes in memory.
  [[nodiscard]] bool same_as(const EnvelopeBytes& other) const noexcept { return head_ == other.head_; }

 private:
  struct Head {
    Atomic<std::uint32_t> count;
    std::uint32_t size;
  };
  static constexpr std::size_t most = 0x7fffffff;
  Head* head_ = nullptr;
};

}  // namespace custody::inline v0::detail
