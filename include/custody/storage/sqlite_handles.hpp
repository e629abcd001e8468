// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <unordered_map>

#include <custody/law/handle.hpp>
#include <custody/storage/sqlite_db.hpp>

namespace custody::inline v0::detail {

inline constexpr Sql sql_number_of{6, "SELECT n FROM handles WHERE handle=?"};
inline constexpr Sql sql_new_handle{7, "INSERT INTO handles(handle) VALUES(?)"};
inline constexpr Sql sql_handle_of{8, "SELECT handle FROM handles WHERE n=?"};

/// The small numbers that stand for handles inside one data file: two bytes instead of sixteen in every row and index.
/// Numbers are never given up, so what is cached stays true unless a transaction is undone. Hold the database's lock.
class SqliteHandles {
 public:
  explicit SqliteHandles(SqliteDb& db) noexcept : db_(&db) {}

  /// The number of a handle, 0 when it has none; the zero handle's number is 0.
  [[nodiscard]] Result<std::int64_t> find(const Handle& handle) {
    if (handle.is_zero()) return std::int64_t{0};
    forget_undone();
    if (const auto known = numbers_.find(handle); known != numbers_.end()) return known->second;
    auto query = db_->query(sql_number_of);
    auto row = query.blob(handle).row();
    if (!row) return row.error();
    if (!*row) return std::int64_t{0};
    return keep(handle, query.number_at(0));
  }
  /// The number of a handle, given out now if it has none. Inside a transaction.
  [[nodiscard]] Result<std::int64_t> intern(const Handle& handle) {
    auto known = find(handle);
    if (!known || *known != 0 || handle.is_zero()) return known;
    if (auto made = db_->query(sql_new_handle).blob(handle).run(); !made) return made.error();
    return keep(handle, db_->last_id());
  }
  /// Errors: malformed for a number that was never given out.
  [[nodiscard]] Result<Handle> handle_of(std::int64_t number) {
    if (number == 0) return Handle{};
    forget_undone();
    if (const auto known = handles_.find(number); known != handles_.end()) return known->second;
    auto query = db_->query(sql_handle_of);
    auto row = query.number(number).row();
    if (!row) return row.error();
    Handle handle;
    if (!*row || !query.handle_at(0, handle)) return Error{Errc::malformed, "data"};
    keep(handle, number);
    return handle;
  }

 private:
  struct Hash {
    [[nodiscard]] std::size_t operator()(const Handle& handle) const noexcept {
      std::size_t value = 0;
      std::memcpy(&value, handle.bytes.data(), sizeof value);
      return value;  // handles are random
    }
  };
  static constexpr std::size_t most = 1 << 16;

  std::int64_t keep(const Handle& handle, std::int64_t number) {
    if (numbers_.size() >= most) clear();
    numbers_.emplace(handle, number);
    handles_.emplace(number, handle);
    return number;
  }
  void forget_undone() noexcept {
    if (undone_ == db_->undone()) return;
    undone_ = db_->undone();
    clear();
  }
  void clear() noexcept {
    numbers_.clear();
    handles_.clear();
  }
  SqliteDb* db_;
  std::uint64_t undone_ = 0;
  std::unordered_map<Handle, std::int64_t, Hash> numbers_;
  std::unordered_map<std::int64_t, Handle> handles_;
};

}  // namespace custody::inline v0::detail
