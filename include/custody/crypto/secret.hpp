// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <custody/crypto/entropy.hpp>
#include <custody/crypto/sodium.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {
namespace detail {

/// One guarded mapping of equal slots; `free` lists the unused ones. The record itself holds no secret and lies
/// outside.
struct SecretRegion {
  SecretRegion* older;
  std::byte* base;
  std::uint32_t* free;
  std::uint32_t count;
  std::uint32_t free_count;
};

/// The two sizes of secret: a key, and an expanded cipher state or signing key.
enum class SlotClass : std::uint8_t { key, state };
[[nodiscard]] constexpr std::size_t slot_size(SlotClass kind) noexcept { return kind == SlotClass::key ? 32 : 512; }

/// All secret memory of the process. Never destroyed, so keys outlive static destructors.
struct __attribute__((visibility("default"))) SecretArena {
  ::pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  ::pthread_mutex_t deriving = PTHREAD_MUTEX_INITIALIZER;  ///< taken before `mutex`; see DerivingGuard
  SecretRegion* regions[2] = {nullptr, nullptr};
  std::uint64_t fork = 0;
  bool watched = false;  ///< fork handlers are registered
  bool locked = true;
};

__attribute__((visibility("default"))) inline SecretArena& secret_arena() noexcept {
  static constinit SecretArena arena;
  return arena;
}

inline void lock_arena() noexcept { ::pthread_mutex_lock(&secret_arena().mutex); }
inline void unlock_arena() noexcept { ::pthread_mutex_unlock(&secret_arena().mutex); }

inline void before_fork() noexcept {
  ::pthread_mutex_lock(&secret_arena().deriving);
  lock_arena();
}
inline void after_fork() noexcept {
  unlock_arena();
  ::pthread_mutex_unlock(&secret_arena().deriving);
}

/// Makes a fork wait until no thread is inside the arena or derives a key; once for the process, and before main: a fork during the very
/// first use must not leave the child a lock that nobody gives back.
inline bool watch_forks() noexcept {
  if (__atomic_exchange_n(&secret_arena().watched, true, __ATOMIC_ACQ_REL)) return true;
  return ::pthread_atfork(&before_fork, &after_fork, &after_fork) == 0;
}
__attribute__((visibility("default"))) inline const bool forks_watched = watch_forks();

/// Holds the arena's mutex for a scope.
struct ArenaGuard {
  ArenaGuard() noexcept {
    static_cast<void>(watch_forks());
    lock_arena();
  }
  ArenaGuard(const ArenaGuard&) = delete;
  ArenaGuard& operator=(const ArenaGuard&) = delete;
  ~ArenaGuard() { unlock_arena(); }
};

/// Held while a key that is kept is derived for the first time, or wiped: one for the process, so that a fork can wait for
/// it and the child finds it free.
struct DerivingGuard {
  DerivingGuard() noexcept {
    static_cast<void>(watch_forks());
    ::pthread_mutex_lock(&secret_arena().deriving);
  }
  DerivingGuard(const DerivingGuard&) = delete;
  DerivingGuard& operator=(const DerivingGuard&) = delete;
  ~DerivingGuard() { ::pthread_mutex_unlock(&secret_arena().deriving); }
};

/// Locks what a forked child inherited unlocked; a fork waits until no other thread is inside the arena.
inline void follow_fork(SecretArena& arena) noexcept {
  const std::uint64_t fork = fork_count();
  if (arena.fork == fork) return;
  arena.fork = fork;
  bool locked = true;
  for (const SlotClass kind : {SlotClass::key, SlotClass::state}) {
    for (auto* region = arena.regions[static_cast<std::size_t>(kind)]; region != nullptr; region = region->older) {
      locked = ::mlock(region->base, region->count * slot_size(kind)) == 0 && locked;
    }
  }
  arena.locked = locked;
}

/// Maps `length` bytes between two inaccessible pages, left out of core dumps and locked. Null when out of memory.
[[nodiscard]] inline std::byte* map_guarded(std::size_t length, bool& locked) noexcept {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t inner = (length + page - 1) / page * page;
  void* const memory = ::mmap(nullptr, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  std::byte* const base = static_cast<std::byte*>(memory) + page;
  if (::mprotect(base, inner, PROT_READ | PROT_WRITE) != 0 || ::madvise(base, inner, MADV_DONTDUMP) != 0) {
    ::munmap(memory, inner + 2 * page);
    return nullptr;
  }
  locked = ::mlock(base, inner) == 0 && locked;
  return base;
}

/// Adds a region, each twice as large as the one before, from 16 KiB to 1 MiB. Null when out of memory.
[[nodiscard]] inline SecretRegion* add_region(SecretArena& arena, SlotClass kind) noexcept {
  SecretRegion*& head = arena.regions[static_cast<std::size_t>(kind)];
  constexpr std::size_t first = 16UL * 1024;
  constexpr std::size_t limit = 1024UL * 1024;
  const std::size_t before = head == nullptr ? first / 2 : head->count * slot_size(kind);
  const std::size_t length = before < limit ? before * 2 : limit;
  const std::size_t count = length / slot_size(kind);
  void* const memory = std::malloc(sizeof(SecretRegion) + count * sizeof(std::uint32_t));
  if (memory == nullptr) return nullptr;
  std::byte* const base = map_guarded(length, arena.locked);
  if (base == nullptr) {
    std::free(memory);
    return nullptr;
  }
  const auto places = static_cast<std::uint32_t>(count);
  auto* const list = reinterpret_cast<std::uint32_t*>(static_cast<std::byte*>(memory) + sizeof(SecretRegion));
  auto* const region = ::new (memory) SecretRegion{head, base, list, places, places};
  for (std::uint32_t i = 0; i != places; ++i) list[i] = places - 1 - i;
  head = region;
  return region;
}

/// A zeroed slot, or null when out of memory or libsodium cannot run. Thread-safe.
[[nodiscard]] inline std::byte* take_slot(SlotClass kind) noexcept {
  if (!sodium_ready()) return nullptr;
  SecretArena& arena = secret_arena();
  const ArenaGuard guard;
  follow_fork(arena);
  SecretRegion* region = arena.regions[static_cast<std::size_t>(kind)];
  while (region != nullptr && region->free_count == 0) region = region->older;
  if (region == nullptr) region = add_region(arena, kind);
  if (region == nullptr) return nullptr;
  return region->base + region->free[--region->free_count] * slot_size(kind);
}

/// Wipes a slot and gives it back. Null is ignored. Thread-safe.
inline void give_slot_back(std::byte* slot, SlotClass kind) noexcept {
  if (slot == nullptr) return;
  wipe(slot, slot_size(kind));
  const SecretArena& arena = secret_arena();
  const ArenaGuard guard;
  for (auto* region = arena.regions[static_cast<std::size_t>(kind)]; region != nullptr; region = region->older) {
    const auto offset = reinterpret_cast<std::uintptr_t>(slot) - reinterpret_cast<std::uintptr_t>(region->base);
    if (offset >= region->count * slot_size(kind)) continue;  // also when the slot lies before the region
    region->free[region->free_count++] = static_cast<std::uint32_t>(offset / slot_size(kind));
    return;
  }
}

/// Owns one slot; wiped and given back at the end. Move-only, empty when moved from.
template <SlotClass Kind>
class SecretSlot {
 public:
  SecretSlot() noexcept = default;
  SecretSlot(const SecretSlot&) = delete;
  SecretSlot& operator=(const SecretSlot&) = delete;
  SecretSlot(SecretSlot&& other) noexcept : slot_(other.slot_) { other.slot_ = nullptr; }
  SecretSlot& operator=(SecretSlot&& other) noexcept {
    std::byte* const taken = other.slot_;
    other.slot_ = nullptr;
    std::byte* const given = slot_;
    slot_ = taken;
    give_slot_back(given, Kind);
    return *this;
  }
  ~SecretSlot() { give_slot_back(slot_, Kind); }

  /// A zeroed slot; `data()` is null when there is no memory.
  [[nodiscard]] static SecretSlot take() noexcept {
    SecretSlot slot;
    slot.slot_ = take_slot(Kind);
    return slot;
  }
  [[nodiscard]] std::byte* data() const noexcept { return slot_; }

 private:
  std::byte* slot_ = nullptr;
};

}  // namespace detail

/// Whether all secret memory so far is locked into RAM; false when RLIMIT_MEMLOCK is too low. Thread-safe.
[[nodiscard]] inline bool arena_locked() noexcept {
  const detail::ArenaGuard guard;
  detail::follow_fork(detail::secret_arena());
  return detail::secret_arena().locked;
}

/// A 32-byte secret in guarded, locked memory that core dumps leave out; wiped when it is destroyed. Move-only; a
/// default-made or moved-from key is empty and must not be used. Distinct keys may be used from distinct threads.
class SecretKey {
 public:
  static constexpr std::size_t size = 32;
  SecretKey() noexcept = default;

