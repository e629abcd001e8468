// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include <custody/storage/store.hpp>

namespace custody_test {

using namespace custody;

/// What goes wrong in a store, and when. Counts the calls of interest from the moment it is armed.
struct Faults {
  enum class Kind { none, refuse, refuse_once, lose_answer, kill };
  Kind kind = Kind::none;
  std::string only;            ///< counts calls of this name; empty for all that change something
  std::uint64_t at = 0;        ///< the first call that goes wrong
  Errc code = Errc::storage_failed;
  std::optional<RowTag> bad;   ///< a row that cannot be removed
  std::uint64_t calls = 0;
  std::string hit;             ///< the call that went wrong
  std::string before;          ///< the call before which `meanwhile` runs, once
  std::function<void()> meanwhile;

  void arm(Kind how, std::uint64_t when, std::string_view name = {}) {
    kind = how;
    at = when;
    only = name;
    calls = 0;
    hit.clear();
  }
  void disarm() { kind = Kind::none; }

  /// Whether a call is to go wrong now.
  [[nodiscard]] bool strikes(std::string_view name, bool change) {
    if (kind == Kind::none || (only.empty() ? !change : only != name)) return false;
    const std::uint64_t n = calls++;
    if (kind == Kind::refuse ? n < at : n != at) return false;
    hit = name;
    if (kind == Kind::kill) {
      ::kill(::getpid(), SIGKILL);
      ::pause();
    }
    return true;
  }
  template <class Call>
  [[nodiscard]] auto change(std::string_view name, Call call) -> decltype(call()) {
    if (meanwhile && name == before) std::exchange(meanwhile, nullptr)();
    if (!strikes(name, true)) return call();
    if (kind == Kind::lose_answer) static_cast<void>(call());
    return code;
  }
  template <class Call>
  [[nodiscard]] auto read(std::string_view name, Call call) -> decltype(call()) {
    if (!strikes(name, false)) return call();
    return code;
  }
  template <class Side>
  [[nodiscard]] Result<void> begin(std::string_view name, Side& side) {
    if (strikes(name, true)) return code;
    return side.begin();
  }
  /// A commit that fails has undone everything; one whose answer is lost has not.
  template <class Side>
  [[nodiscard]] Result<void> commit(std::string_view name, Side& side) {
    if (!strikes(name, true)) return side.commit();
    if (kind == Kind::lose_answer)
      static_cast<void>(side.commit());
    else
      side.rollback();
    return code;
  }
};

class FaultyKeys final : public KeyStore {
 public:
  FaultyKeys(KeyStore& real, Faults& faults) : real_(&real), faults_(&faults) {}
  Result<void> put_key(const WrappedKey& key) override {
    return faults_->change("put_key", [&] { return real_->put_key(key); });
  }
  Result<WrappedKey> get_key(Handle handle, Handle holder, std::uint32_t generation) override {
    return faults_->read("get_key", [&] { return real_->get_key(handle, holder, generation); });
  }
  Result<std::uint32_t> newest_generation(Handle handle) override {
    return faults_->read("newest_generation", [&] { return real_->newest_generation(handle); });
  }
  Result<std::vector<Handle>> holders(Handle handle, std::uint32_t generation) override {
    return faults_->read("holders", [&] { return real_->holders(handle, generation); });
  }
  Result<void> drop_wrap(Handle handle, Handle holder) override {
    return faults_->change("drop_wrap", [&] { return real_->drop_wrap(handle, holder); });
  }
  Result<std::vector<WrappedKey>> keys_held(Handle holder, Handle after, std::uint32_t generation,
                                            std::uint64_t limit) override {
    return faults_->read("keys_held", [&] { return real_->keys_held(holder, after, generation, limit); });
  }
  Result<std::uint64_t> held_count(Handle holder) override { return real_->held_count(holder); }
  Result<bool> replace_key(const WrappedKey& key, ByteView before) override {
    return faults_->change("replace_key", [&] { return real_->replace_key(key, before); });
  }
  Result<void> drop_key(Handle handle, std::uint32_t generation) override {
    return faults_->change("drop_key", [&] { return real_->drop_key(handle, generation); });
  }
  Result<void> destroy(Handle subject, Instant when) override {
    return faults_->change("destroy", [&] { return real_->destroy(subject, when); });
  }
  Result<bool> destroyed(Handle subject) override { return real_->destroyed(subject); }
  Result<void> tombstones(std::vector<Handle>& out) override { return real_->tombstones(out); }
  Result<void> put_index(const IndexRow& row) override {
    return faults_->change("put_index", [&] { return real_->put_index(row); });
  }
  Result<std::vector<IndexRow>> find_index(std::uint32_t space, const IndexValue& value) override {
    return faults_->read("find_index", [&] { return real_->find_index(space, value); });
  }
  Result<std::vector<IndexRow>> index_rows_of(Handle subject) override {
    return faults_->read("index_rows_of", [&] { return real_->index_rows_of(subject); });
  }
  Result<void> drop_index(std::uint32_t space, const IndexValue& value, const std::array<std::byte, 16>& row) override {
    return faults_->change("drop_index", [&] { return real_->drop_index(space, value, row); });
  }
  Result<void> put_fact(std::string_view name, ByteView value) override {
    return faults_->change("put_fact", [&] { return real_->put_fact(name, value); });
  }
  Result<Bytes> get_fact(std::string_view name) override { return real_->get_fact(name); }
  Result<std::uint64_t> reserve(Handle handle, std::uint32_t generation, std::uint64_t count,
                                std::uint64_t limit) override {
    return real_->reserve(handle, generation, count, limit);
  }
  Result<std::uint64_t> raise_epoch(Handle subject) override {
    return faults_->change("raise_epoch", [&] { return real_->raise_epoch(subject); });
  }
  Result<std::uint64_t> epoch(Handle subject) override {
    return faults_->read("epoch", [&] { return real_->epoch(subject); });
  }
  std::uint64_t change_count() noexcept override { return real_->change_count(); }
  Result<void> begin() override { return faults_->begin("keys.begin", *real_); }
  Result<void> commit() override { return faults_->commit("keys.commit", *real_); }
  void rollback() noexcept override { real_->rollback(); }
  Result<void> flush() override {
    return faults_->change("keys.flush", [&] { return real_->flush(); });
  }

