// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <custody/crypto/sodium.hpp>
#include <custody/words/atomic.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0 {
namespace detail {

/// A mark of the process's last draw: 63 bits that 128 of its bits were mixed down to.
__attribute__((visibility("default"))) inline Atomic<std::uint64_t>& last_draw() noexcept {
  static constinit Atomic<std::uint64_t> last{0};
  return last;
}

/// Fills a buffer from the kernel. False, with the buffer wiped, when the kernel gives nothing, or gives from 16 bytes up
/// what it gave the time before: a generator that stands still. Thread-safe.
[[nodiscard]] inline bool draw_entropy(ByteSpan out) noexcept {
  std::size_t done = 0;
  while (done < out.size()) {
    const auto got = ::getrandom(out.data() + done, out.size() - done, 0);
    if (got > 0) {
      done += static_cast<std::size_t>(got);
    } else if (got == 0 || errno != EINTR) {
      wipe(out);
      return false;
    }
  }
  if (out.size() < 16) return true;
  std::uint64_t mixed = 0;
  std::uint64_t next = 0;
  std::memcpy(&mixed, out.data(), sizeof mixed);
  std::memcpy(&next, out.data() + sizeof mixed, sizeof next);
  mixed = (mixed * 0x9E3779B97F4A7C15U + next * 0xC2B2AE3D27D4EB4FU) | 1U;
  if (last_draw().exchange(mixed, Order::relaxed) != mixed) return true;
  wipe(out);
  return false;
}

/// The same for a nonce of any size: a generator that stands still is noticed for the shortest, too.
[[nodiscard]] inline bool draw_watched(ByteSpan out) noexcept {
  if (out.size() >= 16) return draw_entropy(out);
  std::byte fresh[32];
  if (!draw_entropy(fresh)) {
    wipe(out);
    return false;
  }
  for (std::size_t i = 0; i != out.size(); ++i) out[i] = fresh[i];
  return true;
}

/// The process's fork counter: it lives on a page that the kernel clears in a forked child (MADV_WIPEONFORK).
/// `none` stands in for that page until it is mapped, and for ever where the kernel cannot clear it.
struct __attribute__((visibility("default"))) ForkState {
  Atomic<std::uint64_t> none{0};
  Atomic<Atomic<std::uint64_t>*> page;
  Atomic<std::uint64_t> last{0};  ///< the last number given, inherited by children
  Atomic<bool> unguarded{false};
  constexpr ForkState() noexcept : page(&none) {}
};

__attribute__((visibility("default"))) inline ForkState& fork_state() noexcept {
  static constinit ForkState state;
  return state;
}

/// Maps the guarded page; false where the kernel has no MADV_WIPEONFORK.
[[nodiscard]] inline bool map_fork_page(ForkState& state) noexcept {
  constexpr std::size_t length = 4096;
  void* const memory = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  if (::madvise(memory, length, MADV_WIPEONFORK) != 0) {
    ::munmap(memory, length);
    return false;
  }
  auto* const fresh = ::new (memory) Atomic<std::uint64_t>(0);
  auto* expected = &state.none;
  if (!state.page.compare_exchange_strong(expected, fresh, Order::acq_rel)) ::munmap(memory, length);
  return true;
}

/// The slow half of fork_count: the first call, and the first call in a forked child.
[[nodiscard]] inline std::uint64_t renew_fork_count() noexcept {
  ForkState& state = fork_state();
  if (state.page.load(Order::acquire) == &state.none) {
    if (state.unguarded.load(Order::acquire) || !map_fork_page(state)) {
      state.unguarded.store(true, Order::release);
      return (std::uint64_t{1} << 63) | static_cast<std::uint64_t>(::getpid());
    }
  }
  // The number is taken before it is published: whoever forks in between inherits a `last` that is already used up.
  const std::uint64_t next = state.last.fetch_add(1, Order::acq_rel) + 1;
  auto& count = *state.page.load(Order::acquire);
  std::uint64_t wiped = 0;
  return count.compare_exchange_strong(wiped, next, Order::acq_rel) ? next : wiped;
}

/// A number that differs between a process and its forked children. One load; thread-safe; a system call for each call
/// where fork_guarded() is false.
[[nodiscard]] inline std::uint64_t fork_count() noexcept {
  const std::uint64_t count = fork_state().page.load(Order::acquire)->load(Order::acquire);
  if (count != 0) [[likely]]
    return count;
  return renew_fork_count();
}

/// Whether the kernel clears the counter in forked children, so that pools of random bytes are safe.
[[nodiscard]] inline bool fork_guarded() noexcept {
  static_cast<void>(fork_count());
  return !fork_state().unguarded.load(Order::acquire);
}

/// One thread's stock of nonce bytes: the next key, then what is served from the end. Never destroyed, no secret in it:
/// a nonce is public once it is used, and unused bytes are never used by anybody else.
struct NoncePool {
  static constexpr std::size_t key_size = 32;
  static constexpr std::size_t size = 1024;
  static constexpr std::uint32_t refills_per_seed = 64;
  static constexpr std::int64_t seconds_per_seed = 10;
  std::uint64_t fork = 0;
  std::size_t left = 0;
  std::uint32_t refills = 0;
  std::int64_t expires = 0;
  std::byte block[size]{};
};

[[nodiscard]] inline NoncePool& nonce_pool() noexcept {
  static thread_local constinit NoncePool pool;
  return pool;
}

[[nodiscard]] inline std::int64_t coarse_seconds() noexcept {
  ::timespec at{};
  static_cast<void>(::clock_gettime(CLOCK_BOOTTIME, &at));
  return at.tv_sec;
}

/// Refills a pool: a fresh kernel seed after a fork, after so many refills or so much time; otherwise the next key of
/// the stream that the last refill left behind (fast key erasure). False without randomness; the pool is then empty.
[[nodiscard]] inline bool refill(NoncePool& pool, std::uint64_t fork) noexcept {
  pool.left = 0;
  const std::int64_t now = coarse_seconds();
  if (pool.fork != fork || pool.refills == 0 || now >= pool.expires) {
    pool.refills = 0;
    if (!sodium_ready() || !draw_entropy({pool.block, NoncePool::key_size})) return false;
    pool.fork = fork;
    pool.refills = NoncePool::refills_per_seed;
    pool.expires = now + NoncePool::seconds_per_seed;
  }
  static constexpr unsigned char zero[crypto_stream_chacha20_NONCEBYTES]{};
  unsigned char key[NoncePool::key_size];
  std::memcpy(key, pool.block, sizeof key);
  ::crypto_stream_chacha20(raw_bytes(pool.block), NoncePool::size, zero, key);
  wipe(key, sizeof key);
  --pool.refills;
  pool.left = NoncePool::size - NoncePool::key_size;
  return true;
}

/// Moves bytes out of a pool by whole words, as long as there are any.
template <class Word>
void serve(std::byte*& to, std::byte*& from, std::size_t& size) noexcept {
  for (Word word = 0; size >= sizeof word; size -= sizeof word, to += sizeof word, from += sizeof word) {
    std::memcpy(&word, from, sizeof word);
    std::memcpy(to, &word, sizeof word);
    wipe(from, sizeof word);
  }
}

}  // namespace detail

