// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include <custody/keys/held_wraps.hpp>
#include <custody/keys/ring_core.hpp>
#include <custody/keys/root_wraps.hpp>
#include <custody/words/lazy.hpp>
#include <custody/words/mutex.hpp>
#include <custody/words/ordered.hpp>

namespace custody::inline v0::detail {

/// The key hierarchy of a ring: the root wraps persons' keys, persons' keys wrap conversations', each in generations.
/// Thread-safe: one lock for the tables; releases take none.
template <class Lazy = void>
class RingKeys : public RingCore {
 public:
  /// A person's key of one generation (0: the newest). Errors: destroyed, unknown_key, tampered, those of the store.
  Result<Ref<ContentKey>> key_of(const Handle& handle, std::uint32_t generation) override {
    if (this->closed()) return Errc::ring_closed;
    const Lock lock(mutex_);
    auto wanted = resolve_generation(handle, generation);
    if (!wanted) return wanted.error();
    if (auto known = cached(handle, *wanted)) return known;
    auto secret = roots_.get(this->store(), this->product(), handle, *wanted);
    if (!secret) return secret.error();
    return hold_key(handle, *wanted, std::move(*secret));
  }

  Result<Ref<ContentKey>> conversation_key(const Handle& conversation, std::uint32_t generation) override {
    if (this->closed()) return Errc::ring_closed;
    auto wanted = resolve_generation(conversation, generation);
    if (!wanted) return wanted.error();
    if (auto known = cached(conversation, *wanted)) return known;
    auto holders = this->store().holders(conversation, *wanted);
    if (!holders) return holders.error();
    Error last{Errc::destroyed};
    if (holders->empty()) {
      auto newest = this->store().newest_generation(conversation);
      if (newest && *newest < *wanted) return Errc::unknown_key;  // begun by another process, and not seen here yet
    }
    for (const Handle& holder : *holders) {
      auto secret = held_secret(conversation, holder, *wanted);
      if (secret) return hold_key(conversation, *wanted, std::move(*secret));
      last = secret.error();
      if (last == Errc::tampered) break;
    }
    return last;
  }

  Result<Ref<ContentKey>> start_generation(const Handle& conversation, std::uint32_t generation,
                                           const Owners& owners) override {
    if (generation > last_generation) return Errc::budget_exhausted;
    auto secret = SecretKey::random();
    if (!secret) return secret.error();
    for (int attempt = 0; attempt != 8; ++attempt) {
      List<WrappedKey> wraps;  // made before the transaction: key_of takes the ring's lock, then the store's
      for (const Ref<SubjectState>& owner : owners) {
        auto wrap = wrap_for(conversation, generation, *secret, owner->handle());
        if (!wrap) return wrap.error();
        wraps.push_back(std::move(*wrap));
      }
      auto put = put_wraps(wraps);
      if (!put) return put.error();
      if (!*put) continue;
      for (WrappedKey& wrap : wraps) {
        if (auto settled = settle_wrap(wrap, *secret); !settled) return settled.error();
      }
      return hold_key(conversation, generation, std::move(*secret));
    }
    return Errc::locked;
  }

  Result<Ref<ContentKey>> new_generation(const Handle& person) override {
    if (auto known = key_of(person, 0); !known) return known;  // also tells a person from a conversation
    auto secret = SecretKey::random();
    if (!secret) return secret.error();
    const Lock lock(mutex_);
    if (auto begun = this->store().begin(); !begun) return begun.error();
    auto newest = this->store().newest_generation(person);
    auto put = newest ? Result<void>() : Result<void>(newest.error());
    if (put && *newest >= last_generation) put = Errc::budget_exhausted;
    if (put) put = roots_.put(this->store(), this->product(), person, *newest + 1, *secret, this->clock().now());
    if (!put) {
      this->store().rollback();
      return put.error();
    }
    if (auto done = this->store().commit(); !done) return done.error();
    return hold_key(person, *newest + 1, std::move(*secret));
  }

