// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <time.h>

#include <custody/crypto/entropy.hpp>
#include <custody/storage/sqlite_file.hpp>
#include <custody/storage/sqlite_query.hpp>
#include <custody/words/mutex.hpp>

namespace custody::inline v0::detail {

/// How a database is opened and what it must turn out to be.
struct SqliteShape {
  std::int64_t application = 0;  ///< the application id in its header
  std::int64_t schema = 0;       ///< the version of its tables
  const char* tables = "";       ///< the statements that make them
  const char* name = "";         ///< what errors call it: "data" or "keys"
  bool durable = true;           ///< wait for the disk at every commit, or only at checkpoints
  int busy_ms = 2000;            ///< how long to wait for another process
};

/// One SQLite connection behind one recursive lock, held from begin() to commit() or rollback(): thread-safe. Nested
/// transactions join the outer one; when an inner one is undone after a change, the outer one can only be undone.
class SqliteDb {
 public:
  SqliteDb() = default;
  SqliteDb(const SqliteDb&) = delete;
  SqliteDb& operator=(const SqliteDb&) = delete;
  ~SqliteDb() { close(); }

  /// Opens an existing file; makes the tables when it has none yet. Errors: locked, read_only, disk_full, malformed for
  /// a file that is no database or is damaged, wrong_schema for another program's, storage_failed.
  [[nodiscard]] Result<void> open(const std::string& path, const SqliteShape& shape) {
    const Lock lock(mutex_);
    shape_ = shape;
    process_ = fork_count();
    constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    auto done =
        ::sqlite3_open_v2(path.c_str(), &db_, flags, nullptr) == SQLITE_OK ? prepare() : Result<void>(failure());
    if (!done) close();
    return done;
  }
  /// Ends the connection; later calls fail with storage_failed. In a forked child it only lets go.
  void close() noexcept {
    const Lock lock(mutex_);
    if (db_ == nullptr) return;
    if (usable()) {
      for (::sqlite3_stmt*& statement : cached_) {
        ::sqlite3_finalize(statement);
        statement = nullptr;
      }
      ::sqlite3_close_v2(db_);
    }
    db_ = nullptr;
  }

  [[nodiscard]] Mutex& mutex() noexcept { return mutex_; }