/// Fills a nonce with bytes that no other call, thread or forked child gets. False without randomness: do not seal.
/// A nonce comes from this thread's pool (some nanoseconds); with `from_kernel`, for long requests and where a forked
/// child cannot be recognised, from the kernel. The pool is not safe over a restored snapshot of a virtual machine for
/// as long as a seed lives (64 KiB or 10 seconds of use), the kernel's bytes are. Thread-safe.
[[nodiscard]] inline bool draw_nonce(ByteSpan out, bool from_kernel = false) noexcept {
  const std::size_t want = out.size();
  if (from_kernel || want > 256) return detail::draw_watched(out);
  const std::uint64_t fork = detail::fork_count();
  detail::NoncePool& pool = detail::nonce_pool();
  if (pool.fork != fork || pool.left < want) [[unlikely]] {
    if (!detail::fork_guarded()) return detail::draw_watched(out);
    if (!detail::refill(pool, fork)) {
      wipe(out);
      return false;
    }
  }
  pool.left -= want;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);  // a signal handler that draws as well gets other bytes
  std::byte* from = pool.block + detail::NoncePool::key_size + pool.left;
  std::byte* to = out.data();
  std::size_t rest = want;  // by words: a call for each end of a nonce would cost as much as drawing it
  detail::serve<std::uint64_t>(to, from, rest);
  detail::serve<std::uint32_t>(to, from, rest);
  detail::serve<std::uint8_t>(to, from, rest);
  return true;
}

/// The nonces of one batch, drawn from the kernel many at a time: a system call for every 512 bytes. For one thread and
/// one process: ends before a fork.
class NonceBatch {
 public:
  NonceBatch() noexcept = default;
  NonceBatch(const NonceBatch&) = delete;
  NonceBatch& operator=(const NonceBatch&) = delete;
  ~NonceBatch() = default;

  /// Bytes that no other call gets. False without randomness, and in a child that was forked since the last draw.
  [[nodiscard]] bool draw(ByteSpan out) noexcept {
    if (out.size() > sizeof stock_) return false;
    if (left_ < out.size()) {
      if (!detail::draw_entropy(stock_)) return false;
      left_ = sizeof stock_;
      fork_ = detail::fork_count();
    } else if (fork_ != detail::fork_count()) {
      return false;
    }
    left_ -= out.size();
    std::memcpy(out.data(), stock_ + left_, out.size());
    return true;
  }

 private:
  std::size_t left_ = 0;
  std::uint64_t fork_ = 0;
  std::byte stock_[512];
};

}  // namespace custody::inline v0
