// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>
#include <compare>
#include <cstdint>

#include <custody/words/atomic.hpp>

namespace custody::inline v0 {

/// A span of time in milliseconds.
struct Duration {
  std::int64_t ms = 0;
  [[nodiscard]] friend constexpr auto operator<=>(Duration, Duration) noexcept = default;
};
[[nodiscard]] constexpr Duration seconds(std::int64_t n) noexcept { return {n * 1000}; }
[[nodiscard]] constexpr Duration minutes(std::int64_t n) noexcept { return {n * 60'000}; }
[[nodiscard]] constexpr Duration hours(std::int64_t n) noexcept { return {n * 3'600'000}; }
[[nodiscard]] constexpr Duration days(std::int64_t n) noexcept { return {n * 86'400'000}; }

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. `std::chrono` is left out because it costs 300 ms to include.
struct Instant {
  std::int64_t ms = 0;
  [[nodiscard]] friend constexpr auto operator<=>(Instant, Instant) noexcept = default;
  [[nodiscard]] friend constexpr Instant operator+(Instant at, Duration by) noexcept { return {at.ms + by.ms}; }
  [[nodiscard]] friend constexpr Instant operator-(Instant at, Duration by) noexcept { return {at.ms - by.ms}; }
  [[nodiscard]] friend constexpr Duration operator-(Instant a, Instant b) noexcept { return {a.ms - b.ms}; }
};

/// Where time comes from; injected so that tests and sweeps never wait. Must be thread-safe and outlive its users.
class Clock {
 public:
  Clock() noexcept = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const noexcept = 0;
};

/// The machine's wall clock, to the kernel's tick of 1 to 10 ms (CLOCK_REALTIME_COARSE): every release looks at it.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const noexcept override {
    ::timespec t{};
    static_cast<void>(::clock_gettime(CLOCK_REALTIME_COARSE, &t));
    return {static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000};
  }
};

/// A clock that stands until it is moved; for tests, imports and retention rehearsals.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) noexcept : now_(start.ms) {}
  [[nodiscard]] Instant now() const noexcept override { return {now_.load(Order::relaxed)}; }
  void set(Instant to) noexcept { now_.store(to.ms, Order::relaxed); }
  void advance(Duration by) noexcept { now_.fetch_add(by.ms, Order::relaxed); }

 private:
  Atomic<std::int64_t> now_;
};

}  // namespace custody::inline v0
