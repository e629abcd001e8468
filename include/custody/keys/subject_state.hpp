// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/law/handle.hpp>
#include <custody/words/atomic.hpp>
#include <custody/words/ref.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// How many releases and regions this thread is inside of; an erasure from within one would wait for itself.
[[nodiscard]] __attribute__((visibility("default"))) inline int& release_depth() noexcept {
  static thread_local int depth = 0;
  return depth;
}

enum class Life : std::uint8_t { alive = 0, leaving = 1, gone = 2 };

/// One person inside one process: the epoch at which withdrawals are linearised, and the count of uses in flight that an
/// erasure waits for. Shared by the ring, its permits and its bindings; all members are atomic.
class __attribute__((visibility("default"))) SubjectState final : public Counted {
 public:
  SubjectState(const Handle& handle, std::uint64_t epoch) noexcept : handle_(handle), epoch_(epoch) {}

  [[nodiscard]] const Handle& handle() const noexcept { return handle_; }
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_.load(Order::seq_cst); }
  void set_epoch(std::uint64_t epoch) noexcept {
    std::uint64_t seen = epoch_.load(Order::relaxed);
    while (seen < epoch && !epoch_.compare_exchange_weak(seen, epoch, Order::seq_cst)) {
    }
  }
  [[nodiscard]] Life life() const noexcept { return life_.load(Order::seq_cst); }
  void set_life(Life life) noexcept { life_.store(life, Order::seq_cst); }

  void enter() noexcept { in_flight_.fetch_add(1, Order::seq_cst); }
  void leave() noexcept {
    if (in_flight_.fetch_sub(1, Order::seq_cst) == 1 && life() != Life::alive) in_flight_.notify_all();
  }
  [[nodiscard]] bool idle() const noexcept { return in_flight_.load(Order::seq_cst) == 0; }
  /// Blocks until no use is in flight. Callers have set the life to leaving, so none can start.
  void wait_until_idle() const noexcept {
    for (std::uint32_t now = in_flight_.load(Order::seq_cst); now != 0; now = in_flight_.load(Order::seq_cst)) {
      in_flight_.wait(now);
    }
  }

 private:
  const Handle handle_;
  Atomic<std::uint64_t> epoch_;
  Atomic<std::uint32_t> in_flight_{0};
  Atomic<Life> life_{Life::alive};
};

/// Marks a use of a person's keys as in flight for a scope; check the life after entering.
class InFlight {
 public:
  explicit InFlight(SubjectState& state) noexcept : state_(&state) {
    state_->enter();
    ++release_depth();
  }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() {
    --release_depth();
    state_->leave();
  }
  [[nodiscard]] bool alive() const noexcept { return state_->life() == Life::alive; }

 private:
  SubjectState* state_;
};

}  // namespace custody::inline v0::detail
