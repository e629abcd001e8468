// SPDX-License-Identifier: Apache-2.0
#include "stores.hpp"

#include <csignal>
#include <filesystem>

#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace custody_test;

namespace {

/// A second connection to a file, for what another program may do to it.
class Outsider {
 public:
  explicit Outsider(const std::string& path) {
    if (::sqlite3_open(path.c_str(), &db_) != SQLITE_OK) FAIL("stranger");
  }
  Outsider(const Outsider&) = delete;
  Outsider& operator=(const Outsider&) = delete;
  ~Outsider() { ::sqlite3_close(db_); }
  bool run(const std::string& sql) { return ::sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK; }

 private:
  ::sqlite3* db_ = nullptr;
};

[[nodiscard]] ::mode_t mode_of(const std::string& path) {
  struct ::stat facts{};
  return ::stat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777 : 0;
}
void fill_rows(SqliteStore& store, std::uint64_t count) {
  REQUIRE(store.begin());
  for (std::uint64_t n = 0; n != count; ++n)
    REQUIRE(store.put_row(row_of(1, n, {handle_of(n % 7)}, std::string(200, 'x'))));
  REQUIRE(store.commit());
}
void drop_privileges() {
  if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) ::_exit(99);
}

}  // namespace

TEST_CASE("everything is there after reopening", "[storage][sqlite]") {
  const Sqlite kind;
  LedgerRow line;
  line.subject = handle_of(1);
  const std::vector<LedgerRow> lines{line};
  const std::vector<Bytes> leaves{bytes_of("leaf")};
  {
    auto store = kind.open();
    fill_rows(store, 50);
    REQUIRE(store.leaf_store().append_leaves(0, leaves));
    REQUIRE(store.ledger_store().append_ledger(lines));
    REQUIRE(store.key_store().put_key(key_of(handle_of(1), {}, 4, "wrapped")));
    REQUIRE(store.key_store().destroy(handle_of(2), {5}));
  }
  auto store = kind.open();
  CHECK(*store.row_count() == 50);
  CHECK(same(*store.get_row(1, tag_of(9)), row_of(1, 9, {handle_of(2)}, std::string(200, 'x'))));
  CHECK(store.rows_of(handle_of(2), 1, 0, 100)->size() == 7);
  CHECK(*store.leaf_store().leaf_count() == 1);
  CHECK(store.ledger_store().ledger_of(handle_of(1))->size() == 1);
  CHECK(store.key_store().get_key(handle_of(1), {}, 4)->wrapped == bytes_of("wrapped"));
  CHECK(*store.key_store().destroyed(handle_of(2)));
}

TEST_CASE("both files are private under any umask", "[storage][sqlite]") {
  for (const ::mode_t mask : {::mode_t{0}, ::mode_t{0277}}) {
    const Sqlite kind;
    const ::mode_t before = ::umask(mask);
    auto store = kind.try_open();
    ::umask(before);
    REQUIRE(store);
    REQUIRE(store->put_row(row_of(1, 1, {handle_of(1)})));
    REQUIRE(store->key_store().put_fact("a", {}));
    for (const char* name : {"im.db", "im.keys", "im.db-wal", "im.keys-wal"}) CHECK(mode_of(kind.place / name) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(kind.place.path()), {}) == 6);  // nothing temporary is left
  }
}