  /// A key of zeros, to be filled through span(). Errors: no_memory.
  [[nodiscard]] static Result<SecretKey> blank() noexcept {
    SecretKey key;
    key.slot_ = detail::SecretSlot<detail::SlotClass::key>::take();
    if (key.empty()) return Errc::no_memory;
    return key;
  }
  /// A key from the kernel's random bytes. Errors: no_memory, no_randomness.
  [[nodiscard]] static Result<SecretKey> random() noexcept {
    auto key = blank();
    if (key && !detail::draw_entropy(key->span())) return Errc::no_randomness;
    return key;
  }
  /// A copy of exactly 32 bytes; the caller wipes the source. Errors: no_memory, malformed.
  [[nodiscard]] static Result<SecretKey> copy_of(ByteView bytes) noexcept {
    if (bytes.size() != size) return Errc::malformed;
    auto key = blank();
    if (key) std::memcpy(key->span().data(), bytes.data(), size);
    return key;
  }
  [[nodiscard]] bool empty() const noexcept { return slot_.data() == nullptr; }
  [[nodiscard]] const std::byte* data() const noexcept { return slot_.data(); }
  [[nodiscard]] ByteView view() const noexcept { return {slot_.data(), empty() ? 0 : size}; }
  [[nodiscard]] ByteSpan span() noexcept { return {slot_.data(), empty() ? 0 : size}; }

 private:
  detail::SecretSlot<detail::SlotClass::key> slot_;
};

}  // namespace custody::inline v0
