// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/crypto/entropy.hpp>
#include <custody/keys/ring_keys.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/keys/uid_index.hpp>
#include <custody/words/atomic.hpp>
#include <custody/words/lazy.hpp>
#include <custody/words/mutex.hpp>
#include <custody/words/ordered.hpp>

namespace custody::inline v0::detail {

/// A ring at work: persons, their epochs and ends, and index keys, over the keys of RingKeys. A template only so that a
/// header that never opens a ring does not compile it. Thread-safe: one lock for the tables; releases take none.
template <class Lazy = void>
class RingEngine final : public RingKeys<Lazy> {
 public:
  /// Errors: suite_unavailable, no_memory, wrong_root after the root was rotated away.
  [[nodiscard]] static Result<Ref<RingCore>> open(const RingConfig& config, const RootKey& root) {
    if (!suite_available(config.suite)) return Errc::suite_unavailable;
    auto index = root_branch(*config.store, root, "custody.ring.index");
    if (!index) return index.error();
    auto* made = new (std::nothrow) RingEngine(config, std::move(*index));
    if (made == nullptr) return Errc::no_memory;
    auto held = Ref<RingCore>::adopt(made);
    if (auto opened = made->roots_.open(*config.store, root); !opened) return opened.error();
    return held;
  }

  /// Gives a person a random handle and a key. Errors: already_there, no_randomness, those of the key store.
  Result<Ref<SubjectState>> enrol(std::string_view uid) override {
    if (this->closed()) return Errc::ring_closed;
    const Lock lock(mutex_);
    if (auto begun = this->store().begin(); !begun) return begun.error();
    auto made = enrol_in_transaction(uid);
    if (!made) {
      this->store().rollback();
      return made.error();
    }
    if (auto done = this->store().commit(); !done) return done.error();
    return remember(*made, 0);
  }

  /// The person behind a user id. Errors: not_found.
  Result<Ref<SubjectState>> find(std::string_view uid) override {
    if (this->closed()) return Errc::ring_closed;
    auto person = uids_.find(uid);
    if (!person) return person.error();
    return state_of(*person);
  }
  Result<void> keep_uid(std::string_view uid, const Handle& person) override {
    if (this->closed()) return Errc::ring_closed;
    return uids_.keep(uid, person);
  }

  /// The state of a handle. Errors: destroyed, unknown_key.
  Result<Ref<SubjectState>> state_of(const Handle& handle) override {
    if (this->closed()) return Errc::ring_closed;
    const Lock lock(mutex_);
    if (const auto known = subjects_.find(handle); known != subjects_.end()) {
      if (known->second->life() != Life::alive) return Errc::destroyed;
      return known->second;
    }
    auto newest = this->store().newest_generation(handle);
    if (!newest) return newest.error();
    if (*newest == 0) return Errc::unknown_key;
    auto epoch = this->store().epoch(handle);
    if (!epoch) return epoch.error();
    return remember(handle, *epoch);
  }

  /// Ends every permit for a person at once, here and, within 100 ms, in other processes (PIPL Art. 15).
  Result<void> raise_epoch(SubjectState& state) override {
    auto raised = this->store().raise_epoch(state.handle());
    if (!raised) return raised.error();
    state.set_epoch(*raised);
    return {};
  }

  /// Destroys a person's keys for good, after the uses in flight have ended. Errors: inside_release, those of the store.
  Result<void> destroy(SubjectState& state) override {
    if (release_depth() != 0) return Errc::inside_release;
    const Life before = state.life();
    state.set_life(Life::leaving);
    state.wait_until_idle();
    const auto held = this->cached_held(state.handle());
    if (auto done = this->store().destroy(state.handle(), this->clock().now()); !done) {
      state.set_life(before);
      return done.error();
    }
    state.set_life(Life::gone);
    this->forget_keys(state.handle());
    this->forget_unheld(held, [&] {
      for (auto& [handle, known] : subjects_) {
        if (!known->idle()) return false;
      }
      return true;
    });
    return {};
  }