 private:
  KeyStore* real_;
  Faults* faults_;
};

class FaultyLeaves final : public LeafStore {
 public:
  FaultyLeaves(LeafStore& real, Faults& faults) : real_(&real), faults_(&faults) {}
  Result<void> append_leaves(std::uint64_t first, std::span<const Bytes> leaves) override {
    return faults_->change("append_leaves", [&] { return real_->append_leaves(first, leaves); });
  }
  Result<std::uint64_t> leaf_count() override { return real_->leaf_count(); }
  Result<std::vector<Bytes>> read_leaves(std::uint64_t first, std::uint64_t count) override {
    return real_->read_leaves(first, count);
  }

 private:
  LeafStore* real_;
  Faults* faults_;
};

class FaultyLedger final : public LedgerStore {
 public:
  FaultyLedger(LedgerStore& real, Faults& faults) : real_(&real), faults_(&faults) {}
  Result<void> append_ledger(std::span<const LedgerRow> rows) override {
    return faults_->change("append_ledger", [&] { return real_->append_ledger(rows); });
  }
  Result<std::vector<LedgerRow>> ledger_of(const Handle& subject) override {
    return faults_->read("ledger_of", [&] { return real_->ledger_of(subject); });
  }

 private:
  LedgerStore* real_;
  Faults* faults_;
};

/// A store whose calls fail, lose their answer or kill the process when they are told to.
template <class Real>
class FaultyStore {
 public:
  struct Options {
    typename Real::Options files;
    Faults* faults = nullptr;
  };
  static constexpr Protection custody_protection = Real::custody_protection;
  static Result<FaultyStore> open(const Options& options, std::string_view product) {
    auto real = Real::open(options.files, product);
    if (!real) return real.error();
    return FaultyStore(std::move(*real), *options.faults);
  }
  Result<void> put_row(const StoredRow& row) {
    return faults_->change("put_row", [&] { return real_->put_row(row); });
  }
  Result<StoredRow> get_row(std::uint32_t record, const RowTag& tag) {
    return faults_->read("get_row", [&] { return real_->get_row(record, tag); });
  }
  Result<void> remove_row(std::uint32_t record, const RowTag& tag) {
    if (faults_->bad == tag) return faults_->code;
    return faults_->change("remove_row", [&] { return real_->remove_row(record, tag); });
  }
  Result<std::vector<StoredRow>> rows_of(const Handle& who, std::uint32_t record, std::uint64_t offset,
                                         std::uint64_t limit) {
    return faults_->read("rows_of", [&] { return real_->rows_of(who, record, offset, limit); });
  }
  Result<std::vector<StoredRow>> rows_after(const Handle& who, std::uint64_t& after, std::uint64_t limit) {
    return faults_->read("rows_after", [&] { return real_->rows_after(who, after, limit); });
  }
  Result<std::vector<StoredRow>> scan_rows(std::uint64_t& after, std::uint64_t limit) {
    return faults_->read("scan_rows", [&] { return real_->scan_rows(after, limit); });
  }
  Result<std::uint64_t> remove_rows_of(const Handle& who) {
    return faults_->change("remove_rows_of", [&] { return real_->remove_rows_of(who); });
  }
  Result<std::vector<StoredRow>> expired_rows(Instant now, std::uint64_t limit) {
    return faults_->read("expired_rows", [&] { return real_->expired_rows(now, limit); });
  }
  Result<void> set_state(std::uint32_t record, const RowTag& tag, RowState state) {
    return faults_->change("set_state", [&] { return real_->set_state(record, tag, state); });
  }
  Result<void> set_expiry(std::uint32_t record, const RowTag& tag, Instant at) {
    return faults_->change("set_expiry", [&] { return real_->set_expiry(record, tag, at); });
  }
  Result<void> begin() { return faults_->begin("begin", *real_); }
  Result<void> commit() { return faults_->commit("commit", *real_); }
  void rollback() { real_->rollback(); }
  Result<void> truncate_wal() { return real_->truncate_wal(); }
  KeyStore& key_store() { return *keys_; }
  LeafStore& leaf_store() { return *leaves_; }
  LedgerStore& ledger_store() { return *ledger_; }
  Real& real() { return *real_; }

 private:
  FaultyStore(Real real, Faults& faults)
      : faults_(&faults),
        real_(std::make_unique<Real>(std::move(real))),
        keys_(std::make_unique<FaultyKeys>(real_->key_store(), faults)),
        leaves_(std::make_unique<FaultyLeaves>(real_->leaf_store(), faults)),
        ledger_(std::make_unique<FaultyLedger>(real_->ledger_store(), faults)) {}

  Faults* faults_;
  std::unique_ptr<Real> real_;
  std::unique_ptr<FaultyKeys> keys_;
  std::unique_ptr<FaultyLeaves> leaves_;
  std::unique_ptr<FaultyLedger> ledger_;
};

}  // namespace custody_test