TEST_CASE("data without its keys never gets new ones", "[storage][sqlite]") {
  const Sqlite kind;
  {
    auto store = kind.open();
  }
  const std::string keys = kind.place / "im.keys", data = kind.place / "im.db";
  SECTION("missing") {
    std::filesystem::remove(keys);
    CHECK(kind.try_open().error() == Errc::wrong_schema);
    CHECK_FALSE(std::filesystem::exists(keys));
  }
  SECTION("empty") {
    std::filesystem::resize_file(keys, 0);
    CHECK(kind.try_open().error() == Errc::wrong_schema);
    CHECK(std::filesystem::file_size(keys) == 0);
  }
  SECTION("empty, and no data either") {
    std::filesystem::resize_file(keys, 0);
    std::filesystem::remove(data);
    CHECK(kind.try_open().error() == Errc::wrong_schema);
  }
  SECTION("of another pair") {
    const Sqlite other;
    {
      auto store = other.open();
    }
    std::filesystem::copy_file(other.place / "im.keys", keys, std::filesystem::copy_options::overwrite_existing);
    CHECK(kind.try_open().error() == Errc::wrong_schema);
  }
  SECTION("keys without data: new data") {
    std::filesystem::remove(data);
    CHECK(kind.try_open());
  }
  SECTION("an empty data file is a new one") {
    std::filesystem::resize_file(data, 0);
    CHECK(kind.try_open());
  }
}

TEST_CASE("without create nothing is made", "[storage][sqlite]") {
  const Sqlite kind;
  auto options = kind.options();
  options.create = false;
  CHECK(SqliteStore::open(options, "test").error() == Errc::not_found);
  CHECK(std::filesystem::is_empty(kind.place.path()));
  CHECK(SqliteKeyStore::open({options.keys, false}, "test").error() == Errc::not_found);
  {
    auto store = kind.open();
  }
  CHECK(SqliteStore::open(options, "test"));
  options.data = kind.place / "no/such/place.db";
  options.create = true;
  CHECK_FALSE(SqliteStore::open(options, "test"));
  CHECK_FALSE(SqliteStore::open({}, "test"));
}

TEST_CASE("a file name is only a file name", "[storage][sqlite]") {
  const TempDir place;
  const std::string before = std::filesystem::current_path().string();
  std::filesystem::current_path(place.path());
  for (const char* name : {":memory:", "file:x?mode=memory", "plain"}) {
    auto store = SqliteStore::open({.data = name, .keys = std::string(name) + ".keys"}, "test");
    CHECK(store);
    CHECK(std::filesystem::exists(place / name));
  }
  std::filesystem::current_path(before);
}

TEST_CASE("another product, version or program is refused", "[storage][sqlite]") {
  const Sqlite kind;
  {
    auto store = kind.open();
  }
  const std::string keys = kind.place / "im.keys", data = kind.place / "im.db";
  CHECK(SqliteStore::open(kind.options(), "other").error() == Errc::wrong_schema);
  CHECK(SqliteStore::open(kind.options(), "").error() == Errc::wrong_schema);
  CHECK(SqliteKeyStore::open({keys}, "other").error() == Errc::wrong_schema);
  CHECK(SqliteStore::open({.data = keys, .keys = data}, "test").error() == Errc::wrong_schema);
  CHECK(SqliteStore::open({.data = data, .keys = data}, "test").error() == Errc::wrong_schema);
  for (const std::string& file : {keys, data}) {
    CHECK(Outsider(file).run("PRAGMA user_version=2"));
    CHECK(kind.try_open().error() == Errc::wrong_schema);
    CHECK(Outsider(file).run("PRAGMA user_version=1; PRAGMA application_id=7"));
    CHECK(kind.try_open().error() == Errc::wrong_schema);
    CHECK(Outsider(file).run(std::string("PRAGMA application_id=") + (file == keys ? "1668641643" : "1668641636")));
    CHECK(kind.try_open());
  }
  const std::string foreign = kind.place / "foreign.db";
  CHECK(Outsider(foreign).run("CREATE TABLE t(x)"));
  CHECK(SqliteStore::open({.data = foreign, .keys = keys}, "test").error() == Errc::wrong_schema);
}

