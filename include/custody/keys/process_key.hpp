// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include <custody/crypto/entropy.hpp>
#include <custody/crypto/suite.hpp>
#include <custody/words/atomic.hpp>

namespace custody::inline v0::detail {

/// A key for transient envelopes, in memory only. Immutable but for the count of seals; never freed, because a value
/// that it sealed may live as long as the process.
struct __attribute__((visibility("default"))) ProcessKey {
  std::uint32_t number = 0;  ///< random, 24 bits, not zero: tells this process's keys from another module's
  CipherKey<XChaCha20Poly1305> key;
  std::uint64_t fork = 0;    ///< the process that made it; a forked child only opens with it
  const ProcessKey* older = nullptr;
  mutable Atomic<std::uint64_t> seals{0};
};

/// How many seals of a key are left to this thread, taken from the shared count in batches.
struct SealAllowance {
  const ProcessKey* key = nullptr;
  std::uint32_t left = 0;
};

[[nodiscard]] inline SealAllowance& seal_allowance() noexcept {
  static thread_local constinit SealAllowance allowance;
  return allowance;
}

/// The process's keys, newest first: one list for all modules that are linked together. Lock-free; never destroyed.
class __attribute__((visibility("default"))) ProcessKeys {
 public:
  static constexpr std::uint64_t seals_per_key = std::uint64_t{1} << 28;
  static constexpr std::uint32_t batch = 1024;

  constexpr ProcessKeys() noexcept = default;
  ProcessKeys(const ProcessKeys&) = delete;
  ProcessKeys& operator=(const ProcessKeys&) = delete;

  /// The key for one seal, which is counted; a new one after 2^28 seals and in a forked child. Null without randomness
  /// or memory: do not seal. Thread-safe.
  [[nodiscard]] const ProcessKey* current() noexcept {
    const ProcessKey* const head = head_.load(Order::acquire);
    SealAllowance& mine = seal_allowance();
    if (head != nullptr && mine.key == head && mine.left != 0 && head->fork == fork_count()) [[likely]] {
      --mine.left;
      return head;
    }
    return current_slow(mine);
  }
  /// The key with a number, whoever sealed with it in this process; null for another module's or process's.
  [[nodiscard]] const ProcessKey* find(std::uint32_t number) const noexcept {
    const ProcessKey* key = head_.load(Order::acquire);
    while (key != nullptr && key->number != number) key = key->older;
    return key;
  }

 private:
  [[nodiscard]] const ProcessKey* current_slow(SealAllowance& mine) noexcept {
    while (true) {
      const ProcessKey* const head = head_.load(Order::acquire);
      if (head != nullptr && head->fork == fork_count() &&
          head->seals.fetch_add(batch, Order::relaxed) + batch <= seals_per_key) {
        mine = {head, batch - 1};
        return head;
      }
      if (!replace(head)) return nullptr;
    }
  }
  /// A random number that no key has; 0 without randomness.
  [[nodiscard]] std::uint32_t fresh_number() const noexcept {
    for (int attempt = 0; attempt != 64; ++attempt) {
      std::byte random[3];
      if (!draw_entropy(random)) return 0;
      std::uint32_t number = 0;
      for (const std::byte byte : random) number = number << 8 | std::to_integer<std::uint32_t>(byte);
      if (number != 0 && find(number) == nullptr) return number;
    }
    return 0;  // a generator that stands still
  }
  /// Puts a new key in front of `head`, unless another thread was faster. False without randomness or memory.
  [[nodiscard]] bool replace(const ProcessKey* head) noexcept {
    const std::uint64_t fork = fork_count();  // first: a key that was begun before a fork counts as the parent's
    auto key = CipherKey<XChaCha20Poly1305>::random();
    const std::uint32_t number = key ? fresh_number() : 0;
    if (number == 0) return false;
    void* const memory = std::malloc(sizeof(ProcessKey));
    if (memory == nullptr) return false;
    auto* const fresh = ::new (memory) ProcessKey;
    fresh->number = number;
    fresh->key = std::move(*key);
    fresh->fork = fork;
    fresh->older = head;
    if (!head_.compare_exchange_strong(head, fresh, Order::acq_rel)) {
      fresh->~ProcessKey();
      std::free(memory);
    }
    return true;
  }
  Atomic<const ProcessKey*> head_{nullptr};
};

__attribute__((visibility("default"))) inline ProcessKeys& process_keys() noexcept {
  static constinit ProcessKeys keys;
  return keys;
}

}  // namespace custody::inline v0::detail
