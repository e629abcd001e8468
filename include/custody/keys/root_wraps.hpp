// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/kdf.hpp>
#include <custody/keys/key_store.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/keys/wrap.hpp>
#include <custody/words/lazy.hpp>
#include <custody/words/list.hpp>
#include <custody/words/mutex.hpp>
#include <custody/words/ref.hpp>

namespace custody::inline v0::detail {

/// Names a root key in the key store; reveals nothing else about it.
using RootId = std::array<std::byte, 16>;

/// Who holds what a generation of the root wraps: zero for the first, else a number that no random handle looks like.
[[nodiscard]] constexpr Handle root_holder(std::uint32_t generation) noexcept {
  Handle holder{};
  for (std::size_t i = 0; generation != 1 && i != 4; ++i) {
    holder.bytes[15 - i] = static_cast<std::byte>(generation >> (8 * i));
  }
  return holder;
}
/// The handle of a key that belongs to the root rather than to anybody: a branch that outlives the root it grew from.
[[nodiscard]] inline Handle root_owned(std::string_view label) noexcept {
  Handle handle{};
  handle.bytes = blake2b<16>({as_bytes("custody.root.owned.1"), as_bytes(label)});
  return handle;
}
/// Under this handle a root generation keeps the wrapping key of the one before while keys move: the new root opens what
/// has not moved yet. There is none the other way: whoever has only the old root must not learn the new one.
inline constexpr std::string_view root_bridge = "bridge";
/// The branches of the root that must not change with it.
inline constexpr std::string_view root_branches[] = {"custody.ring.index", "custody.vault.ledger", "custody.vault.root",
                                                     "custody.audit.sign"};

/// Which root a key store belongs to, and which one it is moving to. Nothing is recorded before the first rotation.
struct RootState {
  bool recorded = false;
  std::uint32_t now = 1;
  RootId now_id{};
  std::uint32_t next = 0;  ///< 0: no rotation is under way
  RootId next_id{};
  std::uint32_t highest = 1;  ///< no number is used for a second root

  [[nodiscard]] friend bool operator==(const RootState&, const RootState&) noexcept = default;
  static constexpr std::string_view fact = "root.generations";

  template <class Lazy = void>
  [[nodiscard]] later<Bytes, Lazy> encode() const {
    later<Bytes, Lazy> out;
    Canonical(out).number(std::uint8_t{1}).number(now).raw(now_id).number(next).raw(next_id).number(highest);
    return out;
  }
  /// Errors: wrong_schema, malformed, those of the store.
  template <class Lazy = void>
  [[nodiscard]] static Result<later<RootState, Lazy>> load(KeyStore& store) {
    auto stored = store.get_fact(fact);
    RootState state;
    if (!stored && stored.error() == Errc::not_found) return state;
    if (!stored) return stored.error();
    CanonicalReader from(*stored);
    if (from.number<std::uint8_t>() != 1) return Error{Errc::wrong_schema, "root"};
    state.recorded = true;
    state.now = from.number<std::uint32_t>();
    read_id(from, state.now_id);
    state.next = from.number<std::uint32_t>();
    read_id(from, state.next_id);
    state.highest = from.number<std::uint32_t>();
    const bool good = from.at_end() && state.now != 0 && state.now <= state.highest && state.next <= state.highest;
    if (!good) return Error{Errc::malformed, "root"};
    return state;
  }

 private:
  static void read_id(CanonicalReader& from, RootId& out) noexcept {
    const ByteView bytes = from.raw(out.size());
    if (bytes.size() == out.size()) std::memcpy(out.data(), bytes.data(), out.size());
  }
};

/// The wrapping key of one generation of the root.
struct RootWrapping final : Counted {
  std::uint32_t generation = 1;
  RootId id{};
  SecretKey key;
};

/// What a wrap authenticates: the product, whose key, who holds it, its generation and age.
[[nodiscard]] inline Bytes wrap_context(std::string_view product, const WrappedKey& place) {
  Bytes context;
  Canonical(context)
      .part("custody.key.1")
      .part(product)
      .raw(place.handle.bytes)
      .raw(place.holder.bytes)
      .number(place.generation)
      .number(static_cast<std::uint64_t>(place.created.ms));
  return context;
}

/// The root generations that a process can use: its own, and through the bridge the one before while a rotation runs.
/// A key says by its holder which of them wraps it: nothing is tried. Thread-safe; calls the store without its lock.
template <class Lazy>
class BasicRootWraps {
 public:
  using Wrapping = Ref<RootWrapping>;

  [[nodiscard]] static Result<Wrapping> wrapping_of(const RootKey& root) {
    auto naming = root.derive("custody.root.id");
    if (!naming) return naming.error();
    auto key = root.derive("custody.ring.wrap");
    if (!key) return key.error();
    const Digest print = fingerprint(*naming);
    RootId id;
    std::memcpy(id.data(), print.data(), id.size());
    return made(1, id, std::move(*key));
  }
  /// Errors: wrong_root when the store has moved to another root, those of the store.
  [[nodiscard]] Result<void> open(KeyStore& store, const RootKey& root) {
    auto mine = wrapping_of(root);
    if (!mine) return mine.error();
    auto state = RootState::load<Lazy>(store);
    if (!state) return state.error();
    if (state->recorded) {
      const bool now = (*mine)->id == state->now_id;
      if (!now && (state->next == 0 || (*mine)->id != state->next_id)) return Error{Errc::wrong_root, "keys"};
      (*mine)->generation = now ? state->now : state->next;
    }
    hold(std::move(*mine));
    return follow(store);
  }
  /// Crosses the bridge if there is one. Errors: wrong_root when the store has moved on without us.
  [[nodiscard]] Result<void> follow(KeyStore& store) {
    auto state = RootState::load<Lazy>(store);
    if (!state) return state.error();
    if (!state->recorded || find(state->now)) return {};
    const Wrapping next = state->next == 0 ? Wrapping() : find(state->next);
    if (!next) return Error{Errc::wrong_root, "keys"};
    auto stored = store.get_key(root_owned(root_bridge), root_holder(state->next), state->now);
    if (!stored) return stored.error();
    auto key = unwrap(*stored, *next, {});
    if (!key) return key.error();
    auto wrapping = made(state->now, state->now_id, std::move(*key));
    if (!wrapping) return wrapping.error();
    hold(std::move(*wrapping));
    return {};
  }

