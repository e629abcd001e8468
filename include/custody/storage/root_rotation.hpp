// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/keys/ring_core.hpp>
#include <custody/keys/root_wraps.hpp>

namespace custody::inline v0 {

/// How far a root rotation is: keys wrapped again and old wraps removed, of all there are to do.
struct RootRotation {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::uint64_t failed = 0;  ///< keys that today's root does not open: while there are any, it is not given up
  bool complete = false;     ///< the old root opens nothing any more
};

namespace detail {

/// Moves a key store from one root to another while everybody goes on. First every key gets a second wrap, under the new
/// root, beside the first: both roots open everything. Then one transaction makes the new root the only one, and the old
/// wraps are removed. Whatever stops it, the next call goes on from what is there.
template <class Lazy, class Progress>
class RootRotator {
 public:
  RootRotator(RingCore& core, Progress& progress) noexcept
      : core_(core), store_(core.store()), roots_(core.roots()), progress_(progress) {}

  [[nodiscard]] Result<later<RootRotation, Lazy>> run(const RootKey& from, const RootKey& to) {
    if (core_.closed()) return Errc::ring_closed;
    if (auto told = tell("root begins", true, Errc::unset); !told) return told.error();
    auto done = rotate(from, to);
    if (!done) {
      if (auto told = tell("root", false, done.error().code); !told) return told.error();
      return done.error();
    }
    if (report_.complete) {
      if (auto told = tell("root ends", true, Errc::unset); !told) return told.error();
    }
    return report_;
  }

 private:
  using Wrapping = Ref<RootWrapping>;
  static constexpr std::uint64_t page = 256;

  [[nodiscard]] Result<void> rotate(const RootKey& from, const RootKey& to) {
    if (auto begun = in_transaction([&] { return begin(from, to); }); !begun) return begun;
    if (state_.next != 0) {
      auto count = store_.held_count(root_holder(state_.now));
      if (!count) return count.error();
      report_.total = *count * 2;
      if (auto copied = copy_all(false); !copied || stopped_) return copied;
      const std::uint32_t old = state_.now;
      if (auto flipped = in_transaction([&] { return flip(to); }); !flipped) return flipped;
      if (auto removed = remove_others(); !removed || stopped_) return removed;
      roots_.forget(old);
    } else {
      auto removed = remove_others();
      if (!removed || stopped_) return removed;
    }
    if (auto flushed = store_.flush(); !flushed) return flushed;
    report_.complete = report_.failed == 0;
    return report_.complete ? Result<void>() : Result<void>(Error{Errc::tampered, "keys"});
  }

  template <class Work>
  [[nodiscard]] Result<void> in_transaction(Work work) {
    if (auto begun = store_.begin(); !begun) return begun;
    auto done = work();
    if (done) return store_.commit();
    store_.rollback();
    return done;
  }
  [[nodiscard]] Result<void> save() {
    const later<Bytes, Lazy> bytes = state_.template encode<Lazy>();
    return store_.put_fact(RootState::fact, bytes);
  }
  /// Whether somebody else ended or turned the rotation meanwhile.
  [[nodiscard]] Result<void> still_so() {
    auto state = RootState::load<Lazy>(store_);
    if (!state) return state.error();
    return *state == state_ ? Result<void>() : Result<void>(Error{Errc::already_there, "root"});
  }

