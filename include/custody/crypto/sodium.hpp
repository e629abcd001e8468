// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>

#include <sodium.h>

namespace custody::inline v0::detail {

/// Bytes as libsodium spells them. Borrowed.
[[nodiscard]] inline unsigned char* raw_bytes(std::byte* bytes) noexcept {
  return reinterpret_cast<unsigned char*>(bytes);
}
[[nodiscard]] inline const unsigned char* raw_bytes(const std::byte* bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes);
}

/// Starts libsodium once; it is fine if the host has started it already. False when libsodium cannot run here.
/// Thread-safe; one load after the first call.
[[nodiscard]] inline bool sodium_ready() noexcept {
  static constinit std::atomic<bool> ready{false};
  if (ready.load(std::memory_order_acquire)) [[likely]]
    return true;
  if (::sodium_init() < 0) return false;
  ready.store(true, std::memory_order_release);
  return true;
}

}  // namespace custody::inline v0::detail
