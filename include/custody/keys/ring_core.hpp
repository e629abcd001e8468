// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <custody/crypto/blind_index.hpp>
#include <custody/crypto/entropy.hpp>
#include <custody/keys/content_key.hpp>
#include <custody/keys/index_state.hpp>
#include <custody/keys/key_store.hpp>
#include <custody/keys/product_suite.hpp>
#include <custody/keys/subject_state.hpp>
#include <custody/keys/witness.hpp>
#include <custody/words/atomic.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/lazy.hpp>
#include <custody/words/list.hpp>

namespace custody::inline v0 {

class Authority;

namespace detail {

template <class Lazy>
class BasicRootWraps;

/// What a ring stands on; everything is borrowed and must outlive the ring.
struct RingConfig {
  KeyStore* store = nullptr;
  Witness* witness = nullptr;
  const Clock* clock = nullptr;
  Authority* authority = nullptr;
  std::string_view product;
  SuiteId suite = SuiteId::xchacha20_poly1305;
  SuiteFloor suite_floor;
};

/// The owners of a row, in handle order and once each.
using Owners = List<Ref<SubjectState>>;

/// Index space of user ids; fields use record * 65536 + number.
inline constexpr std::uint32_t uid_space = 0;

/// A fresh handle from the kernel. Errors: no_randomness.
[[nodiscard]] inline Result<Handle> random_handle() noexcept {
  Handle handle;
  if (!draw_nonce(handle.bytes, true)) return Errc::no_randomness;
  return handle;
}

/// The run-time half of a key ring as fields see it, shared by permits and bindings, which may outlive it: after `close`
/// all fail with ring_closed. Thread-safe. What looks keys up is virtual, so that a model header that only declares
/// fields does not pay for it.
class __attribute__((visibility("default"))) RingCore : public Counted {
 public:
  virtual ~RingCore() = default;

  [[nodiscard]] KeyStore& store() const noexcept { return *config_.store; }
  [[nodiscard]] std::string_view product() const noexcept { return product_; }
  [[nodiscard]] SuiteId suite() const noexcept { return config_.suite; }
  [[nodiscard]] bool suite_fits(SuiteId suite, Level level) const noexcept {
    return config_.suite_floor.allows(suite, level);
  }
  [[nodiscard]] Authority* authority() const noexcept { return config_.authority; }
  [[nodiscard]] const Clock& clock() const noexcept { return *config_.clock; }
  [[nodiscard]] bool closed() const noexcept { return closed_.load(Order::seq_cst); }
  [[nodiscard]] std::uint64_t policy_version() const noexcept { return policy_version_.load(Order::seq_cst); }
  void raise_policy_version() noexcept { policy_version_.fetch_add(1, Order::seq_cst); }

  /// The time, unless it runs backwards by more than the tolerance (a clock set back would revive what expired).
  [[nodiscard]] Result<Instant> now() const noexcept {
    const Instant at = config_.clock->now();
    std::int64_t highest = latest_.load(Order::relaxed);
    while (highest < at.ms && !latest_.compare_exchange_weak(highest, at.ms, Order::relaxed)) {
    }
    if (at.ms < highest - clock_tolerance.ms) return Errc::clock_set_back;
    return at;
  }
  /// Tells the ring a time that has been, for instance from the last run.
  void was_at(Instant at) const noexcept {
    std::int64_t highest = latest_.load(Order::relaxed);
    while (highest < at.ms && !latest_.compare_exchange_weak(highest, at.ms, Order::relaxed)) {
    }
  }
  [[nodiscard]] Instant latest() const noexcept { return {latest_.load(Order::relaxed)}; }

  /// Writes evidence; the time is filled in where the caller has not looked at the clock. Errors: evidence_unwritable and ring_closed.
  template <class Lazy = void>
  [[nodiscard]] Result<void> record(later<Event, Lazy>* events, std::size_t count) const noexcept {
    if (closed() || config_.witness == nullptr) return Errc::ring_closed;
    for (std::size_t i = 0; i != count; ++i) {
      if (events[i].at.ms == 0) events[i].at = config_.clock->now();
    }
    const std::span<const later<Event, Lazy>> written(events, count);
    if (auto done = config_.witness->record(written); !done) return Errc::evidence_unwritable;
    return {};
  }
  template <class Lazy = void>
  [[nodiscard]] Result<void> record(later<Event, Lazy>& event) const noexcept {
    return record<Lazy>(&event, 1);
  }