  /// Finds out where the store is on the way from one root to the other, and takes the first step if it is nowhere.
  [[nodiscard]] Result<void> begin(const RootKey& from, const RootKey& to) {
    auto source = RootWraps::wrapping_of(from);
    auto target = RootWraps::wrapping_of(to);
    if (!source || !target) return source ? target.error() : source.error();
    auto state = RootState::load<Lazy>(store_);
    if (!state) return state.error();
    state_ = *state;
    if (!state_.recorded) {
      const Wrapping own = roots_.find(1);
      if (!own || own->id != (*source)->id) return Error{Errc::wrong_root, "from"};
      if (auto opens = opens_something(**source); !opens) return opens;
      state_.now_id = own->id;
    }
    if ((*target)->id == state_.now_id) {  // done before, or taken back
      (*target)->generation = state_.now;
      roots_.hold(std::move(*target));
      state_.next = 0;
      return state_.recorded ? save() : Result<void>();
    }
    if (state_.next != 0) {
      if ((*target)->id != state_.next_id) return Error{Errc::already_there, "root"};
      (*target)->generation = state_.next;
      roots_.hold(std::move(*target));
      return roots_.follow(store_);
    }
    if ((*source)->id != state_.now_id) return Error{Errc::wrong_root, "from"};
    (*source)->generation = state_.now;
    return start(from, std::move(*source), std::move(*target));
  }
  [[nodiscard]] Result<void> start(const RootKey& from, Wrapping source, Wrapping target) {
    if (!state_.recorded) {
      for (const std::string_view label : root_branches) {
        auto branch = from.derive(label);
        if (!branch) return branch.error();
        if (auto put = put_owned(*source, label, 1, *branch); !put) return put;
      }
    }
    state_.recorded = true;
    state_.next = ++state_.highest;
    state_.next_id = target->id;
    target->generation = state_.next;
    if (auto put = put_owned(*target, root_bridge, state_.now, source->key); !put) return put;
    if (auto saved = save(); !saved) return saved;
    roots_.hold(std::move(source));
    roots_.hold(std::move(target));
    return {};
  }
  [[nodiscard]] Result<void> put_owned(const RootWrapping& root, std::string_view label, std::uint32_t generation,
                                       const SecretKey& secret) {
    auto key = RootWraps::wrap(root, {}, root_owned(label), generation, secret, core_.clock().now());
    if (!key) return key.error();
    auto put = store_.put_key(*key);
    return put || put.error() == Errc::already_there ? Result<void>() : put;
  }
  /// A ring over a store that was never rotated opens with any root: some key must open, though one may be damaged.
  /// Errors: wrong_root.
  [[nodiscard]] Result<void> opens_something(const RootWrapping& root) {
    auto some = store_.keys_held(root_holder(1), {}, 0, page);
    if (!some) return some.error();
    for (const WrappedKey& key : *some) {
      if (RootWraps::unwrap(key, root, product_of(key))) return {};
    }
    return some->empty() ? Result<void>() : Result<void>(Error{Errc::wrong_root, "from"});
  }
  [[nodiscard]] std::string_view product_of(const WrappedKey& key) const noexcept {
    for (const std::string_view label : root_branches) {
      if (key.handle == root_owned(label)) return {};
    }
    return core_.product();
  }