TEST_CASE("garbage and truncated files are malformed, not crashes", "[storage][sqlite]") {
  const Sqlite kind;
  {
    auto store = kind.open();
    fill_rows(store, 500);
    for (std::uint64_t n = 0; n != 100; ++n) REQUIRE(store.key_store().put_key(key_of(handle_of(n), {}, 1, "wrapped")));
  }
  for (const char* name : {"im.db", "im.keys"}) {
    const std::string path = kind.place / name;
    const std::string whole = file_bytes(path);
    write_file(path, std::string(5000, 'g'));
    CHECK(kind.try_open().error() == Errc::malformed);
    write_file(path, "short");
    CHECK(kind.try_open().error() == Errc::malformed);
    write_file(path, whole.substr(0, whole.size() / 2));
    CHECK(kind.try_open().error() == Errc::malformed);
    write_file(path, whole);
    CHECK(kind.try_open());
  }
}

TEST_CASE("flipped bytes never crash and never pass unnoticed as other rows", "[storage][sqlite]") {
  const Sqlite kind;
  {
    auto store = kind.open();
    fill_rows(store, 60);
  }
  const std::string path = kind.place / "im.db";
  const std::string whole = file_bytes(path);
  std::uint64_t state = 12345;
  for (int round = 0; round != 150; ++round) {
    std::string bad = whole;
    for (int i = 0; i != 8; ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      bad[static_cast<std::size_t>(state >> 33) % bad.size()] = static_cast<char>(state >> 20);
    }
    write_file(path, bad);
    auto store = kind.try_open();
    if (!store) continue;
    std::uint64_t after = 0;
    static_cast<void>(store->scan_rows(after, 1000));
    static_cast<void>(store->rows_of(handle_of(3), 0, 0, 100));
    static_cast<void>(store->expired_rows({1}, 10));
    static_cast<void>(store->remove_rows_of(handle_of(2)));
    static_cast<void>(store->put_row(row_of(1, 5, {handle_of(5), handle_of(6)})));
  }
  SUCCEED();
}

TEST_CASE("keys that others may read, replace or share are refused", "[storage][sqlite]") {
  const Sqlite kind;
  {
    auto store = kind.open();
  }
  const std::string keys = kind.place / "im.keys";
  for (const ::mode_t mode : {::mode_t{0644}, ::mode_t{0640}, ::mode_t{0602}}) {
    REQUIRE(::chmod(keys.c_str(), mode) == 0);
    CHECK(kind.try_open().error() == Errc::unsafe_permissions);
  }
  REQUIRE(::chmod(keys.c_str(), 0600) == 0);
  CHECK(kind.try_open());
  SECTION("a symbolic link") {
    std::filesystem::rename(keys, kind.place / "real");
    std::filesystem::create_symlink(kind.place / "real", keys);
    CHECK(kind.try_open().error() == Errc::unsafe_permissions);
  }
  SECTION("a second name") {
    std::filesystem::create_hard_link(keys, kind.place / "second");
    CHECK(kind.try_open().error() == Errc::unsafe_permissions);
  }
  SECTION("a directory that all may write") {
    REQUIRE(::chmod(kind.place.path().c_str(), 0777) == 0);
    CHECK(kind.try_open().error() == Errc::unsafe_permissions);
  }
  SECTION("another owner") {
    if (::geteuid() == 0) {
      REQUIRE(::chown(keys.c_str(), 65534, 65534) == 0);
      CHECK(kind.try_open().error() == Errc::unsafe_permissions);
    }
  }
}

