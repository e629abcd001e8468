// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace custody_test {

/// Watches every block of operator new for a run of bytes; sealed_from_birth_test.cpp replaces the operators. While one
/// lives, a block that still has the bytes when it is freed is counted. One at a time; any thread may allocate.
class MemoryWatch {
 public:
  explicit MemoryWatch(std::string_view sentinel);
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;
  ~MemoryWatch();
  /// Blocks that had the sentinel when they were freed.
  [[nodiscard]] std::size_t freed_dirty() const;
  /// Blocks that have the sentinel now.
  [[nodiscard]] std::size_t live_dirty() const;
  /// Allocations since the watch began.
  [[nodiscard]] std::size_t allocations() const;
};

/// Whether an object's own bytes, or any memory, hold a run of bytes.
[[nodiscard]] bool holds(const void* memory, std::size_t size, std::string_view sentinel);

}  // namespace custody_test
