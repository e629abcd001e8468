// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <new>
#include <utility>

#include <custody/crypto/kdf.hpp>
#include <custody/crypto/suite.hpp>
#include <custody/keys/key_store.hpp>
#include <custody/law/handle.hpp>
#include <custody/words/atomic.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/mutex.hpp>
#include <custody/words/ref.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// A cipher key for one field of one record kind, derived once and kept.
struct FieldKey {
  std::uint32_t record;
  std::uint16_t field;
  AnyCipherKey key;
  FieldKey* next;
};

/// One generation of a person's or a conversation's key, unwrapped into the arena, with the field keys derived from it.
/// Reading takes no lock. `forget` destroys the secrets; the owner of the object makes sure that no use is in flight.
class __attribute__((visibility("default"))) ContentKey final : public Counted {
 public:
  ContentKey(const Handle& handle, std::uint32_t generation, SuiteId suite, SecretKey base) noexcept
      : handle_(handle), generation_(generation), suite_(suite), base_(std::move(base)) {}
  ~ContentKey() { forget(); }

  [[nodiscard]] const Handle& handle() const noexcept { return handle_; }
  [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
  [[nodiscard]] SuiteId suite() const noexcept { return suite_; }
  [[nodiscard]] const SecretKey& base() const noexcept { return base_; }

  /// The key of a field. Errors: destroyed, no_memory, suite_unavailable.
  template <class Lazy = void>
  [[nodiscard]] Result<const AnyCipherKey*> field_key(SuiteId suite, std::uint32_t record, std::uint16_t field) {
    if (const AnyCipherKey* known = find(suite, record, field)) return known;
    const DerivingGuard guard;
    if (base_.empty()) return Errc::destroyed;
    if (const AnyCipherKey* known = find(suite, record, field)) return known;
    Bytes context;
    Canonical(context).part("field").number(static_cast<std::uint8_t>(suite)).number(record).number(field);
    auto derived = derive_key(base_, context);
    if (!derived) return derived.error();
    auto ready = AnyCipherKey::from(suite, std::move(*derived));
    if (!ready) return ready.error();
    auto* fresh = new (std::nothrow) FieldKey{record, field, std::move(*ready), fields_.load(Order::relaxed)};
    if (fresh == nullptr) return Errc::no_memory;
    fields_.store(fresh, Order::release);
    return &fresh->key;
  }

  /// The key that wraps other keys for this person; derived on each call. Errors: destroyed, no_memory.
  template <class Lazy = void>
  [[nodiscard]] Result<SecretKey> wrapping_key() {
    const DerivingGuard guard;
    if (base_.empty()) return Errc::destroyed;
    Bytes context;
    Canonical(context).part("wrap");
    return derive_key(base_, context);
  }

  /// Takes one message off the budget reserved for this key in the key file, reserving a block when none is left.
  /// `limit` is the suite's; 0, without a practical limit, is free. Errors: budget_exhausted, destroyed for a retired
  /// key, those of the key store.
  [[nodiscard]] Result<void> spend(KeyStore& store, std::uint64_t limit) {
    if (retired_.load(Order::relaxed)) return Errc::destroyed;
    if (limit == 0) return {};
    if (reserved_.fetch_sub(1, Order::relaxed) > 0) return {};
    const Lock lock(mutex_);
    auto before = store.reserve(handle_, generation_, budget_block, limit);
    if (!before) {
      reserved_.store(0, Order::relaxed);
      return before.error();
    }
    reserved_.store(static_cast<std::int64_t>(budget_block) - 1, Order::relaxed);
    return {};
  }

  /// Nothing is sealed with it any more; what it sealed still opens while somebody holds it.
  void retire() noexcept { retired_.store(true, Order::relaxed); }
  /// Nothing is sealed or opened with it any more by whoever looks from now on; see ended().
  void end() noexcept { ended_.store(true, Order::seq_cst); }
  /// To be asked after the use was marked as in flight and before the key is looked up.
  [[nodiscard]] bool ended() const noexcept { return ended_.load(Order::seq_cst); }

  void forget() noexcept {
    const DerivingGuard guard;
    for (FieldKey* at = fields_.exchange(nullptr, Order::acq_rel); at != nullptr;) {
      FieldKey* const next = at->next;
      delete at;
      at = next;
    }
    base_ = SecretKey{};
  }

  static constexpr std::uint64_t budget_block = std::uint64_t{1} << 16;

 private:
  [[nodiscard]] const AnyCipherKey* find(SuiteId suite, std::uint32_t record, std::uint16_t field) const noexcept {
    for (const FieldKey* at = fields_.load(Order::acquire); at != nullptr; at = at->next) {
      if (at->field == field && at->record == record && at->key.suite() == suite) return &at->key;
    }
    return nullptr;
  }

  const Handle handle_;
  const std::uint32_t generation_;
  const SuiteId suite_;
  SecretKey base_;
  Atomic<FieldKey*> fields_{nullptr};
  Atomic<std::int64_t> reserved_{0};
  Atomic<bool> retired_{false};
  Atomic<bool> ended_{false};
  Mutex mutex_;
};

}  // namespace custody::inline v0::detail