  Result<std::uint64_t> rewrap_held(const Handle& person) override {
    std::uint64_t moved = 0;
    Handle after{};
    std::uint32_t after_generation = 0;
    for (;;) {
      auto page = this->store().keys_held(person, after, after_generation, 256);
      if (!page) return page.error();
      if (page->empty()) return moved;
      for (const WrappedKey& held : *page) {
        auto done = rewrap_one(held.handle, person, held.generation);
        if (!done) return done.error();
        moved += *done ? 1U : 0U;
        after = held.handle;
        after_generation = held.generation;
      }
    }
  }

  Result<void> retire(const Handle& handle, std::uint32_t generation) override {
    if (this->closed()) return Errc::ring_closed;
    if (auto moved = rewrap_held(handle); !moved) return moved.error();
    const Lock lock(mutex_);
    if (auto begun = this->store().begin(); !begun) return begun;
    auto done = drop_generation(handle, generation);
    if (!done) {
      this->store().rollback();
      return done;
    }
    if (done = this->store().commit(); !done) return done;
    if (const auto known = keys_.find(KeyName{handle, generation}); !(known == keys_.end())) {
      known->second->retire();
      keys_.erase(known);
    }
    holders_.clear();
    return this->store().flush();
  }

  Result<Instant> key_created(const Handle& person) override {
    auto newest = resolve_generation(person, 0);
    if (!newest) return newest.error();
    for (const Ref<RootWrapping>& root : roots_.known()) {
      auto key = this->store().get_key(person, root_holder(root->generation), *newest);
      if (key) return key->created;
      if (!(key.error() == Errc::unknown_key)) return key.error();
    }
    return Errc::unknown_key;
  }

  RootWraps& roots() noexcept override { return roots_; }

