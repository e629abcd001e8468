// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <custody/crypto/hash.hpp>
#include <custody/keys/index_state.hpp>
#include <custody/keys/key_store.hpp>
#include <custody/words/atomic.hpp>
#include <custody/words/lazy.hpp>
#include <custody/words/mutex.hpp>
#include <custody/words/ordered.hpp>
#include <custody/words/ref.hpp>

namespace custody::inline v0::detail {

/// The index keys of one ring and their generations. What cannot be rotated, since it is bound into envelopes or names
/// rows, stays under the first. Thread-safe: its lock is held for no call of the key store and for no costly hash.
template <class Lazy = void>
class IndexBook {
 public:
  IndexBook(KeyStore& store, std::string_view product, SecretKey root)
      : store_(&store), product_(product), root_(std::move(root)) {}

  /// A value under one generation's key. Errors: no_memory.
  [[nodiscard]] Result<IndexValue> value(const IndexName& name, std::uint32_t generation, ByteView normalised) {
    auto key = key_of({name, generation});
    if (!key) return key.error();
    return (*key)->key.of(normalised);
  }

  /// The generations as they are now. Errors: tampered, those of the key store.
  template <class Stored = Bytes>
  [[nodiscard]] Result<IndexState> load() {
    Result<Stored> fact = store_->get_fact(IndexState::fact);
    if (!fact && !(fact.error() == Errc::not_found)) return fact.error();
    IndexState state;
    if (fact) {
      if (fact->size() != IndexState::size + sizeof(IndexValue)) return Error{Errc::tampered, "index"};
      const ByteView body = ByteView(*fact).first(IndexState::size);
      auto expected = value(state_name, 1, body);
      if (!expected) return expected.error();
      const bool ours = constant_time_equal(ByteView(*fact).subspan(IndexState::size), *expected);
      if (!ours || !state.read(body)) return Error{Errc::tampered, "index"};
    }
    const Lock lock(mutex_);
    if (known_.newest != state.newest || known_.older != state.older) held_.clear();
    known_ = state;
    pair_.store((std::uint64_t{state.newest} << 32U) | state.older, Order::release);
    return state;
  }
  /// The generations as they were at most 50 ms ago.
  [[nodiscard]] Result<IndexState> recent() {
    const std::int64_t tick = now();
    if (is_recent(tick)) {
      const Lock lock(mutex_);
      return known_;
    }
    auto state = load();
    if (state) looked_.store(tick, Order::release);
    return state;
  }
  /// The same without a lock, for lookups: the newest generation and the one before, 0 when no rotation runs.
  struct Pair {
    std::uint32_t newest = 1;
    std::uint32_t older = 0;
  };
  [[nodiscard]] Result<Pair> pair() {
    auto state = load();
    if (!state) return state.error();
    return Pair{state->newest, state->older};
  }
  [[nodiscard]] Result<Pair> recent_pair() {
    if (const std::uint64_t both = pair_.load(Order::acquire); is_recent(now())) return pair_of(both);
    auto state = recent();
    if (!state) return state.error();
    return Pair{state->newest, state->older};
  }
  /// Writes the generations; inside the caller's transaction, if there is one. Errors: those of the key store.
  template <class Stored = Bytes>
  [[nodiscard]] Result<void> save(const IndexState& state) {
    Stored fact;
    state.write(fact);
    auto proof = value(state_name, 1, fact);
    if (!proof) return proof.error();
    fact.insert(fact.end(), proof->begin(), proof->end());
    looked_.store(0, Order::release);
    return store_->put_fact(IndexState::fact, fact);
  }

 private:
  [[nodiscard]] static std::int64_t now() noexcept {
    ::timespec t{};
    static_cast<void>(::clock_gettime(CLOCK_MONOTONIC_COARSE, &t));
    return static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
  }
  [[nodiscard]] bool is_recent(std::int64_t tick) const noexcept {
    const std::int64_t last = looked_.load(Order::acquire);
    return last != 0 && tick - last < 50;
  }
  [[nodiscard]] static Pair pair_of(std::uint64_t both) noexcept {
    return {static_cast<std::uint32_t>(both >> 32U), static_cast<std::uint32_t>(both)};
  }

  struct Place {
    IndexName name;
    std::uint32_t generation = 1;
    [[nodiscard]] friend bool operator<(const Place& a, const Place& b) noexcept {
      return a.generation != b.generation ? a.generation < b.generation : a.name < b.name;
    }
  };
  struct Held final : Counted {
    IndexKey key;
  };
  static constexpr IndexName state_name{"custody.index.state", "", 0, "exact", {}};

  [[nodiscard]] Result<Ref<Held>> key_of(const Place& place) {
    {
      const Lock lock(mutex_);
      if (const auto known = held_.find(place); known != held_.end()) return known->second;
    }
    const IndexName& name = place.name;
    auto made = IndexKey::derive(
        root_, {name.label, product_, name.record, name.field, name.normaliser, place.generation, name.shape});
    if (!made) return made.error();
    auto* fresh = new (std::nothrow) Held;
    if (fresh == nullptr) return Errc::no_memory;
    fresh->key = std::move(*made);
    auto held = Ref<Held>::adopt(fresh);
    const Lock lock(mutex_);
    return held_.insert(place, std::move(held))->second;
  }

  KeyStore* store_;
  const std::string product_;
  const SecretKey root_;
  Atomic<std::int64_t> looked_{0};
  Atomic<std::uint64_t> pair_{std::uint64_t{1} << 32U};
  Mutex mutex_;
  IndexState known_;
  Ordered<Place, Ref<Held>> held_;
};

}  // namespace custody::inline v0::detail