  /// Follows what other processes did to persons known here; looks at most every 50 ms.
  void refresh() override {
    ::timespec t{};
    static_cast<void>(::clock_gettime(CLOCK_MONOTONIC_COARSE, &t));
    const std::int64_t tick = static_cast<std::int64_t>(t.tv_sec) * 1000 + t.tv_nsec / 1'000'000;
    std::int64_t last = looked_.load(Order::relaxed);
    if (tick - last < 50 || !looked_.compare_exchange_strong(last, tick, Order::relaxed)) return;
    const std::uint64_t count = this->store().change_count();
    if (changes_.exchange(count, Order::relaxed) == count && !dying_.load(Order::relaxed)) return;
    const Lock lock(mutex_);
    this->holders_.clear();
    bool dying = false;
    for (auto& [handle, state] : subjects_) {
      auto epoch = this->store().epoch(handle);
      if (epoch) {
        state->set_epoch(*epoch);
      } else if (epoch.error() == Errc::destroyed) {
        state->set_life(Life::gone);
        if (state->idle()) {
          this->forget_keys(handle);
        } else {
          dying = true;  // at the next look, when the uses in flight have ended
        }
      }
    }
    dying_.store(dying, Order::relaxed);
  }

  /// After this nothing can be released; waits for uses in flight. Refused from inside a release.
  void close() override {
    if (!this->shut()) return;
    Owners known;
    {
      const Lock lock(mutex_);
      for (auto& [handle, state] : subjects_) known.push_back(state);
    }
    for (const Ref<SubjectState>& state : known) {  // without the lock: a use in flight may still look keys up
      if (state->life() == Life::alive) state->set_life(Life::leaving);
      if (release_depth() == 0) state->wait_until_idle();
    }
    const Lock lock(mutex_);
    this->keys_.clear();
  }

  Result<IndexValue> index_value(std::string_view label, std::string_view record, std::uint32_t field,
                                 std::string_view normaliser, ByteView normalised) override {
    if (this->closed()) return Errc::ring_closed;
    return index_.value({label, record, field, normaliser, {}}, 1, normalised);
  }
  Result<IndexValues> index_values(const IndexName& name, ByteView normalised, bool fresh) override {
    if (this->closed()) return Errc::ring_closed;
    auto pair = fresh ? index_.pair() : index_.recent_pair();
    if (!pair) return pair.error();
    auto newest = index_.value(name, pair->newest, normalised);
    if (!newest) return newest.error();
    if (pair->older == 0) return IndexValues{*newest, *newest, false, pair->newest};
    auto older = index_.value(name, pair->older, normalised);
    if (!older) return older.error();
    return IndexValues{*newest, *older, true, pair->newest};
  }
  Result<IndexState> index_state() override {
    if (this->closed()) return Errc::ring_closed;
    return index_.load();
  }
  Result<void> set_index_state(const IndexState& state) override {
    if (this->closed()) return Errc::ring_closed;
    return index_.save(state);
  }

 private:
  using RingKeys<Lazy>::mutex_;
  RingEngine(const RingConfig& config, SecretKey index_root)
      : RingKeys<Lazy>(config),
        index_(*config.store, config.product, std::move(index_root)),
        uids_(*config.store, index_) {}

  /// A fresh random handle. Errors: no_randomness.
  [[nodiscard]] static Result<Handle> fresh_handle() noexcept {
    Handle handle;
    if (!draw_nonce(handle.bytes, true)) return Errc::no_randomness;
    return handle;
  }

  [[nodiscard]] Result<Handle> enrol_in_transaction(std::string_view uid) {
    auto value = uids_.place_for(uid);
    if (!value) return value.error();
    auto handle = fresh_handle();
    if (!handle) return handle.error();
    auto secret = SecretKey::random();
    if (!secret) return secret.error();
    auto stored = this->roots_.put(this->store(), this->product(), *handle, 1, *secret, this->clock().now());
    if (!stored) return stored.error();
    if (auto put = this->store().put_index({uid_space, *value, *handle, {}}); !put) return put.error();
    return *handle;
  }

  Result<Ref<SubjectState>> remember(const Handle& handle, std::uint64_t epoch) {
    auto* made = new (std::nothrow) SubjectState(handle, epoch);
    if (made == nullptr) return Errc::no_memory;
    auto held = Ref<SubjectState>::adopt(made);
    subjects_.insert_or_assign(handle, held);
    return held;
  }

  IndexBook<Lazy> index_;
  UidIndex<Lazy> uids_;
  Atomic<std::int64_t> looked_{0};
  Atomic<std::uint64_t> changes_{0};
  Atomic<bool> dying_{false};
  Ordered<later<Handle, Lazy>, Ref<SubjectState>> subjects_;
};

}  // namespace custody::inline v0::detail