  /// Calls `use` for every page that a root holds, in a transaction each. Progress is told between them: the host may
  /// use the store, and a call of its own that fails must not undo the page.
  template <class Use>
  [[nodiscard]] Result<void> each_page(std::uint32_t root, bool counted, Use use) {
    WrappedKey last;
    for (std::uint64_t got = page; got == page && !stopped_;) {
      auto done = in_transaction([&]() -> Result<void> {
        if (auto same = still_so(); !same) return same;
        auto keys = store_.keys_held(root_holder(root), last.handle, last.generation, page);
        if (!keys) return keys.error();
        got = keys->size();
        if (got == 0) return {};
        last.handle = keys->back().handle;
        last.generation = keys->back().generation;
        return use(*keys);
      });
      if (!done) return done;
      if (counted && got != 0) go_on(got);
    }
    return {};
  }
  /// Gives every key its second wrap. `last`: as part of the step that ends it, when all were counted already.
  [[nodiscard]] Result<void> copy_all(bool last) {
    report_.failed = 0;
    return each_page(state_.now, !last, [&](const std::vector<WrappedKey>& keys) -> Result<void> {
      for (const WrappedKey& key : keys) {
        if (auto copied = copy(key, state_.now, state_.next); !copied) return copied;
      }
      return {};
    });
  }
  [[nodiscard]] Result<void> copy(const WrappedKey& key, std::uint32_t old, std::uint32_t fresh) {
    auto there = store_.get_key(key.handle, root_holder(fresh), key.generation);
    if (there || there.error() == Errc::destroyed) return {};
    if (!(there.error() == Errc::unknown_key)) return there.error();
    const Wrapping source = roots_.find(old);
    const Wrapping target = roots_.find(fresh);
    const std::string_view product = product_of(key);
    auto secret = source && target ? RootWraps::unwrap(key, *source, product) : Result<SecretKey>(Errc::tampered);
    if (!secret) {
      ++report_.failed;
      return {};
    }
    auto wrapped = RootWraps::wrap(*target, product, key.handle, key.generation, *secret, key.created);
    if (!wrapped) return wrapped.error();
    auto put = store_.put_key(*wrapped);
    if (!put && put.error() != Errc::already_there && put.error() != Errc::destroyed) return put;
    if (!put || state_.next == 0) return {};
    auto before = store_.get_key(key.handle, root_holder(old), key.generation);
    const bool retired = !before && before.error() == Errc::unknown_key && still_so();  // while it was copied
    return retired ? store_.drop_key(key.handle, key.generation) : Result<void>();
  }
  /// The step after which only the new root counts.
  [[nodiscard]] Result<void> flip(const RootKey& to) {
    if (auto copied = copy_all(true); !copied) return copied;
    if (report_.failed != 0) return Error{Errc::tampered, "keys", report_.failed};
    const std::uint32_t old = state_.now;
    state_.now = std::exchange(state_.next, 0U);
    state_.now_id = std::exchange(state_.next_id, RootId{});
    const later<Bytes, Lazy> bytes = state_.template encode<Lazy>();
    auto moved = store_.change_root(to, root_holder(old), RootState::fact, bytes);
    if (!moved) return moved.error();
    if (!*moved) {
      if (auto saved = store_.put_fact(RootState::fact, bytes); !saved) return saved;
    }
    return store_.drop_key(root_owned(root_bridge), old);
  }
  /// Removes what any other root holds. A key that came in at the last moment still gets its second wrap.
  [[nodiscard]] Result<void> remove_others() {
    for (std::uint32_t root = 1; root <= state_.highest && !stopped_; ++root) {
      if (root == state_.now) continue;
      auto removed = each_page(root, true, [&](const std::vector<WrappedKey>& keys) -> Result<void> {
        for (const WrappedKey& key : keys) {
          const std::uint64_t failed = report_.failed;
          const bool ours = key.handle != root_owned(root_bridge) && root < state_.now;
          if (auto copied = ours ? copy(key, root, state_.now) : Result<void>(); !copied) return copied;
          if (report_.failed != failed) continue;
          if (auto gone = store_.drop_wrap(key.handle, root_holder(root)); !gone) return gone;
        }
        return {};
      });
      if (!removed) return removed;
    }
    return {};
  }
  void go_on(std::uint64_t more) {
    report_.done += more;
    if (report_.total < report_.done) report_.total = report_.done;
    stopped_ = !progress_(static_cast<const RootRotation&>(report_));
  }

  [[nodiscard]] Result<void> tell(const char* place, bool granted, Errc reason) {
    Event event;
    event.verb = Verb::rotate;
    event.granted = granted;
    if (!granted) event.reason = reason;
    event.place = place;
    event.level = Level::grade4;
    return core_.record<Lazy>(event);
  }

  RingCore& core_;
  KeyStore& store_;
  RootWraps& roots_;
  Progress& progress_;
  RootState state_;
  RootRotation report_;
  bool stopped_ = false;
};

}  // namespace detail

/// Moves a key ring or a vault to another root while it and other processes go on. Keep both roots until `complete`; call
/// it again with the same roots, from a ring opened with either, after whatever stopped it; from one that still has the
/// old root afterwards it only takes the new one over. `progress(const RootRotation&)` is called after each batch of 256 and
/// returns whether to go on. Naming the old root as `to` takes a rotation back that is not past its last step. In evidence
/// at begin and end. Cost: about a microsecond and two small writes per person. Errors: wrong_root, already_there while
/// another root is on its way in, tampered for keys that do not open, locked, those of the store.
template <class Keeper, class Progress>
[[nodiscard]] Result<RootRotation> rotate_root(Keeper& keeper, const RootKey& from, const RootKey& to,
                                               Progress progress) {
  return detail::RootRotator<detail::later<void, Keeper>, Progress>(*keeper.core(), progress).run(from, to);
}
template <class Keeper>
[[nodiscard]] Result<RootRotation> rotate_root(Keeper& keeper, const RootKey& from, const RootKey& to) {
  return rotate_root(keeper, from, to, [](const RootRotation&) { return true; });
}

}  // namespace custody::inline v0
