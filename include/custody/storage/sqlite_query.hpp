// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <sqlite3.h>

#include <custody/law/handle.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// One SQL statement of a store: its place in the cache of prepared statements and its text.
struct Sql {
  unsigned place = 0;
  const char* text = "";
};

/// The code for a failed write or open, by what the kernel said.
[[nodiscard]] constexpr Errc sqlite_errno_code(int code, Errc otherwise) noexcept {
  switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Errc::disk_full;
    case EROFS:
    case EACCES:
    case EPERM: return Errc::read_only;
    default: return otherwise;
  }
}

/// What an SQLite result means here. Never carries SQL or data. `kernel` is the system error SQLite met, 0 if none.
[[nodiscard]] constexpr Errc sqlite_code(int result, int kernel) noexcept {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Errc::locked;
    case SQLITE_READONLY:
    case SQLITE_PERM: return Errc::read_only;
    case SQLITE_FULL: return Errc::disk_full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Errc::malformed;
    case SQLITE_NOMEM: return Errc::no_memory;
    case SQLITE_TOOBIG: return Errc::too_large;
    case SQLITE_CONSTRAINT: return Errc::already_there;
    case SQLITE_CANTOPEN: return sqlite_errno_code(kernel, Errc::storage_failed);
    case SQLITE_IOERR:
      if (result == SQLITE_IOERR_SHMSIZE) return Errc::disk_full;
      if (result == SQLITE_IOERR_SHORT_READ) return Errc::malformed;
      return sqlite_errno_code(kernel, Errc::storage_failed);
    default: return Errc::storage_failed;
  }
}

/// The system error of the last failed write to the file or its log; SQLite forgets it on some ways out of a statement.
[[nodiscard]] inline int sqlite_write_errno(::sqlite3* db) noexcept {
  int code = ::sqlite3_system_errno(db);
  for (const int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    ::sqlite3_file* file = nullptr;
    if (code != 0 || ::sqlite3_file_control(db, "main", which, static_cast<void*>(&file)) != SQLITE_OK) continue;
    if (file == nullptr || file->pMethods == nullptr) continue;
    static_cast<void>(file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &code));
  }
  return code;
}
/// What the last failed call on a connection means here.
[[nodiscard]] inline Errc sqlite_failure(::sqlite3* db) noexcept {
  const int result = ::sqlite3_extended_errcode(db);
  const bool by_kernel = (result & 0xff) == SQLITE_IOERR || (result & 0xff) == SQLITE_CANTOPEN;
  return sqlite_code(result, by_kernel ? sqlite_write_errno(db) : 0);
}

/// A prepared statement in use: bind in order, then step; reset when it goes out of scope. Bound bytes are borrowed until
/// then. A failure while preparing or binding is kept and comes out of row() or run().
class SqliteQuery {
 public:
  SqliteQuery(::sqlite3* db, ::sqlite3_stmt* statement, Error early) noexcept
      : db_(db), statement_(statement), failure_(early), failed_(statement == nullptr) {}
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;
  ~SqliteQuery() {
    if (statement_ != nullptr) ::sqlite3_reset(statement_);
  }

  SqliteQuery& number(std::int64_t value) noexcept {
    if (!failed_) note(::sqlite3_bind_int64(statement_, ++bound_, value));
    return *this;
  }
  SqliteQuery& blob(ByteView value) noexcept {
    if (failed_) return *this;
    const void* data = value.data() == nullptr ? static_cast<const void*>("") : value.data();
    note(::sqlite3_bind_blob64(statement_, ++bound_, data, value.size(), SQLITE_STATIC));
    return *this;
  }
  SqliteQuery& blob(const Handle& handle) noexcept { return blob(ByteView(handle.bytes)); }
  SqliteQuery& text(std::string_view value) noexcept {
    if (failed_) return *this;
    const char* data = value.data() == nullptr ? "" : value.data();
    note(::sqlite3_bind_text64(statement_, ++bound_, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
    return *this;
  }

  /// Steps: true when a row can be read, false at the end.
  [[nodiscard]] Result<bool> row() noexcept {
    if (failed_) return failure_;
    const int result = ::sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    note(result);
    return failure_;
  }
  /// Steps to the end, for statements whose rows do not matter.
  [[nodiscard]] Result<void> run() noexcept {
    for (;;) {
      auto more = row();
      if (!more) return more.error();
      if (!*more) return {};
    }
  }
  /// Makes the statement ready to be bound and run again.
  void again() noexcept {
    bound_ = 0;
    if (statement_ != nullptr) ::sqlite3_reset(statement_);
  }

  [[nodiscard]] std::int64_t number_at(int column) const noexcept { return ::sqlite3_column_int64(statement_, column); }
  /// Borrowed until the next step.
  [[nodiscard]] ByteView blob_at(int column) const noexcept {
    const void* data = ::sqlite3_column_blob(statement_, column);
    const int size = ::sqlite3_column_bytes(statement_, column);
    if (data == nullptr || size <= 0) return {};
    return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
  }
  /// A handle in a column; false when the column holds something else.
  [[nodiscard]] bool handle_at(int column, Handle& out) const noexcept {
    const ByteView bytes = blob_at(column);
    if (bytes.size() != out.bytes.size()) return false;
    std::memcpy(out.bytes.data(), bytes.data(), bytes.size());
    return true;
  }

 private:
  void note(int result) noexcept {
    if (result == SQLITE_OK || failed_) return;
    failed_ = true;
    failure_ = Error{sqlite_failure(db_), "sqlite"};
  }
  ::sqlite3* db_;
  ::sqlite3_stmt* statement_;
  int bound_ = 0;
  Error failure_;
  bool failed_;
};

/// Numbers as SQLite keeps them: unsigned ones keep their bits.
[[nodiscard]] constexpr std::int64_t sql_number(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value);
}
[[nodiscard]] constexpr std::uint64_t from_sql(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value);
}

}  // namespace custody::inline v0::detail
