// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>

#include <custody/words/bytes.hpp>

namespace custody::inline v0::detail {

/// Plaintext while a call runs: in place up to a long message's length, on the heap beyond; wiped at the end. Stays where it
/// is made.
class PlainBuffer {
 public:
  static constexpr std::size_t near_size = 4096;

  PlainBuffer() noexcept {}  // NOLINT(modernize-use-equals-default): the bytes stay uninitialised
  PlainBuffer(const PlainBuffer&) = delete;
  PlainBuffer& operator=(const PlainBuffer&) = delete;
  ~PlainBuffer() { clear(); }

  /// Room for `size` bytes, whatever was there before wiped. False without memory; then it is empty.
  [[nodiscard]] bool make_room(std::size_t size) noexcept {
    clear();
    if (size > near_size) {
      far_ = new (std::nothrow) std::byte[size];
      if (far_ == nullptr) return false;
    }
    size_ = size;
    return true;
  }
  void clear() noexcept {
    wipe(data(), size_);
    delete[] far_;
    far_ = nullptr;
    size_ = 0;
  }
  [[nodiscard]] std::byte* data() noexcept { return far_ == nullptr ? near_ : far_; }
  [[nodiscard]] ByteView view() const noexcept { return {far_ == nullptr ? near_ : far_, size_}; }

 private:
  std::size_t size_ = 0;
  std::byte* far_ = nullptr;
  alignas(16) std::byte near_[near_size];
};

}  // namespace custody::inline v0::detail
