// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <custody/crypto/blind_index.hpp>
#include <custody/law/handle.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

class RootKey;

/// One wrapped key: a person's, or a conversation's once for each of its members.
struct WrappedKey {
  Handle handle;                    ///< whose key it is: a person or a conversation
  Handle holder;                    ///< who can unwrap it: a person; a generation of the root, zero for the first
  std::uint32_t generation = 0;
  Instant created;
  Bytes wrapped;
  std::array<std::byte, 32> fingerprint{};  ///< of the key inside
};

/// One row of an equality index: where in `space` (an index and its generation) a value of `subject` is found.
struct IndexRow {
  std::uint32_t space = 0;
  IndexValue value{};
  Handle subject;
  std::array<std::byte, 16> row{};

  [[nodiscard]] friend bool operator==(const IndexRow&, const IndexRow&) noexcept = default;
};

/// Where wrapped keys, index rows, tombstones and counters live: apart from the data, since destroying them is erasure.
/// Every call is atomic and, in a durable store, on disk when it returns (inside begin/commit: when commit returns).
/// Must be thread-safe. Every call may also fail with storage_failed, disk_full, read_only or locked.
class KeyStore {
 public:
  KeyStore() noexcept = default;
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;
  virtual ~KeyStore() = default;

  /// Errors: already_there for the same handle, holder and generation; destroyed when handle or holder has a tombstone.
  [[nodiscard]] virtual Result<void> put_key(const WrappedKey& key) = 0;
  /// Errors: unknown_key; destroyed when handle or holder has a tombstone.
  [[nodiscard]] virtual Result<WrappedKey> get_key(Handle handle, Handle holder, std::uint32_t generation) = 0;
  /// The highest generation ever put, also when its wraps are gone, so that none is used twice; 0 when there was none.
  /// Errors: destroyed.
  [[nodiscard]] virtual Result<std::uint32_t> newest_generation(Handle handle) = 0;
  /// Who can unwrap a generation, sorted. Errors: destroyed.
  [[nodiscard]] virtual Result<std::vector<Handle>> holders(Handle handle, std::uint32_t generation) = 0;
  /// Overwrites and removes a leaver's wraps of every generation; fine when there are none.
  [[nodiscard]] virtual Result<void> drop_wrap(Handle handle, Handle holder) = 0;
  /// A page of what somebody can unwrap, by handle and generation, behind a place; zeros to start.
  [[nodiscard]] virtual Result<std::vector<WrappedKey>> keys_held(Handle holder, Handle after,
                                                                  std::uint32_t after_generation,
                                                                  std::uint64_t limit) = 0;
  /// How much somebody can unwrap.
  [[nodiscard]] virtual Result<std::uint64_t> held_count(Handle holder) = 0;
  /// Puts a key in the place of the same names and overwrites the bytes before; false, with nothing changed, unless those
  /// are `before`: somebody else was faster. Errors: destroyed.
  [[nodiscard]] virtual Result<bool> replace_key(const WrappedKey& key, ByteView before) = 0;
  /// Overwrites and removes every wrap of one generation; fine when there are none. The number is not used again.
  [[nodiscard]] virtual Result<void> drop_key(Handle handle, std::uint32_t generation) = 0;
  /// For a store that the root itself authenticates: goes over to another root in one step that is whole or did not
  /// happen, sets a fact, and leaves out all that `retired` holds. False, with nothing done, where the root does not
  /// matter to the store.
  [[nodiscard]] virtual Result<bool> change_root(const RootKey& root, Handle retired, std::string_view fact,
                                                 ByteView value) {
    static_cast<void>(root);
    static_cast<void>(retired);
    static_cast<void>(fact);
    static_cast<void>(value);
    return false;
  }

  /// Overwrites and removes every key of a person or conversation, every wrap it holds, its index rows and its
  /// counters, and leaves a tombstone. Repeating it changes nothing.
  [[nodiscard]] virtual Result<void> destroy(Handle subject, Instant when) = 0;
  [[nodiscard]] virtual Result<bool> destroyed(Handle subject) = 0;
  /// Appends every destroyed handle: the erasure list that a restored backup replays.
  [[nodiscard]] virtual Result<void> tombstones(std::vector<Handle>& out) = 0;

  /// Fine when the row is there already. Errors: destroyed.
  [[nodiscard]] virtual Result<void> put_index(const IndexRow& row) = 0;
  [[nodiscard]] virtual Result<std::vector<IndexRow>> find_index(std::uint32_t space, const IndexValue& value) = 0;
  [[nodiscard]] virtual Result<std::vector<IndexRow>> index_rows_of(Handle subject) = 0;
  /// Fine when there is no such row.
  [[nodiscard]] virtual Result<void> drop_index(std::uint32_t space, const IndexValue& value,
                                                const std::array<std::byte, 16>& row) = 0;

  /// Sets a named value, such as the signed head of the log.
  [[nodiscard]] virtual Result<void> put_fact(std::string_view name, ByteView value) = 0;
  /// Errors: not_found.
  [[nodiscard]] virtual Result<Bytes> get_fact(std::string_view name) = 0;

  /// Adds to a key's message count before the messages are sealed and gives the count before; a crash only wastes some.
  /// Errors: budget_exhausted, with nothing added, past `limit`; destroyed.
  [[nodiscard]] virtual Result<std::uint64_t> reserve(Handle handle, std::uint32_t generation, std::uint64_t count,
                                                      std::uint64_t limit) = 0;
  /// Raises the consent epoch, which ends the permits minted before, and gives the new one. Errors: destroyed.
  [[nodiscard]] virtual Result<std::uint64_t> raise_epoch(Handle subject) = 0;
  /// 0 before the first raise. Errors: destroyed.
  [[nodiscard]] virtual Result<std::uint64_t> epoch(Handle subject) = 0;

  /// Changes whenever another process wrote; 0 for ever where none can.
  [[nodiscard]] virtual std::uint64_t change_count() noexcept = 0;

  /// Groups calls for speed. A store where each call stands alone may do nothing, in rollback() too.
  [[nodiscard]] virtual Result<void> begin() = 0;
  [[nodiscard]] virtual Result<void> commit() = 0;
  virtual void rollback() noexcept = 0;
  /// On disk when it returns.
  [[nodiscard]] virtual Result<void> flush() = 0;
};

}  // namespace custody::inline v0
