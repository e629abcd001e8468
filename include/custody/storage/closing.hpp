// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/storage/vault_rows.hpp>

namespace custody::inline v0::detail {

/// Starts the clock of everything that lives as long as an account: each row of the person gets its date.
template <class StoreType>
class Closer {
 public:
  explicit Closer(VaultInside<StoreType>& inside) noexcept : inside_(inside), rows_(inside) {}

  [[nodiscard]] Result<void> close(const Handle& person) {
    auto now = inside_.core->now();
    if (!now) return now.error();
    auto closed = inside_.change_person(person, [&](StoredRow& row) { set_time(row, closed_cell, *now); });
    if (!closed) return closed;
    for (std::uint64_t offset = 0;; offset += page) {
      auto stored = inside_.store.rows_of(person, 0, offset, page);
      if (!stored) return stored.error();
      for (const StoredRow& row : *stored) {
        if (auto dated = date(row); !dated) return dated;
      }
      if (stored->size() < page) return {};
    }
  }

 private:
  [[nodiscard]] Result<void> date(const StoredRow& row) {
    const RecordFacts* facts = record_of(row.record);
    if (facts == nullptr || row.record == person_record) return {};
    auto closed = rows_.last_closing(row);
    if (!closed) return closed.error();
    return inside_.store.set_expiry(row.record, row.tag, row_ends_at(*facts, row, *closed, inside_.calendar()));
  }

  static constexpr std::uint64_t page = 500;
  VaultInside<StoreType>& inside_;
  VaultRows<StoreType> rows_;
};

}  // namespace custody::inline v0::detail
