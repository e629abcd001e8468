// SPDX-License-Identifier: Apache-2.0
#include <custody/keys/key_file.hpp>

#include <csignal>
#include <map>

#include <sys/resource.h>
#include <sys/stat.h>

#include "custody_catch.hpp"
#include "keys/files.hpp"

using namespace custody;
using test::handle;
using test::index_row;
using test::wrapped;

namespace {

Result<KeyFile> open(const std::string& path, KeyFile::Missing missing = KeyFile::Missing::create) {
  return KeyFile::open(path, test::root_of(1), missing);
}
Errc refusal(const std::string& path) {
  const auto file = open(path, KeyFile::Missing::refuse);
  return file ? Errc::unset : file.error().code;
}
bool contains(const std::string& file, ByteView part) { return file.find(as_text(part)) != std::string::npos; }

/// A small file with every kind of record in it, and what must be gone from it.
std::string sample(const std::string& path) {
  {
    auto file = open(path);
    REQUIRE(file);
    REQUIRE(file->put_key(wrapped(handle(1), {}, 1, 11)));
    REQUIRE(file->put_key(wrapped(handle(2), {}, 1, 12)));
    REQUIRE(file->put_key(wrapped(handle(9), handle(2), 1, 13)));
    REQUIRE(file->put_key(wrapped(handle(9), handle(1), 4, 14)));
    REQUIRE(file->put_index(index_row(handle(2), 5, 1)));
    REQUIRE(file->put_index(index_row(handle(1), 5, 2)));
    REQUIRE(file->put_index(index_row(handle(1), 6, 3)));
    REQUIRE(file->put_fact("head", test::pattern(30)));
    REQUIRE(file->reserve(handle(1), 1, 40, 100));
    REQUIRE(file->raise_epoch(handle(1)));
    REQUIRE(file->drop_index(6, index_row(handle(1), 6, 3).value, index_row(handle(1), 6, 3).row));
    REQUIRE(file->drop_wrap(handle(9), handle(1)));
    REQUIRE(file->destroy(handle(2), {123}));
    REQUIRE(file->put_key(wrapped(handle(3), {}, 2, 15)));
  }
  return test::file_bytes(path);
}
/// Whether a store says what sample() left.
bool whole(KeyFile& file) {
  const auto row = index_row(handle(1), 5, 2);
  const auto fact = file.get_fact("head");
  const auto key = file.get_key(handle(1), {}, 1);
  const auto last = file.get_key(handle(3), {}, 2);
  return key && test::same(*key, wrapped(handle(1), {}, 1, 11)) && last &&
         test::same(*last, wrapped(handle(3), {}, 2, 15)) && *file.destroyed(handle(2)) &&
         file.get_key(handle(9), handle(1), 4).error() == Errc::unknown_key &&
         *file.newest_generation(handle(9)) == 4 && *file.find_index(5, row.value) == std::vector<IndexRow>{row} &&
         file.index_rows_of(handle(1))->size() == 1 && fact && *fact == test::pattern(30) &&
         *file.reserve(handle(1), 1, 0, 100) == 40 && *file.epoch(handle(1)) == 1;
}

/// Whether a byte lies in a body that was overwritten: three blocks of zeros, more than any head has.
bool overwritten(const std::string& file, std::size_t byte) {
  const std::string zeros(48, '\0');
  for (std::size_t from = byte / 16 * 16 - 32; from <= byte; from += 16) {
    if (from >= 4096 && file.compare(from, 48, zeros) == 0) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a key file comes back as it was left", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  sample(path);
  for (int i = 0; i != 2; ++i) {
    auto file = open(path, KeyFile::Missing::refuse);
    REQUIRE(file);
    CHECK(whole(*file));
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("reading a settled key file does not change it", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  const std::string before = sample(path);
  REQUIRE(open(path));
  CHECK(test::file_bytes(path) == before);
}

TEST_CASE("destroyed keys, wraps and index rows are not in the file", "[key_file]") {
  const test::Folder folder;
  const std::string bytes = sample(folder / "keys");
  CHECK(contains(bytes, wrapped(handle(1), {}, 1, 11).wrapped));
  for (const unsigned gone : {12U, 13U, 14U}) {
    CHECK_FALSE(contains(bytes, wrapped({}, {}, 1, gone).wrapped));
    CHECK_FALSE(contains(bytes, wrapped({}, {}, 1, gone).fingerprint));
  }
  CHECK(contains(bytes, index_row(handle(1), 5, 2).value));
  CHECK_FALSE(contains(bytes, index_row(handle(2), 5, 1).value));
  CHECK_FALSE(contains(bytes, index_row(handle(2), 5, 1).row));
  CHECK_FALSE(contains(bytes, index_row(handle(1), 6, 3).value));
}

TEST_CASE("every flipped bit is found, or harmless in one of the two slots", "[key_file][longer]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  const std::string good = sample(path);
  std::map<Errc, int> seen;
  for (std::size_t bit = 0; bit != good.size() * 8; ++bit) {
    const std::size_t byte = bit / 8;
    if (byte > 88 && byte < 4096 && byte % 1024 > 32 && bit % 101 != 0) continue;  // padding: a sample of it
    std::string bad = good;
    bad[byte] = static_cast<char>(bad[byte] ^ (1 << bit % 8));
    test::write_file(path, bad);
    const bool slot = (byte - 1024 < 32) || (byte - 2048 < 32);
    auto file = open(path, KeyFile::Missing::refuse);
    if (file && !(whole(*file) && (slot || overwritten(good, byte)))) FAIL("bit " << bit);  // the latter is wiped again
    if (!file) ++seen[file.error().code];
  }
  CHECK(seen.size() == 2);
  CHECK(seen[Errc::tampered] > 1000);
  CHECK(seen[Errc::malformed] == 16 * 8);
}

TEST_CASE("a key file that is refused for a damaged body is left as it is, a damaged slot too", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  std::string bad = sample(path);
  const std::size_t body = bad.find(test::text_of(wrapped(handle(1), {}, 1, 11).wrapped));
  REQUIRE(body != std::string::npos);
  bad[body] = static_cast<char>(bad[body] ^ 1);
  for (const std::size_t slot : {1024U, 2048U}) {  // without the newer one more seems to be unsettled
    std::string both = bad;
    both[slot] = static_cast<char>(both[slot] ^ 1);
    test::write_file(path, both);
    CHECK(refusal(path) == Errc::tampered);
    const bool untouched = test::file_bytes(path) == both;
    CHECK(untouched);
  }
}

TEST_CASE("every cut of a closed key file is found", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  const std::string good = sample(path);
  for (std::size_t size = 0; size != good.size(); ++size) {
    if (size < 4096 && size % 37 != 0) continue;
    test::write_file(path, good.substr(0, size));
    if (refusal(path) != Errc::truncated) FAIL("size " << size << " " << text(refusal(path)));
    if (test::file_bytes(path) != good.substr(0, size)) FAIL("changed at " << size);
  }
}

TEST_CASE("an empty file is damage, never a new key file", "[key_file]") {
  const test::Folder folder;
  test::write_file(folder / "keys", "");
  CHECK(open(folder / "keys").error() == Errc::truncated);
  CHECK(test::file_bytes(folder / "keys").empty());
  CHECK(refusal(folder / "none") == Errc::not_found);
  CHECK(folder.files() == 1);
}

TEST_CASE("garbage and foreign files are refused", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  const std::string good = sample(path);
  const std::string other = sample(folder / "other");
  test::write_file(path, test::text_of(test::pattern(8000)));
  CHECK(refusal(path) == Errc::malformed);
  test::write_file(path, good + other);
  CHECK(refusal(path) == Errc::tampered);
  test::write_file(path, good + other.substr(4096));
  CHECK(refusal(path) == Errc::tampered);
  test::write_file(path, good.substr(0, 4096) + other.substr(4096));
  CHECK(refusal(path) == Errc::tampered);
  for (const char* tail : {"x", "\x0a", "\x01\x01", "garbage"}) {
    test::write_file(path, good + tail);
    CHECK(refusal(path) == Errc::tampered);
  }
  test::write_file(path, good + good.substr(4096, 192));  // a record of the same file, again
  CHECK(refusal(path) == Errc::tampered);
  const std::size_t record = 80 + 112 + 16;
  test::write_file(path, good.substr(0, 4096) + good.substr(4096 + record, record) + good.substr(4096, record) +
                             good.substr(4096 + 2 * record));
  CHECK(refusal(path) == Errc::tampered);
}

TEST_CASE("a wrong root is not taken for damage, nor damage for a wrong root", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  std::string bytes = sample(path);
  CHECK(KeyFile::open(path, test::root_of(2)).error() == Errc::wrong_root);
  CHECK(test::file_bytes(path) == bytes);
  bytes[60] = static_cast<char>(bytes[60] ^ 1);
  test::write_file(path, bytes);
  CHECK(KeyFile::open(path, test::root_of(2)).error() == Errc::tampered);
  CHECK(refusal(path) == Errc::tampered);
}

TEST_CASE("a key file that others can touch is refused", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  const std::string good = sample(path);
  for (const unsigned mode : {0640U, 0604U, 0660U, 0666U, 0601U}) {
    test::write_file(path, good, mode);
    CHECK(refusal(path) == Errc::unsafe_permissions);
  }
  test::write_file(path, good);
  REQUIRE(::symlink(path.c_str(), (folder / "link").c_str()) == 0);
  CHECK(refusal(folder / "link") == Errc::unsafe_permissions);
  CHECK(open(folder / "link").error() == Errc::unsafe_permissions);
  REQUIRE(::symlink((folder / "nowhere").c_str(), (folder / "dangling").c_str()) == 0);
  CHECK(open(folder / "dangling").error() == Errc::unsafe_permissions);
  if (::geteuid() == 0) {
    REQUIRE(::chown(path.c_str(), 12345, 0) == 0);
    CHECK(refusal(path) == Errc::unsafe_permissions);
  }
}

TEST_CASE("a key file is created 0600 under any umask", "[key_file]") {
  const test::Folder folder;
  for (const unsigned mask : {0U, 077U, 0777U}) {
    const std::string path = folder / ("keys" + std::to_string(mask));
    const auto before = ::umask(static_cast<::mode_t>(mask));
    const auto file = open(path);
    ::umask(before);
    REQUIRE(file);
    struct ::stat facts{};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0600);
  }
  CHECK(folder.files() == 3);
}

TEST_CASE("one process at a time, and a forked child never writes", "[key_file][fork]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  {
    auto file = open(path);
    REQUIRE(file);
    CHECK(open(path).error() == Errc::locked);
    CHECK(test::in_child([&] { return open(path).error() == Errc::locked ? 0 : 1; }) == 0);
    CHECK(test::in_child([&] {
            const auto put = file->put_key(wrapped(handle(1), {}, 1, 11));
            const auto gone = file->destroy(handle(1), {1});
            return !put && put.error() == Errc::locked && !gone && gone.error() == Errc::locked ? 0 : 1;
          }) == 0);
    CHECK(file->put_key(wrapped(handle(1), {}, 1, 12)));
  }
  CHECK(open(path));
}

TEST_CASE("an unfinished last record is cut, wherever the crash came", "[key_file][fork]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  sample(path);
  const std::size_t filler = GENERATE(0U, 443U);  // the next head lies in one sector, or in two
  if (filler != 0) REQUIRE(open(path)->put_fact("x", Bytes(filler, std::byte{1})));
  const std::string before = test::file_bytes(path);
  REQUIRE((before.size() % 512 + 80 <= 512) == (filler == 0));
  REQUIRE(test::in_child([&] {  // dies without closing: the slots do not cover the last record yet
            auto file = open(path);
            if (!file || !file->put_key(wrapped(handle(4), {}, 1, 44))) return 1;
            ::kill(::getpid(), SIGKILL);
            return 2;
          }) == -1);
  const std::string after = test::file_bytes(path);
  REQUIRE(after.size() == before.size() + 80 + 112 + 16);
  {
    test::write_file(path, after);
    auto file = open(path);
    REQUIRE(file);
    CHECK(file->get_key(handle(4), {}, 1));
  }
  for (std::size_t size = before.size(); size != after.size(); ++size) {
    for (const bool extended : {false, true}) {  // a short file, or one that grew before its last sector was written
      std::string torn = after.substr(0, size);
      const std::size_t sector = (size + 511) / 512 * 512;
      if (extended && sector >= after.size()) continue;
      if (extended) torn = after.substr(0, sector) + std::string(after.size() - sector, '\0');
      test::write_file(path, torn);
      {
        auto file = open(path);
        if (!file || !whole(*file)) FAIL("cut at " << size << ", extended " << extended);
        if (file->get_key(handle(4), {}, 1).error() != Errc::unknown_key) FAIL("half a key at " << size);
        if (!file->put_key(wrapped(handle(5), {}, 1, 55))) FAIL("stuck at " << size);
      }
      auto again = open(path);
      if (!again || !again->get_key(handle(5), {}, 1)) FAIL("lost behind the cut at " << size);
    }
  }
  for (std::size_t bit = before.size() * 8; bit != after.size() * 8; ++bit) {  // but damage is not taken for a crash
    std::string bad = after;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    test::write_file(path, bad);
    if (refusal(path) != Errc::tampered) FAIL("bit " << bit);
  }
}

TEST_CASE("a refused key file keeps even the unfinished record at its end", "[key_file][fork]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  const std::string before = sample(path);
  REQUIRE(test::in_child([&] {
            auto file = open(path);
            if (!file || !file->put_key(wrapped(handle(4), {}, 1, 44))) return 1;
            ::kill(::getpid(), SIGKILL);
            return 2;
          }) == -1);
  std::string torn = test::file_bytes(path);
  torn.resize(torn.size() - 20);
  REQUIRE(torn.size() > before.size());
  std::string bad = torn;
  const std::size_t body = bad.find(test::text_of(wrapped(handle(1), {}, 1, 11).wrapped));
  REQUIRE(body != std::string::npos);
  bad[body] = static_cast<char>(bad[body] ^ 1);
  test::write_file(path, bad);
  CHECK(refusal(path) == Errc::tampered);
  const bool untouched = test::file_bytes(path) == bad;
  CHECK(untouched);
  test::write_file(path, torn);  // and without the damage it is cut off
  CHECK(refusal(path) == Errc::unset);
  CHECK(test::file_bytes(path).size() == before.size());
}

TEST_CASE("a crash between tombstone and overwriting is finished at the next opening", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  std::string with_keys;
  {
    auto file = open(path);
    REQUIRE(file->put_key(wrapped(handle(1), {}, 1, 11)));
    REQUIRE(file->put_key(wrapped(handle(9), handle(1), 1, 12)));
    REQUIRE(file->put_index(index_row(handle(1), 5, 2)));
    with_keys = test::file_bytes(path);
    REQUIRE(file->destroy(handle(1), {1}));
  }
  const std::string after = test::file_bytes(path);
  const std::string bodies = with_keys.substr(4096);
  for (const std::size_t written : {std::size_t{0}, std::size_t{100}, bodies.size() / 2}) {  // how far overwriting came
    test::write_file(path,
                     after.substr(0, 4096 + written) + bodies.substr(written) + after.substr(4096 + bodies.size()));
    REQUIRE(contains(test::file_bytes(path), index_row(handle(1), 5, 2).value));
    REQUIRE(open(path));
    CHECK(test::file_bytes(path).substr(4096) == after.substr(4096));
  }
}

TEST_CASE("an overwritten key without a tombstone is damage", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  std::string bytes = sample(path);
  bytes.replace(4096 + 80, 112 + 16, std::string(112 + 16, '\0'));
  test::write_file(path, bytes);
  CHECK(refusal(path) == Errc::tampered);
}

TEST_CASE("killed at any moment, the file opens and holds what was acknowledged", "[key_file][fork][longer]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  REQUIRE(open(path));
  std::uint32_t known = 0;
  for (int round = 0; round != 25; ++round) {
    int pipes[2];
    REQUIRE(::pipe(pipes) == 0);
    const ::pid_t child = ::fork();
    if (child == 0) {
      auto file = open(path);
      for (std::uint32_t i = known + 1; file && i < known + 100'000; ++i) {
        const auto who = handle(static_cast<unsigned char>(i % 200 + 1));
        static_cast<void>(file->put_index(index_row(who, 5, i)));
        if (!file->put_key(wrapped(handle(250), handle(251), i, i))) break;
        if (::write(pipes[1], &i, sizeof i) != sizeof i) break;
      }
      ::_exit(1);
    }
    ::usleep(static_cast<::useconds_t>(1000 + 700 * round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(pipes[1]);
    for (std::uint32_t i = 0; ::read(pipes[0], &i, sizeof i) == sizeof i;) known = i;
    ::close(pipes[0]);
    auto file = open(path, KeyFile::Missing::refuse);
    if (!file) FAIL(text(file.error().code) << " in round " << round);
    const auto newest = *file->newest_generation(handle(250));
    CHECK(newest >= known);
    CHECK(newest <= known + 1);
    known = newest;
  }
  CHECK(known > 25);
  CHECK(folder.files() == 1);
}

TEST_CASE("a file of old news is written anew and says the same", "[key_file]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  sample(path);
  {
    auto file = open(path);
    REQUIRE(file->begin());
    for (int i = 0; i != 6000; ++i) REQUIRE(file->raise_epoch(handle(40)));
    REQUIRE(file->commit());
  }
  const auto before = test::file_bytes(path).size();
  {
    auto file = open(path);
    REQUIRE(file);
    CHECK(whole(*file));
    CHECK(*file->epoch(handle(40)) == 6000);
    CHECK(test::file_bytes(path).size() < before / 50);
    CHECK(open(path).error() == Errc::locked);
    REQUIRE(file->put_key(wrapped(handle(41), {}, 1, 77)));
  }
  auto file = open(path);
  REQUIRE(file);
  CHECK(whole(*file));
  CHECK(file->get_key(handle(41), {}, 1));
  CHECK(folder.files() == 1);
}

TEST_CASE("a file written anew is covered by its slots at once", "[key_file][fork]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  sample(path);
  {
    auto file = open(path);
    REQUIRE(file->begin());
    for (int i = 0; i != 6000; ++i) REQUIRE(file->raise_epoch(handle(40)));
    REQUIRE(file->commit());
  }
  REQUIRE(test::in_child([&] {
            auto file = open(path);
            ::kill(::getpid(), SIGKILL);
            return file ? 1 : 2;
          }) == -1);
  const std::string bytes = test::file_bytes(path);
  REQUIRE(bytes.size() < 8192);
  test::write_file(path, bytes.substr(0, bytes.size() - 80));
  CHECK(refusal(path) == Errc::truncated);
}

TEST_CASE("a full disk leaves the file as it was", "[key_file][fork]") {
  const test::Folder folder;
  const std::string path = folder / "keys";
  const std::string good = sample(path);
  CHECK(test::in_child([&] {
          std::signal(SIGXFSZ, SIG_IGN);
          auto file = open(path);
          struct ::rlimit limit{};
          limit.rlim_cur = limit.rlim_max = good.size() + 100;
          if (!file || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
          if (file->put_key(wrapped(handle(4), {}, 1, 44))) return 2;
          if (file->get_key(handle(4), {}, 1)) return 3;
          if (test::file_bytes(path) != good) return 4;
          return whole(*file) ? 0 : 5;
        }) == 0);
  auto file = open(path);
  REQUIRE(file);
  CHECK(whole(*file));
  CHECK(test::file_bytes(path).size() == good.size());
}

TEST_CASE("no randomness, no key file", "[key_file]") {
  const test::Folder folder;
  const test::NoRandomness failure;
  CHECK(open(folder / "keys").error() == Errc::no_randomness);
  CHECK(folder.files() == 0);
}

TEST_CASE("a file handle that is moved to itself stays open") {
  custody::detail::FileHandle file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  auto& same = file;
  file = std::move(same);
  CHECK(file.is_open());
  CHECK(::fcntl(file.fd(), F_GETFD) != -1);
}