  /// Whether a person still holds a wrap of a conversation's generation: a leaver does not. Cached until something changes.
  bool holds(const Handle& conversation, std::uint32_t generation, const Handle& person) override {
    const Lock lock(mutex_);
    auto known = holders_.find(KeyName{conversation, generation});
    if (known == holders_.end()) {
      auto stored = this->store().holders(conversation, generation);
      if (!stored || stored->empty()) return false;  // none is not remembered: another process may just have begun it
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
    const Lock lock(mutex_);
    holders_.clear();
    auto at = keys_.lower_bound(KeyName{conversation, 0});
    while (at != keys_.end() && at->first.handle == conversation) {
      auto held = this->store().holders(conversation, at->first.generation);
      if (held && !held->empty()) {
        ++at;
        continue;
      }
      at->second->end();  // the last one has left
      at = keys_.erase(at);
    }
    return {};
  }

  static constexpr std::size_t cache_limit = 65'536;

 protected:
  struct KeyName {
    Handle handle;
    std::uint32_t generation = 0;
    [[nodiscard]] friend constexpr auto operator<=>(const KeyName&, const KeyName&) noexcept = default;
  };

  explicit RingKeys(const RingConfig& config) : RingCore(config) {}

  /// Wipes a person's keys, whoever holds on to them. No use of theirs may be in flight, nor begin.
  void forget_keys(const Handle& handle) {
    const Lock lock(mutex_);
    auto at = keys_.lower_bound(KeyName{handle, 0});
    while (at != keys_.end() && at->first.handle == handle) {
      at->second->forget();
      at = keys_.erase(at);
    }
    holders_.clear();
  }
  /// The conversations' keys that a person holds and this process has at hand.
  [[nodiscard]] List<KeyName> cached_held(const Handle& person) {
    List<KeyName> names;
    WrappedKey last;
    for (;;) {
      auto page = this->store().keys_held(person, last.handle, last.generation, 256);
      if (!page || page->empty()) return names;
      const Lock lock(mutex_);
      for (const WrappedKey& held : *page) {
        const KeyName name{held.handle, held.generation};
        if (!(keys_.find(name) == keys_.end())) names.push_back(name);
      }
      last.handle = page->back().handle;
      last.generation = page->back().generation;
    }
  }
  /// Wipes those of the keys that nobody holds any more. They are marked before `nobody_uses_one` is asked: who enters
  /// later sees the mark. While somebody does use one, it stays until the last binding lets it go.
  template <class Idle>
  void forget_unheld(const List<KeyName>& names, Idle nobody_uses_one) {
    const Lock lock(mutex_);
    List<Ref<ContentKey>> unheld;
    for (const KeyName& name : names) {
      auto known = this->store().holders(name.handle, name.generation);
      const auto found = keys_.find(name);
      if (!known || !known->empty() || found == keys_.end()) continue;
      found->second->end();
      unheld.push_back(found->second);
      keys_.erase(found);
    }
    if (!nobody_uses_one()) return;
    for (const Ref<ContentKey>& key : unheld) key->forget();
  }

  RootWraps roots_;
  Mutex mutex_;
  Ordered<KeyName, Ref<ContentKey>> keys_;
  Ordered<KeyName, std::vector<later<Handle, Lazy>>> holders_;

 private:
  /// Looks up a cached key; null when it is not there.
  [[nodiscard]] Ref<ContentKey> cached(const Handle& handle, std::uint32_t generation) {
    const Lock lock(mutex_);
    const auto known = keys_.find(KeyName{handle, generation});
    return known == keys_.end() ? Ref<ContentKey>{} : known->second;
  }

  /// A conversation's secret as one member holds it.
  [[nodiscard]] Result<SecretKey> held_secret(const Handle& conversation, const Handle& holder,
                                              std::uint32_t generation) {
    auto stored = this->store().get_key(conversation, holder, generation);
    if (!stored) return stored.error();
    auto under = HeldWrap::under(*stored);
    auto own = under ? key_of(holder, *under) : Result<Ref<ContentKey>>(under.error());
    if (!own) return own.error();
    return HeldWrap::open(**own, this->product(), *stored);
  }
  /// Wraps what a member holds under the member's newest key, if it is not; false when nothing was to be done.
  [[nodiscard]] Result<bool> rewrap_one(const Handle& conversation, const Handle& holder, std::uint32_t generation) {
    for (int attempt = 0; attempt != 8; ++attempt) {
      auto stored = this->store().get_key(conversation, holder, generation);
      if (!stored) return gone(stored.error()) ? Result<bool>(false) : Result<bool>(stored.error());
      auto under = HeldWrap::under(*stored);
      if (!under) return under.error();
      auto own = key_of(holder, 0);
      if (!own) return gone(own.error()) ? Result<bool>(false) : Result<bool>(own.error());
      if ((*own)->generation() == *under) return attempt != 0;
      auto secret = held_secret(conversation, holder, generation);
      if (!secret) return secret.error();
      auto fresh = HeldWrap::seal(**own, this->product(), conversation, generation, *secret, stored->created);
      if (!fresh) return fresh.error();
      auto replaced = this->store().replace_key(*fresh, stored->wrapped);
      if (!replaced) return gone(replaced.error()) ? Result<bool>(false) : replaced;
    }
    return Errc::locked;
  }
  [[nodiscard]] static bool gone(const Error& error) noexcept {
    return error == Errc::unknown_key || error == Errc::destroyed;
  }
  /// Inside a transaction: drops a generation unless it is the newest or some wrap needs it.
  [[nodiscard]] Result<void> drop_generation(const Handle& handle, std::uint32_t generation) {
    auto newest = this->store().newest_generation(handle);
    if (!newest) return newest.error();
    if (generation == 0 || generation >= *newest) return Errc::in_use;
    WrappedKey last;
    for (;;) {
      auto page = this->store().keys_held(handle, last.handle, last.generation, 256);
      if (!page) return page.error();
      if (page->empty()) return this->store().drop_key(handle, generation);
      for (const WrappedKey& held : *page) {
        auto under = HeldWrap::under(held);
        if (!under) return under.error();
        if (*under == generation) return Errc::in_use;
      }
      last.handle = page->back().handle;
      last.generation = page->back().generation;
    }
  }

  /// Keeps an unwrapped key in the cache, which is bounded: keys that nothing refers to are dropped first.
  [[nodiscard]] Result<Ref<ContentKey>> hold_key(const Handle& handle, std::uint32_t generation, SecretKey secret) {
    const Lock lock(mutex_);
    if (keys_.size() >= cache_limit) evict();
    auto* made = new (std::nothrow) ContentKey(handle, generation, this->suite(), std::move(secret));
    if (made == nullptr) return Errc::no_memory;
    auto held = Ref<ContentKey>::adopt(made);
    keys_.insert_or_assign(KeyName{handle, generation}, held);
    return held;
  }

  /// Wipes the cached keys that no binding holds; the others stay known, so that an erasure reaches them.
  void evict() {
    for (auto at = keys_.begin(); at != keys_.end();) {
      if (at->second->shared()) {
        ++at;
      } else {
        at = keys_.erase(at);
      }
    }
  }

  /// Wraps a content key for one owner, under a key derived from the owner's own.
  [[nodiscard]] Result<WrappedKey> wrap_for(const Handle& conversation, std::uint32_t generation,
                                            const SecretKey& secret, const Handle& owner) {
    auto own = key_of(owner, 0);
    if (!own) return own.error();
    return HeldWrap::seal(**own, this->product(), conversation, generation, secret, this->clock().now());
  }
  /// Stores wraps, all or none; false, with nothing stored, when a holder's key was rotated meanwhile: what a retired key
  /// wraps would be lost.
  [[nodiscard]] Result<bool> put_wraps(const List<WrappedKey>& wraps) {
    if (auto begun = this->store().begin(); !begun) return begun.error();
    Result<bool> put = true;
    for (const WrappedKey& wrap : wraps) {
      auto newest = this->store().newest_generation(wrap.holder);
      auto under = HeldWrap::under(wrap);
      if (!newest || !under) put = newest ? under.error() : newest.error();
      if (put && *put) put = *newest == *under;
      if (!put || !*put) break;
    }
    for (const WrappedKey& wrap : wraps) {
      if (!put || !*put) break;
      if (auto done = this->store().put_key(wrap); !done) put = done.error();
    }
    if (!put || !*put) {
      this->store().rollback();
      return put;
    }
    if (auto done = this->store().commit(); !done) return done.error();
    return true;
  }
  /// Looks again after storing, for stores where each call stands alone.
  [[nodiscard]] Result<void> settle_wrap(WrappedKey& wrap, const SecretKey& secret) {
    for (int attempt = 0; attempt != 8; ++attempt) {
      auto newest = this->store().newest_generation(wrap.holder);
      auto under = HeldWrap::under(wrap);
      if (!newest || !under) return newest ? under.error() : gone(newest.error()) ? Result<void>() : newest.error();
      if (*newest == *under) return {};
      auto fresh = wrap_for(wrap.handle, wrap.generation, secret, wrap.holder);
      auto replaced = fresh ? this->store().replace_key(*fresh, wrap.wrapped) : Result<bool>(fresh.error());
      if (!replaced) return gone(replaced.error()) ? Result<void>() : Result<void>(replaced.error());
      if (!*replaced) return {};  // by a rotation, which had the same secret
      wrap = std::move(*fresh);
    }
    return Errc::locked;
  }

  [[nodiscard]] Result<std::uint32_t> resolve_generation(const Handle& handle, std::uint32_t generation) {
    if (generation != 0) return generation;
    auto newest = this->store().newest_generation(handle);
    if (newest && *newest == 0) return Errc::unknown_key;
    return newest;
  }
};

}  // namespace custody::inline v0::detail