  /// Gives a person a random handle and a key. Errors: already_there, no_randomness, those of the key store.
  [[nodiscard]] virtual Result<Ref<SubjectState>> enrol(std::string_view uid) = 0;
  /// The person behind a user id. Errors: not_found.
  [[nodiscard]] virtual Result<Ref<SubjectState>> find(std::string_view uid) = 0;
  /// The state of a handle. Errors: destroyed, unknown_key.
  [[nodiscard]] virtual Result<Ref<SubjectState>> state_of(const Handle& handle) = 0;
  /// A person's key of one generation (0: the newest). Errors: destroyed, unknown_key, tampered, those of the store.
  [[nodiscard]] virtual Result<Ref<ContentKey>> key_of(const Handle& handle, std::uint32_t generation) = 0;
  /// A conversation's key of one generation (0: the newest), through any owner who still holds a wrap. Errors: destroyed
  /// when nobody does.
  [[nodiscard]] virtual Result<Ref<ContentKey>> conversation_key(const Handle& conversation,
                                                                 std::uint32_t generation) = 0;
  /// Starts a generation of a conversation's content key, wrapped once for each owner.
  [[nodiscard]] virtual Result<Ref<ContentKey>> start_generation(const Handle& conversation, std::uint32_t generation,
                                                                 const Owners& owners) = 0;
  /// Gives a person a new generation of the key, which is on disk when this returns. Errors: budget_exhausted at the last
  /// generation, destroyed, unknown_key, wrong_root, those of the store.
  [[nodiscard]] virtual Result<Ref<ContentKey>> new_generation(const Handle& person) = 0;
  /// Wraps what a person holds of conversations under the person's newest key; gives how many were not.
  [[nodiscard]] virtual Result<std::uint64_t> rewrap_held(const Handle& person) = 0;
  /// Destroys one generation of a person's or a conversation's key; the caller knows that nothing is sealed with it.
  /// Errors: in_use for the newest and while a wrap needs it.
  [[nodiscard]] virtual Result<void> retire(const Handle& handle, std::uint32_t generation) = 0;
  /// When a person's newest key was made. Errors: unknown_key.
  [[nodiscard]] virtual Result<Instant> key_created(const Handle& person) = 0;
  [[nodiscard]] virtual BasicRootWraps<void>& roots() noexcept = 0;
  /// Whether a person still holds a wrap of a conversation's generation: a leaver does not. Cached until something changes.
  [[nodiscard]] virtual bool holds(const Handle& conversation, std::uint32_t generation, const Handle& person) = 0;
  /// Takes every wrap of a conversation from a person; from then on no permit of the person opens its rows.
  [[nodiscard]] virtual Result<void> drop_holder(const Handle& conversation, SubjectState& person) = 0;
  /// Ends every permit for a person at once, here and, within 100 ms, in other processes (PIPL Art. 15).
  [[nodiscard]] virtual Result<void> raise_epoch(SubjectState& state) = 0;
  /// Destroys a person's keys for good, after the uses in flight have ended. Errors: inside_release, those of the store.
  [[nodiscard]] virtual Result<void> destroy(SubjectState& state) = 0;
  /// Follows what other processes did to persons known here; looks at most every 50 ms.
  virtual void refresh() = 0;
  /// After this nothing can be released; waits for uses in flight, unless called from inside one.
  virtual void close() = 0;
  /// A person's user id under the newest index key, and under no older one. Errors: already_there when it is somebody
  /// else's, those of the key store.
  [[nodiscard]] virtual Result<void> keep_uid(std::string_view uid, const Handle& person) = 0;
  /// The keyed values that equality search sees. `fresh`: under the generations of this moment, else of at most 50 ms
  /// ago. Errors: no_memory, tampered, those of the key store.
  [[nodiscard]] virtual Result<IndexValues> index_values(const IndexName& name, ByteView normalised,
                                                         bool fresh = false) = 0;
  /// The generations of the index keys at this moment. Errors: tampered, those of the key store.
  [[nodiscard]] virtual Result<IndexState> index_state() = 0;
  /// Inside the caller's transaction, if there is one.
  [[nodiscard]] virtual Result<void> set_index_state(const IndexState& state) = 0;
  /// The keyed value of what is named or bound by it, such as a row's tag: its key never rotates. The texts have static
  /// storage.
  [[nodiscard]] virtual Result<IndexValue> index_value(std::string_view label, std::string_view record,
                                                       std::uint32_t field, std::string_view normaliser,
                                                       ByteView normalised) = 0;

  static constexpr Duration clock_tolerance = minutes(5);

 protected:
  explicit RingCore(const RingConfig& config)
      : config_(config), product_(config.product.data(), config.product.size()) {}
  /// True for the caller that closes; everybody else finds it closed.
  [[nodiscard]] bool shut() noexcept { return !closed_.exchange(true, Order::seq_cst); }

 private:
  const RingConfig config_;
  const std::string product_;
  Atomic<bool> closed_{false};
  Atomic<std::uint64_t> policy_version_{1};
  mutable Atomic<std::int64_t> latest_{0};
};

}  // namespace detail
}  // namespace custody::inline v0