  /// A cached statement, ready to bind. Hold mutex() while it lives.
  [[nodiscard]] SqliteQuery query(const Sql& sql) noexcept {
    if (!usable()) return {db_, nullptr, Error{Errc::storage_failed, shape_.name}};
    ::sqlite3_stmt*& statement = cached_[sql.place];
    if (statement == nullptr) {
      const int made = ::sqlite3_prepare_v3(db_, sql.text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
      if (made != SQLITE_OK) return {db_, nullptr, failure()};
    }
    return {db_, statement, {}};
  }

  /// Starts a write transaction, or joins the running one. Holds the lock until its commit() or rollback().
  [[nodiscard]] Result<void> begin() noexcept {
    mutex_.lock();
    if (depth_ == 0) {
      auto started = query({0, "BEGIN IMMEDIATE"}).run();
      if (!started) {
        mutex_.unlock();
        return started;
      }
      doomed_ = false;
    }
    ++depth_;
    return {};
  }
  /// Ends it; the outermost call makes everything since begin() durable, or undoes it all and says why.
  [[nodiscard]] Result<void> commit() noexcept {
    if (!inside()) return Error{Errc::storage_failed, shape_.name};
    if (depth_ > 1) {
      leave();
      return {};
    }
    const bool whole = !doomed_ && in_sql_transaction();
    auto done = whole ? query({1, "COMMIT"}).run() : Result<void>(Error{Errc::storage_failed, shape_.name});
    if (!done) undo();
    leave();
    return done;
  }
  /// Undoes it; from an inner transaction the outer one can no longer commit. Nothing when none runs.
  void rollback() noexcept {
    if (!inside()) return;
    doomed_ = true;
    if (depth_ == 1) undo();
    leave();
  }
  /// Ends an inner transaction that changed nothing, without harm to the outer one.
  void abandon(int changes_before) noexcept {
    const bool harmless = depth_ > 1 && changes_so_far() == changes_before && in_sql_transaction();
    if (harmless)
      leave();
    else
      rollback();
  }
  [[nodiscard]] int changes_so_far() const noexcept { return db_ == nullptr ? 0 : ::sqlite3_total_changes(db_); }
  [[nodiscard]] bool in_transaction() noexcept {
    const Lock lock(mutex_);
    return depth_ != 0;
  }
  /// Raised by every undone transaction: what was cached from inside it is void.
  [[nodiscard]] std::uint64_t undone() const noexcept { return undone_; }

  /// Rows the last statement changed. Hold mutex().
  [[nodiscard]] bool changed() const noexcept { return ::sqlite3_changes(db_) != 0; }
  [[nodiscard]] std::int64_t last_id() const noexcept { return ::sqlite3_last_insert_rowid(db_); }
  /// Changes whenever another connection wrote; costs about a microsecond.
  [[nodiscard]] std::uint64_t data_version() noexcept {
    const Lock lock(mutex_);
    auto pragma = query({2, "PRAGMA data_version"});
    auto row = pragma.row();
    return row && *row ? from_sql(pragma.number_at(0)) : 0;
  }
  /// Moves the write-ahead log into the file and empties it. Errors: locked while a reader or a transaction needs it.
  [[nodiscard]] Result<void> truncate_wal(int wait_ms) noexcept {
    const Lock lock(mutex_);
    if (!usable()) return Error{Errc::storage_failed, shape_.name};
    if (depth_ != 0) return Error{Errc::locked, shape_.name};
    ::sqlite3_busy_timeout(db_, wait_ms);
    const int result = ::sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    const Error error = failure();
    ::sqlite3_busy_timeout(db_, shape_.busy_ms);
    if (result != SQLITE_OK) return error;
    return {};
  }
  /// Rewrites the file from its live rows alone. Cost: the size of the file. Errors: locked, disk_full.
  [[nodiscard]] Result<void> compact() noexcept {
    const Lock lock(mutex_);
    if (depth_ != 0) return Error{Errc::locked, shape_.name};
    if (auto done = execute("VACUUM"); !done) return done;
    return truncate_wal(shape_.busy_ms);
  }
  [[nodiscard]] int busy_ms() const noexcept { return shape_.busy_ms; }

  /// Runs statements whose rows do not matter.
  [[nodiscard]] Result<void> execute(const char* sql) noexcept {
    if (!usable()) return Error{Errc::storage_failed, shape_.name};
    if (::sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
    return {};
  }

 private:
  [[nodiscard]] Error failure() const noexcept {
    if (db_ == nullptr) return {Errc::no_memory, shape_.name};
    return {sqlite_failure(db_), shape_.name};
  }
  [[nodiscard]] bool inside() noexcept {
    const Lock lock(mutex_);
    return depth_ != 0;  // by this thread: another one would hold the lock
  }
  /// Open, and in the process that opened it: SQLite must not be carried over a fork.
  [[nodiscard]] bool usable() const noexcept { return db_ != nullptr && process_ == fork_count(); }
  /// SQLite itself undoes a transaction when the disk is full.
  [[nodiscard]] bool in_sql_transaction() const noexcept {
    return db_ != nullptr && ::sqlite3_get_autocommit(db_) == 0;
  }
  void leave() noexcept {
    --depth_;
    mutex_.unlock();
  }
  void undo() noexcept {
    ++undone_;
    if (in_sql_transaction()) static_cast<void>(query({3, "ROLLBACK"}).run());
  }

  [[nodiscard]] Result<void> prepare() noexcept {
    ::sqlite3_extended_result_codes(db_, 1);
    if (::sqlite3_db_readonly(db_, "main") != 0) return Error{Errc::read_only, shape_.name};
    ::sqlite3_busy_timeout(db_, shape_.busy_ms);
    // a stranger's triggers and views in the file must not run
    ::sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    ::sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    ::sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    ::sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    auto made = has_tables();
    if (!made) return made.error();
    if (auto journal = use_wal(); !journal) return journal;
    auto settled = execute(
        "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON; PRAGMA cache_size=-8000");
    if (!settled) return settled;
    if (auto sync = execute(shape_.durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"); !sync)
      return sync;
    return *made ? Result<void>() : make_tables();
  }
  [[nodiscard]] Result<std::int64_t> pragma_number(const char* sql) noexcept {
    ::sqlite3_stmt* statement = nullptr;
    if (::sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) return failure();
    const int result = ::sqlite3_step(statement);
    const std::int64_t value = result == SQLITE_ROW ? ::sqlite3_column_int64(statement, 0) : 0;
    const Error error = failure();
    ::sqlite3_finalize(statement);
    if (result != SQLITE_ROW) return error;
    return value;
  }
  [[nodiscard]] Result<bool> pragma_is(const char* sql, std::string_view wanted) noexcept {
    ::sqlite3_stmt* statement = nullptr;
    if (::sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) return failure();
    const int result = ::sqlite3_step(statement);
    const auto* answer = result == SQLITE_ROW ? ::sqlite3_column_text(statement, 0) : nullptr;
    const bool same = answer != nullptr && wanted == reinterpret_cast<const char*>(answer);
    const Error error = failure();
    ::sqlite3_finalize(statement);
    if (result != SQLITE_ROW) return error;
    return same;
  }
  /// Whether it is this program's and has tables, or is empty; read at one moment, since another process may be making it.
  [[nodiscard]] Result<bool> has_tables() noexcept {
    const bool alone = !in_sql_transaction();
    if (auto begun = alone ? execute("BEGIN") : Result<void>(); !begun) return begun.error();
    auto answer = read_kind();
    if (auto ended = alone ? execute("COMMIT") : Result<void>(); !ended) return ended.error();
    return answer;
  }
  [[nodiscard]] Result<bool> read_kind() noexcept {
    auto application = pragma_number("PRAGMA application_id");
    auto schema = pragma_number("PRAGMA user_version");
    auto objects = pragma_number("SELECT count(*) FROM sqlite_master");
    if (!application) return application.error();
    if (!schema) return schema.error();
    if (!objects) return objects.error();
    if (*application == 0 && *schema == 0 && *objects == 0) return false;
    if (*application != shape_.application || *schema != shape_.schema) return Error{Errc::wrong_schema, shape_.name};
    return true;
  }
  /// SQLite does not always wait by itself here, so this does.
  [[nodiscard]] Result<void> use_wal() noexcept {
    for (int waited = 0;; waited += 5) {
      auto writes_ahead = pragma_is("PRAGMA journal_mode=WAL", "wal");
      if (writes_ahead && *writes_ahead) return {};
      if (writes_ahead) return Error{Errc::storage_failed, shape_.name};
      if (writes_ahead.error().code != Errc::locked || waited >= shape_.busy_ms) return writes_ahead.error();
      const ::timespec pause{0, 5'000'000};
      ::nanosleep(&pause, nullptr);
    }
  }
  [[nodiscard]] Result<void> make_tables() noexcept {
    if (auto begun = begin(); !begun) return begun;
    auto made = has_tables();
    auto done = made && !*made ? execute(shape_.tables) : made ? Result<void>() : Result<void>(made.error());
    if (done) return commit();
    rollback();
    return done;
  }

  Mutex mutex_;
  ::sqlite3* db_ = nullptr;
  SqliteShape shape_;
  std::uint64_t process_ = 0;
  std::array<::sqlite3_stmt*, 48> cached_{};
  int depth_ = 0;
  bool doomed_ = false;
  std::uint64_t undone_ = 0;
};

/// A write transaction for a scope: undone unless finished.
class SqliteWork {
 public:
  explicit SqliteWork(SqliteDb& db) noexcept : db_(&db), started_(db.begin()), before_(db.changes_so_far()) {}
  SqliteWork(const SqliteWork&) = delete;
  SqliteWork& operator=(const SqliteWork&) = delete;
  ~SqliteWork() {
    if (started_ && !ended_) db_->abandon(before_);
  }
  [[nodiscard]] explicit operator bool() const noexcept { return started_.has_value(); }
  [[nodiscard]] Error error() const noexcept { return started_.error(); }
  [[nodiscard]] Result<void> finish() noexcept {
    ended_ = true;
    return db_->commit();
  }

 private:
  SqliteDb* db_;
  Result<void> started_;
  int before_;
  bool ended_ = false;
};

}  // namespace custody::inline v0::detail