TEST_CASE("destroyed keys and removed rows are in no file", "[storage][sqlite]") {
  const Sqlite kind;
  auto store = kind.open();
  KeyStore& keys = store.key_store();
  const auto secret = [](std::uint64_t n) {
    return "wrapped-canary-" + std::to_string(n) + std::string(40 + n % 60, 'k') + "/";
  };
  const auto text = [](std::uint64_t n) { return "row-canary-" + std::to_string(n) + std::string(n % 90, 'r') + "/"; };
  const auto value = [](std::uint64_t n) {
    IndexValue v{};
    for (std::size_t i = 0; i != 16; ++i)
      v[i] = static_cast<std::byte>((n + 7) * 0x9e3779b97f4a7c15U >> (4 * (i % 12)));
    return v;
  };
  constexpr std::uint64_t people = 400;
  REQUIRE(store.begin());
  REQUIRE(keys.begin());
  for (std::uint64_t n = 0; n != people; ++n) {
    REQUIRE(keys.put_key(key_of(handle_of(n), {}, 1, secret(n))));
    REQUIRE(keys.put_key(key_of(handle_of(9999), handle_of(n), 1, secret(n + 1000))));
    REQUIRE(keys.put_index({1, value(n), handle_of(n), {}}));
    REQUIRE(store.put_row(row_of(1, n, {handle_of(n)}, text(n))));
  }
  REQUIRE(keys.commit());
  REQUIRE(store.commit());
  CHECK(any_file_holds(kind.place.path(), secret(3)));
  CHECK(any_file_holds(kind.place.path(), text(3)));

  for (std::uint64_t n = 3; n < people; n += 2) {
    REQUIRE(keys.destroy(handle_of(n), {1}));
    CHECK(*store.remove_rows_of(handle_of(n)) == 1);
  }
  CHECK_FALSE(any_file_holds(kind.place.path(), secret(3)));  // at once
  REQUIRE(store.truncate_wal());
  std::string all;
  for (const char* name : {"im.db", "im.db-wal", "im.db-shm", "im.keys", "im.keys-wal", "im.keys-shm"}) {
    all += file_bytes(kind.place / name);
  }
  std::uint64_t left = 0;
  for (std::uint64_t n = 3; n < people; n += 2) {
    const IndexValue v = value(n);
    left += all.find("canary-" + std::to_string(n) + "k") != std::string::npos;
    left += all.find("canary-" + std::to_string(n + 1000) + "k") != std::string::npos;
    left += all.find(text(n)) != std::string::npos;
    left += all.find(as_text(v)) != std::string::npos;
  }
  CHECK(left == 0);
  CHECK(all.find(secret(2)) != std::string::npos);
  REQUIRE(keys.drop_wrap(handle_of(9999), handle_of(2)));
  CHECK_FALSE(any_file_holds(kind.place.path(), secret(1002)));
  REQUIRE(store.compact());
  CHECK(keys.get_key(handle_of(2), {}, 1)->wrapped == bytes_of(secret(2)));
  CHECK(store.rows_of(handle_of(2), 0, 0, 9)->size() == 1);
}

TEST_CASE("a reader delays the shredding, flush() completes and tells it", "[storage][sqlite]") {
  const Sqlite kind;
  auto opened = SqliteKeyStore::open({kind.place / "im.keys", true, 20}, "test");
  REQUIRE(opened);
  SqliteKeyStore& keys = **opened;
  REQUIRE(keys.put_key(key_of(handle_of(1), {}, 1, "wrapped-canary")));
  CHECK_FALSE(keys.shredding());
  {
    Outsider reader(kind.place / "im.keys");
    REQUIRE(reader.run("BEGIN; SELECT * FROM slots"));
    REQUIRE(keys.destroy(handle_of(1), {1}));
    CHECK(keys.shredding());
    CHECK(keys.flush().error() == Errc::locked);
    REQUIRE(reader.run("COMMIT"));
  }
  REQUIRE(keys.flush());
  CHECK_FALSE(keys.shredding());
  CHECK_FALSE(any_file_holds(kind.place.path(), "wrapped-canary"));
}

