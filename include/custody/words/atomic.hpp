// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <climits>
#include <cstdint>

namespace custody::inline v0 {

enum class Order : int {
  relaxed = __ATOMIC_RELAXED,
  acquire = __ATOMIC_ACQUIRE,
  release = __ATOMIC_RELEASE,
  acq_rel = __ATOMIC_ACQ_REL,
  seq_cst = __ATOMIC_SEQ_CST,
};

/// The compiler's atomics without `<atomic>`, which costs 80 ms to include. For values of up to 8 bytes; waiting (by
/// futex, of the threads of one process) for 4-byte ones.
template <class Type>
class Atomic {
  static_assert(__is_trivially_copyable(Type) && sizeof(Type) <= 8);  // NOLINT(bugprone-sizeof-expression)

 public:
  constexpr Atomic() noexcept = default;
  constexpr Atomic(Type value) noexcept : value_(value) {}  // NOLINT(google-explicit-constructor)
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;
  ~Atomic() = default;

  [[nodiscard]] Type load(Order order = Order::seq_cst) const noexcept {
    Type out;
    __atomic_load(&value_, &out, static_cast<int>(order));
    return out;
  }
  void store(Type value, Order order = Order::seq_cst) noexcept {
    __atomic_store(&value_, &value, static_cast<int>(order));
  }
  Type exchange(Type value, Order order = Order::seq_cst) noexcept {
    Type out;
    __atomic_exchange(&value_, &value, &out, static_cast<int>(order));
    return out;
  }
  bool compare_exchange_strong(Type& expected, Type wanted, Order order = Order::seq_cst) noexcept {
    return __atomic_compare_exchange(&value_, &expected, &wanted, false, static_cast<int>(order), __ATOMIC_RELAXED);
  }
  bool compare_exchange_weak(Type& expected, Type wanted, Order order = Order::seq_cst) noexcept {
    return __atomic_compare_exchange(&value_, &expected, &wanted, true, static_cast<int>(order), __ATOMIC_RELAXED);
  }
  Type fetch_add(Type by, Order order = Order::seq_cst) noexcept {
    return __atomic_fetch_add(&value_, by, static_cast<int>(order));
  }
  Type fetch_sub(Type by, Order order = Order::seq_cst) noexcept {
    return __atomic_fetch_sub(&value_, by, static_cast<int>(order));
  }

  /// Blocks while the value is `seen`; may return early.
  void wait(Type seen) const noexcept {
    static_assert(sizeof(Type) == sizeof(std::uint32_t));
    static_cast<void>(::syscall(SYS_futex, &value_, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0));
  }
  void notify_all() noexcept {
    static_assert(sizeof(Type) == sizeof(std::uint32_t));
    static_cast<void>(::syscall(SYS_futex, &value_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0));
  }

 private:
  Type value_{};
};

}  // namespace custody::inline v0
