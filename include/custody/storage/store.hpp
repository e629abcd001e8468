// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <custody/evidence/evidence_store.hpp>
#include <custody/keys/key_store.hpp>
#include <custody/law/handle.hpp>
#include <custody/law/protection.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/result.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {

/// The keyed hash of a record's key member: what a row is found by. Never the key itself.
using RowTag = std::array<std::byte, 16>;

/// How one member of a stored row is kept.
enum class CellKind : std::uint8_t { none = 0, sealed = 1, clear = 2 };

struct StoredCell {
  std::uint16_t field = 0;
  CellKind kind = CellKind::none;
  Bytes value;
};

/// Active, Restricted or gone (PIPL Art. 47): restricted data is stored and protected, nothing else.
enum class RowState : std::uint8_t { active = 1, restricted = 2 };

/// One record as the store sees it: handles, times and envelopes.
struct StoredRow {
  std::uint32_t record = 0;
  RowTag tag{};
  Handle conversation{};          ///< the conversation whose content key seals the row; zero when one person owns it
  std::vector<Handle> owners;     ///< the persons it belongs to, sorted
  std::uint64_t version = 0;      ///< raised by one at every update
  RowState state = RowState::active;
  Instant collected{};
  Instant expires{};              ///< ms 0: no date yet (the account lives)
  std::vector<StoredCell> cells;
};

/// What a vault stores its rows, ledger and log leaves in. Two files (or databases): data and keys.
/// `Store::Options` opens it; `key_store()` is the key side; every call is thread-safe; errors are typed and leave nothing
/// half done. `expired_rows` gives rows that it cannot read with record and tag alone, so that one does not hide the rest.
template <class Type>
concept Store = rule<requires(Type& store, const StoredRow& row, const RowTag& tag, const Handle& who, Instant now,
                              std::vector<StoredRow>& rows) {
  typename Type::Options;
  { Protection{Type::custody_protection} };
  { store.put_row(row) } -> std::same_as<Result<void>>;
  { store.get_row(std::uint32_t{}, tag) } -> std::same_as<Result<StoredRow>>;
  { store.remove_row(std::uint32_t{}, tag) } -> std::same_as<Result<void>>;
  {
    store.rows_of(who, std::uint32_t{}, std::uint64_t{}, std::uint64_t{})
  } -> std::same_as<Result<std::vector<StoredRow>>>;
  { store.remove_rows_of(who) } -> std::same_as<Result<std::uint64_t>>;
  { store.expired_rows(now, std::uint64_t{}) } -> std::same_as<Result<std::vector<StoredRow>>>;
  { store.begin() } -> std::same_as<Result<void>>;
  { store.commit() } -> std::same_as<Result<void>>;
  { store.rollback() } -> std::same_as<void>;
  { store.key_store() } -> std::same_as<KeyStore&>;
  { store.leaf_store() } -> std::same_as<LeafStore&>;
  { store.ledger_store() } -> std::same_as<LedgerStore&>;
},
                     "custody[S1]: something that is no custody store was given guarded data (PIPL Art. 51). "
                     "Fix: use custody::SqliteStore or custody::MemoryStore, or model the custody::Store concept.">;

}  // namespace custody::inline v0
