// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/keys/key_store.hpp>
#include <custody/keys/key_table.hpp>
#include <custody/law/protection.hpp>
#include <custody/words/mutex.hpp>

namespace custody::inline v0 {

/// A key store that ends with the process: for tests, rehearsals and short-lived programs. Thread-safe.
template <class Lazy>
class BasicMemoryKeyStore final : public KeyStore {
 public:
  static constexpr Protection custody_protection{Level::core, "memory"};
  [[nodiscard]] Result<void> put_key(const WrappedKey& key) override {
    const Lock guard(mutex_);
    if (auto may = table_.may_put(key); !may) return may;
    table_.put(key, {});
    return {};
  }
  [[nodiscard]] Result<WrappedKey> get_key(Handle handle, Handle holder, std::uint32_t generation) override {
    const Lock guard(mutex_);
    return table_.get(handle, holder, generation);
  }
  [[nodiscard]] Result<std::uint32_t> newest_generation(Handle handle) override {
    const Lock guard(mutex_);
    return table_.newest_generation(handle);
  }
  [[nodiscard]] Result<std::vector<Handle>> holders(Handle handle, std::uint32_t generation) override {
    const Lock guard(mutex_);
    return table_.holders(handle, generation);
  }
  [[nodiscard]] Result<void> drop_wrap(Handle handle, Handle holder) override {
    const Lock guard(mutex_);
    detail::List<detail::Place> freed;
    table_.drop(handle, holder, freed);
    return {};
  }
  [[nodiscard]] Result<std::vector<WrappedKey>> keys_held(Handle holder, Handle after, std::uint32_t after_generation,
                                                          std::uint64_t limit) override {
    const Lock guard(mutex_);
    return table_.held(holder, after, after_generation, limit);
  }
  [[nodiscard]] Result<std::uint64_t> held_count(Handle holder) override {
    const Lock guard(mutex_);
    return table_.held_count(holder);
  }
  [[nodiscard]] Result<bool> replace_key(const WrappedKey& key, ByteView before) override {
    const Lock guard(mutex_);
    if (table_.dead(key.handle) || table_.dead(key.holder)) return Errc::destroyed;
    if (!table_.is_wrapped_as(key, before)) return false;
    detail::List<detail::Place> freed;
    table_.replace(key, {}, freed);
    return true;
  }
  [[nodiscard]] Result<void> drop_key(Handle handle, std::uint32_t generation) override {
    const Lock guard(mutex_);
    detail::List<detail::Place> freed;
    table_.drop_generation(handle, generation, freed);
    return {};
  }

  [[nodiscard]] Result<void> destroy(Handle subject, Instant when) override {
    const Lock guard(mutex_);
    detail::List<detail::Place> freed;
    table_.destroy(subject, when, freed);
    return {};
  }
  [[nodiscard]] Result<bool> destroyed(Handle subject) override {
    const Lock guard(mutex_);
    return table_.dead(subject);
  }
  [[nodiscard]] Result<void> tombstones(std::vector<Handle>& out) override {
    const Lock guard(mutex_);
    for (const auto& [handle, when] : table_.tombs()) out.push_back(handle);
    return {};
  }

  [[nodiscard]] Result<void> put_index(const IndexRow& row) override {
    const Lock guard(mutex_);
    if (table_.dead(row.subject)) return Errc::destroyed;
    table_.put_row(row, {});
    return {};
  }
  [[nodiscard]] Result<std::vector<IndexRow>> find_index(std::uint32_t space, const IndexValue& value) override {
    const Lock guard(mutex_);
    return table_.rows(space, value);
  }
  [[nodiscard]] Result<std::vector<IndexRow>> index_rows_of(Handle subject) override {
    const Lock guard(mutex_);
    return table_.rows_of(subject);
  }
  [[nodiscard]] Result<void> drop_index(std::uint32_t space, const IndexValue& value,
                                        const std::array<std::byte, 16>& row) override {
    const Lock guard(mutex_);
    detail::List<detail::Place> freed;
    for (const IndexRow& found : table_.rows(space, value)) {
      if (found.row == row) table_.drop_row(found, freed);
    }
    return {};
  }

  [[nodiscard]] Result<void> put_fact(std::string_view name, ByteView value) override {
    const Lock guard(mutex_);
    table_.put_fact(name, value);
    return {};
  }
  [[nodiscard]] Result<Bytes> get_fact(std::string_view name) override {
    const Lock guard(mutex_);
    return table_.fact(name);
  }
  [[nodiscard]] Result<std::uint64_t> reserve(Handle handle, std::uint32_t generation, std::uint64_t count,
                                              std::uint64_t limit) override {
    const Lock guard(mutex_);
    auto before = table_.may_reserve({handle, generation}, count, limit);
    if (before) table_.set_count({handle, generation}, *before + count);
    return before;
  }
  [[nodiscard]] Result<std::uint64_t> raise_epoch(Handle subject) override {
    const Lock guard(mutex_);
    auto epoch = table_.epoch(subject);
    if (epoch) table_.set_epoch(subject, ++*epoch);
    return epoch;
  }
  [[nodiscard]] Result<std::uint64_t> epoch(Handle subject) override {
    const Lock guard(mutex_);
    return table_.epoch(subject);
  }

  [[nodiscard]] std::uint64_t change_count() noexcept override { return 0; }
  [[nodiscard]] Result<void> begin() override { return {}; }
  [[nodiscard]] Result<void> commit() override { return {}; }
  void rollback() noexcept override {}
  [[nodiscard]] Result<void> flush() override { return {}; }

 private:
  Mutex mutex_;
  detail::BasicKeyTable<Lazy> table_;
};
using MemoryKeyStore = BasicMemoryKeyStore<void>;

}  // namespace custody::inline v0