TEST_CASE("key changes group, undo, and show in other connections", "[storage][sqlite]") {
  const Sqlite kind;
  auto first = kind.open();
  auto second = kind.open();
  KeyStore& mine = first.key_store();
  KeyStore& theirs = second.key_store();
  const auto before = theirs.change_count();
  CHECK(theirs.change_count() == before);
  REQUIRE(mine.begin());
  REQUIRE(mine.put_key(key_of(handle_of(1), {}, 1, "w")));
  REQUIRE(mine.destroy(handle_of(2), {1}));
  CHECK(theirs.get_key(handle_of(1), {}, 1).error() == Errc::unknown_key);
  mine.rollback();
  CHECK(mine.get_key(handle_of(1), {}, 1).error() == Errc::unknown_key);
  CHECK_FALSE(*mine.destroyed(handle_of(2)));
  REQUIRE(mine.raise_epoch(handle_of(1)));
  CHECK(theirs.change_count() != before);
  CHECK(*theirs.epoch(handle_of(1)) == 1);
  REQUIRE(mine.begin());
  REQUIRE(mine.put_key(key_of(handle_of(1), {}, 1, "w")));
  CHECK(mine.put_key(key_of(handle_of(1), {}, 1, "w")).error() == Errc::already_there);  // harms nothing
  CHECK(theirs.raise_epoch(handle_of(1)).error() == Errc::locked);
  REQUIRE(mine.commit());
  CHECK(theirs.get_key(handle_of(1), {}, 1));
}

TEST_CASE("a database that another program holds is locked, not lost", "[storage][sqlite]") {
  const Sqlite kind;
  auto store = kind.open();
  REQUIRE(store.put_row(row_of(1, 1, {handle_of(1)})));
  Outsider other(kind.place / "im.db");
  REQUIRE(other.run("BEGIN IMMEDIATE"));
  CHECK(store.put_row(row_of(1, 2, {handle_of(1)})).error() == Errc::locked);
  CHECK(store.begin().error() == Errc::locked);
  CHECK(store.get_row(1, tag_of(1)));  // reading goes on
  CHECK(store.truncate_wal().error() == Errc::locked);
  REQUIRE(other.run("COMMIT"));
  REQUIRE(store.put_row(row_of(1, 2, {handle_of(1)})));
}

TEST_CASE("files that cannot be written are read_only", "[storage][sqlite]") {
  const Sqlite kind;
  const int code = in_child([&] {
    if (::geteuid() == 0 && ::chown(kind.place.path().c_str(), 65534, 65534) != 0) return 98;
    drop_privileges();
    {
      auto made = SqliteStore::open(kind.options(), "test");
      if (!made) return 1;
    }
    if (::chmod((kind.place / "im.db").c_str(), 0400) != 0) return 2;
    auto data = SqliteStore::open(kind.options(), "test");
    if (data || !(data.error() == Errc::read_only)) return 3;
    if (::chmod((kind.place / "im.db").c_str(), 0600) != 0 || ::chmod((kind.place / "im.keys").c_str(), 0400) != 0)
      return 4;
    auto keys = SqliteStore::open(kind.options(), "test");
    if (keys || !(keys.error() == Errc::read_only)) return 5;
    if (::chmod((kind.place / "im.keys").c_str(), 0600) != 0 || ::chmod(kind.place.path().c_str(), 0500) != 0) return 6;
    auto folder = SqliteStore::open(kind.options(), "test");
    if (folder || !(folder.error() == Errc::read_only)) return folder ? 7 : 20 + static_cast<int>(folder.error().code);
    auto fresh = SqliteStore::open({.data = kind.place / "new.db", .keys = kind.place / "new.keys"}, "test");
    if (fresh || !(fresh.error() == Errc::read_only)) return fresh ? 8 : 100 + static_cast<int>(fresh.error().code);
    return ::chmod(kind.place.path().c_str(), 0700) == 0 ? 0 : 9;
  });
  CHECK(code == 0);
}

