// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/evidence/evidence_store.hpp>
#include <custody/keys/memory_key_store.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/keys/witness.hpp>
#include <custody/words/mutex.hpp>

namespace evidence_test {

using custody::Bytes;
using custody::ByteView;
using custody::Errc;
using custody::Event;
using custody::Handle;
using custody::Instant;
using custody::Level;
using custody::Result;
using custody::Verb;

/// Leaves in memory, which a test may damage, hold back or lie about.
struct FakeLeaves final : custody::LeafStore {
  enum class Fault { none, refuse, write_then_fail, write_half_then_fail };

  Result<void> append_leaves(std::uint64_t first, std::span<const Bytes> more) override {
    const custody::Lock lock(mutex);
    ++appends;
    if (fault == Fault::refuse) return Errc::disk_full;
    if (first != leaves.size()) return Errc::already_there;
    const std::size_t count = fault == Fault::write_half_then_fail ? more.size() / 2 : more.size();
    leaves.insert(leaves.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(count));
    if (fault != Fault::none) return Errc::storage_failed;
    return {};
  }
  Result<std::uint64_t> leaf_count() override {
    const custody::Lock lock(mutex);
    return std::uint64_t{leaves.size()};
  }
  Result<std::vector<Bytes>> read_leaves(std::uint64_t first, std::uint64_t count) override {
    const custody::Lock lock(mutex);
    ++reads;
    std::vector<Bytes> out;
    for (std::uint64_t i = first; i < leaves.size() && i - first < count; ++i) out.push_back(leaves[i]);
    return out;
  }

  custody::Mutex mutex;
  std::vector<Bytes> leaves;
  Fault fault = Fault::none;
  std::size_t appends = 0;
  std::size_t reads = 0;
};

/// Forwards to a MemoryKeyStore; facts can be made to fail.
struct FakeKeys final : custody::KeyStore {
  custody::MemoryKeyStore real;
  bool refuse_facts = false;
  bool lose_facts = false;
  std::size_t facts_put = 0;

  Result<void> put_key(const custody::WrappedKey& key) override { return real.put_key(key); }
  Result<custody::WrappedKey> get_key(Handle a, Handle b, std::uint32_t g) override { return real.get_key(a, b, g); }
  Result<std::uint32_t> newest_generation(Handle a) override { return real.newest_generation(a); }
  Result<std::vector<Handle>> holders(Handle a, std::uint32_t g) override { return real.holders(a, g); }
  Result<void> drop_wrap(Handle a, Handle b) override { return real.drop_wrap(a, b); }
  Result<std::vector<custody::WrappedKey>> keys_held(Handle a, Handle b, std::uint32_t g, std::uint64_t n) override {
    return real.keys_held(a, b, g, n);
  }
  Result<std::uint64_t> held_count(Handle a) override { return real.held_count(a); }
  Result<bool> replace_key(const custody::WrappedKey& k, ByteView before) override {
    return real.replace_key(k, before);
  }
  Result<void> drop_key(Handle a, std::uint32_t g) override { return real.drop_key(a, g); }
  Result<void> destroy(Handle a, Instant t) override { return real.destroy(a, t); }
  Result<bool> destroyed(Handle a) override { return real.destroyed(a); }
  Result<void> tombstones(std::vector<Handle>& out) override { return real.tombstones(out); }
  Result<void> put_index(const custody::IndexRow& row) override { return real.put_index(row); }
  Result<std::vector<custody::IndexRow>> find_index(std::uint32_t s, const custody::IndexValue& v) override {
    return real.find_index(s, v);
  }
  Result<std::vector<custody::IndexRow>> index_rows_of(Handle a) override { return real.index_rows_of(a); }
  Result<void> drop_index(std::uint32_t s, const custody::IndexValue& v, const std::array<std::byte, 16>& r) override {
    return real.drop_index(s, v, r);
  }
  Result<void> put_fact(std::string_view name, ByteView value) override {
    if (refuse_facts) return Errc::storage_failed;
    ++facts_put;
    return real.put_fact(name, value);
  }
  Result<Bytes> get_fact(std::string_view name) override {
    if (lose_facts) return Errc::not_found;
    return real.get_fact(name);
  }
  Result<std::uint64_t> reserve(Handle a, std::uint32_t g, std::uint64_t c, std::uint64_t l) override {
    return real.reserve(a, g, c, l);
  }
  Result<std::uint64_t> raise_epoch(Handle a) override { return real.raise_epoch(a); }
  Result<std::uint64_t> epoch(Handle a) override { return real.epoch(a); }
  std::uint64_t change_count() noexcept override { return real.change_count(); }
  Result<void> begin() override { return real.begin(); }
  Result<void> commit() override { return real.commit(); }
  void rollback() noexcept override { real.rollback(); }
  Result<void> flush() override { return real.flush(); }
};

/// Ledger lines in memory, which a test may damage.
struct FakeLedger final : custody::LedgerStore {
  Result<void> append_ledger(std::span<const custody::LedgerRow> more) override {
    const custody::Lock lock(mutex);
    if (refuse) return Errc::disk_full;
    for (const auto& row : more) {
      for (const auto& old : rows) {
        if (numbered && old.subject == row.subject && old.line == row.line) return Errc::already_there;
      }
      rows.push_back(row);
    }
    if (lie) return Errc::storage_failed;
    return {};
  }
  Result<std::vector<custody::LedgerRow>> ledger_of(const Handle& subject) override {
    const custody::Lock lock(mutex);
    ++reads;
    if (intrude != nullptr) std::exchange(intrude, nullptr)(*this);
    std::vector<custody::LedgerRow> out;
    for (const auto& row : rows) {
      if (row.subject == subject) out.push_back(row);
    }
    return out;
  }

  custody::Mutex mutex;
  std::vector<custody::LedgerRow> rows;
  bool refuse = false;
  bool lie = false;      ///< keeps the line and reports a failure
  bool numbered = true;  ///< refuses a line number twice, as the port asks
  std::size_t reads = 0;
  void (*intrude)(FakeLedger&) = nullptr;
};

inline Handle handle(unsigned n) {
  Handle made;
  made.bytes[0] = static_cast<std::byte>(n);
  made.bytes[1] = static_cast<std::byte>(n >> 8);
  made.bytes[15] = std::byte{1};
  return made;
}

inline custody::RootKey root(unsigned n = 1) {
  std::array<std::byte, 32> bytes{};
  bytes[0] = static_cast<std::byte>(n);
  bytes[31] = std::byte{7};
  return *custody::RootKey::from_bytes(bytes);
}

inline custody::SecretKey secret(unsigned n = 1) {
  std::array<std::byte, 32> bytes{};
  bytes[5] = static_cast<std::byte>(n);
  return *custody::SecretKey::copy_of(bytes);
}

/// A granted release that may wait for company.
inline Event common_event(unsigned n) {
  Event event;
  event.verb = Verb::release;
  event.granted = true;
  event.subject = handle(n);
  event.purpose = "account.service";
  event.role = "im";
  event.actor = "gateway";
  event.record = "account";
  event.field = "phone";
  event.place = "push";
  event.level = Level::grade3;
  event.at = {1'700'000'000'000};
  return event;
}

/// One that must be on disk before anything happens.
inline Event urgent_event(unsigned n) {
  Event event = common_event(n);
  event.level = Level::grade4;
  return event;
}

template <class Log>
Result<void> record_one(Log& log, const Event& event) {
  return log.record({&event, 1});
}

}  // namespace evidence_test
