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
#include <custody/keys/ring_core.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/keys/uid_index.hpp>
#include <custody/keys/wrap.hpp>
#include <custody/words/atomic.hpp>
#include <custody/words/lazy.hpp>
#include <custody/words/mutex.hpp>
#include <custody/words/ordered.hpp>

namespace custody::inline v0::detail {

/// The key hierarchy at work: root wraps persons' keys, persons' keys wrap conversations'. A template only so that a
/// header that never opens a ring does not compile it. Thread-safe: one lock for the tables; releases take none.
template <class Lazy = void>
class RingEngine final : public RingCore {
 public:
  /// Errors: suite_unavailable, no_memory.
  [[nodiscard]] static Result<Ref<RingCore>> open(const RingConfig& config, const RootKey& root) {
    if (!suite_available(config.suite)) return Errc::suite_unavailable;
    auto wrapping = root.derive("custody.ring.wrap");
    if (!wrapping) return wrapping.error();
    auto index = root.derive("custody.ring.index");
    if (!index) return index.error();
    auto* made = new (std::nothrow) RingEngine(config, std::move(*wrapping), std::move(*index));
    if (made == nullptr) return Errc::no_memory;
    return Ref<RingCore>::adopt(made);
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

  /// A person's key of one generation (0: the newest). Errors: destroyed, unknown_key, tampered, those of the store.
  Result<Ref<ContentKey>> key_of(const Handle& handle, std::uint32_t generation) override {
    if (this->closed()) return Errc::ring_closed;
    const Lock lock(mutex_);
    auto wanted = resolve_generation(handle, generation);
    if (!wanted) return wanted.error();
    if (auto known = cached(handle, *wanted)) return known;
    return unwrap_held(handle, Handle{}, *wanted, wrapping_);
  }

  Result<Ref<ContentKey>> conversation_key(const Handle& conversation, std::uint32_t generation) override {
    if (this->closed()) return Errc::ring_closed;
    auto wanted = resolve_generation(conversation, generation);
    if (!wanted) return wanted.error();
    if (auto known = cached(conversation, *wanted)) return known;
    auto holders = this->store().holders(conversation, *wanted);
    if (!holders) return holders.error();
    Error last{Errc::destroyed};
    for (const Handle& holder : *holders) {
      auto own = key_of(holder, 0);
      if (!own) {
        last = own.error();
        continue;
      }
      auto wrapping = (*own)->wrapping_key();
      if (!wrapping) return wrapping.error();
      return unwrap_held(conversation, holder, *wanted, *wrapping);
    }
    return last;
  }

  Result<Ref<ContentKey>> start_generation(const Handle& conversation, std::uint32_t generation,
                                           const Owners& owners) override {
    auto secret = SecretKey::random();
    if (!secret) return secret.error();
    List<WrappedKey> wraps;  // made before the transaction: key_of takes the ring's lock, then the store's
    for (const Ref<SubjectState>& owner : owners) {
      auto wrap = wrap_for(conversation, generation, *secret, *owner);
      if (!wrap) return wrap.error();
      wraps.push_back(std::move(*wrap));
    }
    if (auto begun = this->store().begin(); !begun) return begun.error();
    for (const WrappedKey& wrap : wraps) {
      if (auto put = this->store().put_key(wrap); !put) {
        this->store().rollback();
        return put.error();
      }
    }
    if (auto done = this->store().commit(); !done) return done.error();
    return hold_key(conversation, generation, std::move(*secret));
  }

  /// Whether a person still holds a wrap of a conversation's generation: a leaver does not. Cached until something changes.
  bool holds(const Handle& conversation, std::uint32_t generation, const Handle& person) override {
    const Lock lock(mutex_);
    auto known = holders_.find(KeyName{conversation, generation});
    if (known == holders_.end()) {
      auto stored = this->store().holders(conversation, generation);
      if (!stored) return false;
      if (holders_.size() >= cache_limit) holders_.clear();
      known = holders_.insert(KeyName{conversation, generation}, std::move(*stored));
    }
    for (const Handle& holder : known->second) {
      if (holder == person) return true;
    }
    return false;
  }

  /// Takes every wrap of a conversation from a person; from then on no permit of the person opens its rows.
  Result<void> drop_holder(const Handle& conversation, SubjectState& person) override {
    if (auto done = this->store().drop_wrap(conversation, person.handle()); !done) return done;
    forget_keys(conversation);
    return {};
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
    if (auto done = this->store().destroy(state.handle(), this->clock().now()); !done) {
      state.set_life(before);
      return done.error();
    }
    state.set_life(Life::gone);
    forget_keys(state.handle(), true);
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
    if (changes_.exchange(count, Order::relaxed) == count) return;
    const Lock lock(mutex_);
    holders_.clear();
    for (auto& [handle, state] : subjects_) {
      auto epoch = this->store().epoch(handle);
      if (epoch) {
        state->set_epoch(*epoch);
      } else if (epoch.error() == Errc::destroyed) {
        state->set_life(Life::gone);
      }
    }
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
    keys_.clear();
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

  static constexpr std::size_t cache_limit = 65'536;

 private:
  struct KeyName {
    Handle handle;
    std::uint32_t generation = 0;
    [[nodiscard]] friend constexpr auto operator<=>(const KeyName&, const KeyName&) noexcept = default;
  };

  RingEngine(const RingConfig& config, SecretKey wrapping, SecretKey index_root)
      : RingCore(config),
        wrapping_(std::move(wrapping)),
        index_(*config.store, config.product, std::move(index_root)),
        uids_(*config.store, index_) {}

  /// Looks up a cached key; null when it is not there.
  [[nodiscard]] Ref<ContentKey> cached(const Handle& handle, std::uint32_t generation) {
    const Lock lock(mutex_);
    const auto known = keys_.find(KeyName{handle, generation});
    return known == keys_.end() ? Ref<ContentKey>{} : known->second;
  }

  /// Unwraps one stored key, checks its fingerprint and keeps it.
  [[nodiscard]] Result<Ref<ContentKey>> unwrap_held(const Handle& handle, const Handle& holder,
                                                    std::uint32_t generation, const SecretKey& wrapping) {
    auto stored = this->store().get_key(handle, holder, generation);
    if (!stored) return stored.error();
    auto secret = unwrap_key(wrapping, stored->wrapped, wrap_context(handle, holder, generation, stored->created));
    if (!secret) return secret.error();
    if (fingerprint(*secret) != stored->fingerprint) return Errc::tampered;
    return hold_key(handle, generation, std::move(*secret));
  }

  /// Wraps a fresh key for a holder.
  [[nodiscard]] Result<WrappedKey> wrapped_for(const Handle& handle, const Handle& holder, std::uint32_t generation,
                                               const SecretKey& secret, const SecretKey& wrapping) {
    const Instant created = this->clock().now();
    auto wrapped = wrap_key(wrapping, secret, wrap_context(handle, holder, generation, created));
    if (!wrapped) return wrapped.error();
    return WrappedKey{handle, holder, generation, created, std::move(*wrapped), fingerprint(secret)};
  }
  /// Wraps a fresh key for a holder and stores it.
  [[nodiscard]] Result<void> store_wrapped(const Handle& handle, const Handle& holder, std::uint32_t generation,
                                           const SecretKey& secret, const SecretKey& wrapping) {
    auto wrap = wrapped_for(handle, holder, generation, secret, wrapping);
    if (!wrap) return wrap.error();
    return this->store().put_key(*wrap);
  }

  /// Keeps an unwrapped key in the cache, which is bounded: keys that nothing refers to are dropped first.
  [[nodiscard]] Result<Ref<ContentKey>> hold_key(const Handle& handle, std::uint32_t generation, SecretKey secret) {
    const Lock lock(mutex_);
    if (keys_.size() >= cache_limit) keys_.clear();  // bindings hold their own references
    auto* made = new (std::nothrow) ContentKey(handle, generation, this->suite(), std::move(secret));
    if (made == nullptr) return Errc::no_memory;
    auto held = Ref<ContentKey>::adopt(made);
    keys_.insert_or_assign(KeyName{handle, generation}, held);
    return held;
  }

  /// A fresh random handle. Errors: no_randomness.
  [[nodiscard]] static Result<Handle> fresh_handle() noexcept {
    Handle handle;
    if (!draw_nonce(handle.bytes, true)) return Errc::no_randomness;
    return handle;
  }

  /// Drops every cached key of a handle, and every cached conversation key: they are unwrapped again where still held.
  void forget_keys(const Handle& handle, bool idle = false) {
    const Lock lock(mutex_);
    for (auto& [name, key] : keys_) {
      if (idle && name.handle == handle) key->forget();
    }
    keys_.clear();
    holders_.clear();
  }

  /// Wraps a content key for one owner, under a key derived from the owner's own.
  [[nodiscard]] Result<WrappedKey> wrap_for(const Handle& conversation, std::uint32_t generation,
                                            const SecretKey& secret, SubjectState& owner) {
    auto own = key_of(owner.handle(), 0);
    if (!own) return own.error();
    auto wrapping = (*own)->wrapping_key();
    if (!wrapping) return wrapping.error();
    return wrapped_for(conversation, owner.handle(), generation, secret, *wrapping);
  }

  [[nodiscard]] Bytes wrap_context(const Handle& handle, const Handle& holder, std::uint32_t generation,
                                   Instant created) const {
    Bytes context;
    Canonical(context)
        .part("custody.key.1")
        .part(this->product())
        .raw(handle.bytes)
        .raw(holder.bytes)
        .number(generation)
        .number(static_cast<std::uint64_t>(created.ms));
    return context;
  }

  [[nodiscard]] Result<Handle> enrol_in_transaction(std::string_view uid) {
    auto value = uids_.place_for(uid);
    if (!value) return value.error();
    auto handle = fresh_handle();
    if (!handle) return handle.error();
    auto secret = SecretKey::random();
    if (!secret) return secret.error();
    if (auto put = store_wrapped(*handle, Handle{}, 1, *secret, wrapping_); !put) return put.error();
    if (auto put = this->store().put_index({uid_space, *value, *handle, {}}); !put) return put.error();
    return *handle;
  }

  [[nodiscard]] Result<std::uint32_t> resolve_generation(const Handle& handle, std::uint32_t generation) {
    if (generation != 0) return generation;
    auto newest = this->store().newest_generation(handle);
    if (newest && *newest == 0) return Errc::unknown_key;
    return newest;
  }

  Result<Ref<SubjectState>> remember(const Handle& handle, std::uint64_t epoch) {
    auto* made = new (std::nothrow) SubjectState(handle, epoch);
    if (made == nullptr) return Errc::no_memory;
    auto held = Ref<SubjectState>::adopt(made);
    subjects_.insert_or_assign(handle, held);
    return held;
  }

  const SecretKey wrapping_;
  IndexBook<Lazy> index_;
  UidIndex<Lazy> uids_;
  Atomic<std::int64_t> looked_{0};
  Atomic<std::uint64_t> changes_{0};
  Mutex mutex_;
  Ordered<later<Handle, Lazy>, Ref<SubjectState>> subjects_;
  Ordered<KeyName, Ref<ContentKey>> keys_;
  Ordered<KeyName, std::vector<later<Handle, Lazy>>> holders_;
};

}  // namespace custody::inline v0::detail