TEST_CASE("a file system mounted read only is read_only", "[storage][sqlite]") {
  const Sqlite kind;
  const std::string& at = kind.place.path();
  if (::mount("none", at.c_str(), "tmpfs", 0, "size=4m") != 0) return;  // not permitted here
  {
    auto store = kind.open();
  }
  CHECK(::mount("none", at.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  CHECK(kind.try_open().error() == Errc::read_only);
  CHECK(SqliteStore::open({.data = kind.place / "new.db", .keys = kind.place / "im.keys"}, "test").error() ==
        Errc::read_only);
  CHECK(SqliteStore::open({.data = kind.place / "new.db", .keys = kind.place / "new.keys"}, "test").error() ==
        Errc::read_only);
  CHECK(::umount(at.c_str()) == 0);
}

TEST_CASE("a full disk is disk_full and leaves nothing half done", "[storage][sqlite]") {
  const Sqlite kind;
  const auto fill_up = [&](bool grouped) {
    auto store = SqliteStore::open(kind.options(), "test");
    if (!store) return 1;
    if (!store->put_row(row_of(1, 0, {handle_of(1)}))) return 2;
    std::uint64_t written = 1;
    Result<void> put;
    if (grouped && !store->begin()) return 3;
    for (; put && written < 5000; written += put ? 1U : 0U) {
      put = store->put_row(row_of(1, written, {handle_of(written), handle_of(1)}, std::string(3000, 'x')));
    }
    if (grouped) {
      const bool refused = !store->commit();
      if (!put && !refused) return 4;  // a call failed: the whole cannot succeed
      if (put) return 5;
      written = 1;
    }
    if (put || !(put.error() == Errc::disk_full)) return put ? 6 : 20 + static_cast<int>(put.error().code);
    auto count = store->row_count();
    if (!count || *count != written) return 7;
    auto mine = store->rows_of(handle_of(1), 0, 0, 100'000);
    if (!mine || mine->size() != written) return 8;
    return store->get_row(1, tag_of(0)) ? 0 : 9;
  };
  SECTION("by a limit on the size of files") {
    for (const bool grouped : {false, true}) {
      CHECK(in_child([&] {
              ::signal(SIGXFSZ, SIG_IGN);
              const ::rlimit limit{2'000'000, 2'000'000};
              if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 97;
              return fill_up(grouped);
            }) == 0);
      std::filesystem::remove_all(kind.place.path());
      std::filesystem::create_directory(kind.place.path());
      std::filesystem::permissions(kind.place.path(), std::filesystem::perms::owner_all);
    }
  }
  SECTION("by a small file system") {
    const std::string& at = kind.place.path();
    for (const bool grouped : {false, true}) {
      if (::mount("none", at.c_str(), "tmpfs", 0, "size=2m,mode=700") != 0) return;  // not permitted here
      CHECK(fill_up(grouped) == 0);
      CHECK(::umount(at.c_str()) == 0);
    }
    if (::mount("none", at.c_str(), "tmpfs", 0, "size=8k,mode=700") != 0) return;
    CHECK(kind.try_open().error() == Errc::disk_full);
    CHECK(::umount(at.c_str()) == 0);
  }
}

TEST_CASE("a stranger's triggers do not run", "[storage][sqlite]") {
  const Sqlite kind;
  {
    auto store = kind.open();
  }
  CHECK(
      Outsider(kind.place / "im.keys").run("CREATE TRIGGER t BEFORE DELETE ON wraps BEGIN SELECT RAISE(IGNORE); END"));
  auto store = kind.open();
  REQUIRE(store.key_store().put_key(key_of(handle_of(9), handle_of(1), 1, "w")));
  REQUIRE(store.key_store().drop_wrap(handle_of(9), handle_of(1)));
  CHECK(store.key_store().get_key(handle_of(9), handle_of(1), 1).error() == Errc::unknown_key);
}

TEST_CASE("a closed store and a forked child fail with a code", "[storage][sqlite]") {
  const Sqlite kind;
  auto store = kind.open();
  REQUIRE(store.put_row(row_of(1, 1, {handle_of(1)})));
  CHECK(in_child([&] {
          const bool refused = store.put_row(row_of(1, 2, {handle_of(1)})).error() == Errc::storage_failed &&
                               store.get_row(1, tag_of(1)).error() == Errc::storage_failed &&
                               store.key_store().get_fact("a").error() == Errc::storage_failed;
          store.close();
          return refused ? 0 : 1;
        }) == 0);
  REQUIRE(store.put_row(row_of(1, 3, {handle_of(1)})));
  store.close();
  store.close();
  CHECK(store.put_row(row_of(1, 4, {handle_of(1)})).error() == Errc::storage_failed);
  CHECK(store.get_row(1, tag_of(1)).error() == Errc::storage_failed);
  CHECK(store.rows_of(handle_of(1), 0, 0, 1).error() == Errc::storage_failed);
  CHECK(store.truncate_wal().error() == Errc::storage_failed);
  CHECK(store.compact().error() == Errc::storage_failed);
  CHECK(store.commit().error() == Errc::storage_failed);
  CHECK(store.leaf_store().leaf_count().error() == Errc::storage_failed);
  CHECK(store.key_store().change_count() == 0);
  store.rollback();
  CHECK(*kind.open().row_count() == 2);
}

TEST_CASE("two processes create the same store at once", "[storage][sqlite]") {
  for (int round = 0; round != 10; ++round) {
    const Sqlite kind;
    auto options = kind.options();
    options.busy_ms = 5000;
    const ::pid_t child = ::fork();
    const auto work = [&](std::uint64_t base) {
      auto store = SqliteStore::open(options, "test");
      if (!store) return 20 + static_cast<int>(store.error().code);
      for (std::uint64_t n = 0; n != 20; ++n) {
        if (!store->put_row(row_of(1, base + n, {handle_of(n)}))) return 2;
      }
      return store->key_store().raise_epoch(handle_of(1)) ? 0 : 3;
    };
    if (child == 0) ::_exit(work(100));
    CHECK(work(200) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFEXITED(status) ? WEXITSTATUS(status) : 200) == 0);
    auto store = kind.open();
    CHECK(*store.row_count() == 40);
    CHECK(store.rows_of(handle_of(5), 0, 0, 9)->size() == 2);
    CHECK(*store.key_store().epoch(handle_of(1)) == 2);
  }
}

TEST_CASE("what was acknowledged survives kill -9", "[storage][sqlite]") {
  const Sqlite kind;
  std::uint64_t next = 0;
  std::vector<std::uint64_t> in_doubt;
  for (int round = 0; round != 12; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const ::pid_t child = ::fork();
    if (child == 0) {
      auto store = SqliteStore::open(kind.options(), "test");
      if (!store) ::_exit(1);
      for (std::uint64_t n = next;; ++n) {
        const Handle who = handle_of(n);
        const bool good = store->key_store().put_key(key_of(who, {}, 1, "w")) &&
                          store->put_row(row_of(1, n, {who, handle_of(n / 8)}, std::string(n % 500, 'x'))) &&
                          (n % 5 != 0 || store->key_store().destroy(who, {1}));
        if (!good || ::write(ends[1], &n, sizeof n) != sizeof n) ::_exit(2);
      }
    }
    ::close(ends[1]);
    std::uint64_t last = 0;
    bool any = false;
    const int wanted = 5 + round * 7;
    for (int got = 0; got != wanted; ++got) {
      if (::read(ends[0], &last, sizeof last) != sizeof last) break;
      any = true;
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    std::uint64_t more = 0;
    while (::read(ends[0], &more, sizeof more) == sizeof more) last = more;
    ::close(ends[0]);
    REQUIRE(any);
    auto store = kind.open();
    for (std::uint64_t n = 0; n <= last; ++n) {
      if (std::find(in_doubt.begin(), in_doubt.end(), n) != in_doubt.end()) continue;
      auto row = store.get_row(1, tag_of(n));
      REQUIRE(row);
      REQUIRE(row->owners.size() == 2);
      REQUIRE(row->cells.at(0).value.size() == n % 500);
      const auto key = store.key_store().get_key(handle_of(n), {}, 1);
      REQUIRE((n % 5 == 0 ? !key && key.error() == Errc::destroyed : key.has_value()));
    }
    in_doubt.push_back(last + 1);  // it may have been stored without being acknowledged
    next = last + 2;
  }
}