  /// Opens a key that a root wraps. Errors: unknown_key, wrong_root, destroyed, tampered, those of the store.
  [[nodiscard]] Result<SecretKey> get(KeyStore& store, std::string_view product, const Handle& handle,
                                      std::uint32_t generation) {
    for (int attempt = 0; attempt != 2; ++attempt) {
      for (const Wrapping& wrapping : known()) {
        auto stored = store.get_key(handle, root_holder(wrapping->generation), generation);
        if (stored) return unwrap(*stored, *wrapping, product);
        if (!(stored.error() == Errc::unknown_key)) return stored.error();
      }
      if (auto followed = follow(store); !followed) return followed.error();
    }
    return Errc::unknown_key;
  }
  /// Stores a fresh key under today's root, and under the next one as well while a rotation runs and we know it. Looks
  /// again afterwards: a root may have gone meanwhile in a store without transactions. Errors: wrong_root, already_there.
  [[nodiscard]] Result<void> put(KeyStore& store, std::string_view product, const Handle& handle,
                                 std::uint32_t generation, const SecretKey& secret, Instant created) {
    for (int attempt = 0; attempt != 4; ++attempt) {
      if (auto followed = follow(store); !followed) return followed;
      auto state = RootState::load<Lazy>(store);
      if (!state) return state.error();
      for (const std::uint32_t root : {state->now, state->next}) {
        const Wrapping wrapping = root == 0 ? Wrapping() : find(root);
        if (!wrapping && root == state->now) return Error{Errc::wrong_root, "keys"};
        if (!wrapping) continue;
        auto wrapped = wrap(*wrapping, product, handle, generation, secret, created);
        if (!wrapped) return wrapped.error();
        auto put = store.put_key(*wrapped);
        const bool taken = !put && put.error() == Errc::already_there && (attempt != 0 || root != state->now);
        if (!put && !taken) return put;
      }
      auto after = RootState::load<Lazy>(store);
      if (!after) return after.error();
      if (*after == *state) return {};
    }
    return Errc::locked;
  }

  [[nodiscard]] static Result<WrappedKey> wrap(const RootWrapping& root, std::string_view product, const Handle& handle,
                                               std::uint32_t generation, const SecretKey& secret, Instant created) {
    WrappedKey key{handle, root_holder(root.generation), generation, created, {}, fingerprint(secret)};
    auto wrapped = wrap_key(root.key, secret, wrap_context(product, key));
    if (!wrapped) return wrapped.error();
    key.wrapped = std::move(*wrapped);
    return key;
  }
  /// Errors: tampered.
  [[nodiscard]] static Result<SecretKey> unwrap(const WrappedKey& stored, const RootWrapping& root,
                                                std::string_view product) {
    auto secret = unwrap_key(root.key, stored.wrapped, wrap_context(product, stored));
    if (!secret) return secret;
    if (!constant_time_equal(fingerprint(*secret), stored.fingerprint)) return Errc::tampered;
    return secret;
  }

  void hold(Wrapping wrapping) {
    const Lock lock(mutex_);
    for (Wrapping& each : known_) {
      if (each->generation != wrapping->generation) continue;
      each = std::move(wrapping);
      return;
    }
    known_.push_back(std::move(wrapping));
  }
  void forget(std::uint32_t generation) {
    const Lock lock(mutex_);
    List<Wrapping> rest;
    for (const Wrapping& each : known_) {
      if (each->generation != generation) rest.push_back(each);
    }
    known_ = std::move(rest);
  }
  /// Null when this process does not have it.
  [[nodiscard]] Wrapping find(std::uint32_t generation) const {
    const Lock lock(mutex_);
    for (const Wrapping& each : known_) {
      if (each->generation == generation) return each;
    }
    return {};
  }
  [[nodiscard]] List<Wrapping> known() const {
    const Lock lock(mutex_);
    return known_;
  }

 private:
  [[nodiscard]] static Result<Wrapping> made(std::uint32_t generation, const RootId& id, SecretKey key) {
    auto* fresh = new (std::nothrow) RootWrapping;
    if (fresh == nullptr) return Errc::no_memory;
    fresh->generation = generation;
    fresh->id = id;
    fresh->key = std::move(key);
    return Wrapping::adopt(fresh);
  }
  mutable Mutex mutex_;
  List<Wrapping> known_;
};
using RootWraps = BasicRootWraps<void>;

/// A branch of the root that stays what it was when the root is rotated. Errors: wrong_root, those of the store.
template <class Lazy = void>
[[nodiscard]] Result<SecretKey> root_branch(KeyStore& store, const RootKey& root, std::string_view label) {
  auto state = RootState::load<Lazy>(store);
  if (!state) return state.error();
  if (!state->recorded) return root.derive(label);
  BasicRootWraps<Lazy> wraps;
  if (auto opened = wraps.open(store, root); !opened) return opened.error();
  return wraps.get(store, {}, root_owned(label), 1);
}

}  // namespace custody::inline v0::detail
