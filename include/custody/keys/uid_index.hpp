// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <custody/keys/index_book.hpp>
#include <custody/keys/ring_core.hpp>

namespace custody::inline v0::detail {

/// Who has a user id, through every generation of the index keys under which it may stand. A user id is nowhere in clear,
/// so it moves to the newest generation when somebody asks for it or a vault's pass comes by. Thread-safe.
template <class Lazy = void>
class UidIndex {
 public:
  UidIndex(KeyStore& store, IndexBook<Lazy>& book) noexcept : store_(&store), book_(&book) {}

  /// Errors: not_found, tampered, those of the key store.
  [[nodiscard]] Result<Handle> find(std::string_view uid) {
    auto state = book_->recent();
    if (!state) return state.error();
    auto found = look(uid, *state);
    if (!found && found.error() == Errc::not_found) {  // it may just have moved to a generation not known here
      auto now = book_->load();
      if (!now) return now.error();
      if (now->newest != state->newest) found = look(uid, *now);
    }
    if (!found) return found.error();
    if (found->outdated) static_cast<void>(keep(uid, found->person));  // found all the same where that fails
    return found->person;
  }
  /// Puts a person's user id under the newest key and drops it under older ones. Errors: already_there when it is
  /// somebody else's, tampered, those of the key store.
  [[nodiscard]] Result<void> keep(std::string_view uid, const Handle& person) {
    if (auto begun = store_->begin(); !begun) return begun;
    auto done = keep_in_transaction(uid, person);
    if (done) return store_->commit();
    store_->rollback();
    return done;
  }
  /// Where a new user id goes. Inside the transaction that puts it. Errors: already_there, tampered, those of the store.
  [[nodiscard]] Result<IndexValue> place_for(std::string_view uid) {
    auto state = book_->load();
    if (!state) return state.error();
    auto taken = look(uid, *state);
    if (taken) return Errc::already_there;
    if (!(taken.error() == Errc::not_found)) return taken.error();
    return book_->value(uid_index, state->newest, as_bytes(uid));
  }

 private:
  struct Found {
    Handle person;
    bool outdated = false;
  };
  /// From the oldest generation on: a row moves to the newest, never back, and is there before it goes.
  [[nodiscard]] Result<Found> look(std::string_view uid, const IndexState& state) {
    for (std::uint32_t generation = state.persons_from; generation <= state.newest; ++generation) {
      auto value = book_->value(uid_index, generation, as_bytes(uid));
      if (!value) return value.error();
      auto rows = store_->find_index(uid_space, *value);
      if (!rows) return rows.error();
      if (!rows->empty()) return Found{rows->front().subject, generation != state.newest};
    }
    return Errc::not_found;
  }
  [[nodiscard]] Result<void> keep_in_transaction(std::string_view uid, const Handle& person) {
    auto state = book_->load();
    if (!state) return state.error();
    auto value = book_->value(uid_index, state->newest, as_bytes(uid));
    if (!value) return value.error();
    auto there = store_->find_index(uid_space, *value);
    if (!there) return there.error();
    if (!there->empty() && !(there->front().subject == person)) return Errc::already_there;
    if (there->empty()) {
      if (auto put = store_->put_index({uid_space, *value, person, {}}); !put) return put;
    }
    auto all = store_->index_rows_of(person);
    if (!all) return all.error();
    for (const later<IndexRow, Lazy>& row : *all) {
      if (row.space != uid_space || row.value == *value) continue;
      if (auto gone = store_->drop_index(uid_space, row.value, {}); !gone) return gone;
    }
    return {};
  }

  KeyStore* store_;
  IndexBook<Lazy>* book_;
};

}  // namespace custody::inline v0::detail
