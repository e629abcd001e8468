// SPDX-License-Identifier: Apache-2.0
// A process that ends at every single system call with which a key file is written, by itself and with half of the bytes.
#include <custody/storage/root_rotation.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <custody/keys/key_age.hpp>
#include <custody/keys/key_file.hpp>

#include "custody_catch.hpp"
#include "support/temp_dir.hpp"
#include "support/world.hpp"

namespace {

/// Ends the process at the n-th system call that changes a file; 0: never. Only this process.
struct Fuse {
  long at = 0;
  long calls = 0;
  bool half = false;  ///< a write gets half of its bytes to the file first
  int refuse = 0;  ///< an error number to answer with from that call on, instead of ending
  bool once = false;  ///< and not from the next call on
  std::string* journal = nullptr;  ///< of what reaches the file: s a slot, w anything else, d a wait for the disk
};
Fuse fuse;

/// Whether the call is to fail; it does not come back when it is the end.
bool burns() {
  if (fuse.at == 0 || ++fuse.calls < fuse.at) return false;
  if (fuse.refuse == 0) ::_exit(77);
  if (fuse.once) fuse.at = 0;
  errno = fuse.refuse;
  return true;
}

}  // namespace

// The program's own definitions stand before the C library's.
extern "C" {
::ssize_t pwrite(int fd, const void* bytes, std::size_t size, ::off_t at) {
  if (fuse.journal != nullptr) *fuse.journal += at < 4096 ? 's' : 'w';
  if (fuse.at != 0 && fuse.half && fuse.calls + 1 == fuse.at) {
    static_cast<void>(::syscall(SYS_pwrite64, fd, bytes, size / 2, at));
  }
  if (burns()) return -1;
  return ::syscall(SYS_pwrite64, fd, bytes, size, at);
}
int fdatasync(int fd) {
  if (fuse.journal != nullptr) *fuse.journal += 'd';
  return burns() ? -1 : static_cast<int>(::syscall(SYS_fdatasync, fd));
}
int fsync(int fd) { return burns() ? -1 : static_cast<int>(::syscall(SYS_fsync, fd)); }
int renameat(int from, const char* old, int to, const char* fresh) noexcept {
  return burns() ? -1 : static_cast<int>(::syscall(SYS_renameat2, from, old, to, fresh, 0));
}
int ftruncate(int fd, ::off_t size) noexcept {
  return burns() ? -1 : static_cast<int>(::syscall(SYS_ftruncate, fd, size));
}
int fchmod(int fd, ::mode_t mode) noexcept { return burns() ? -1 : static_cast<int>(::syscall(SYS_fchmod, fd, mode)); }
}

namespace {

using namespace custody_test;
using Ring = c::KeyRing<Demo>;

/// A key file with people, an older generation, a conversation, and something sealed.
struct Town {
  TempDir place{"/dev/shm"};
  Notebook witness;
  Ledger authority;
  c::ManualClock clock{{1'700'000'000'000}};
  std::vector<c::Handle> who;
  std::vector<c::Bytes> sealed;
  c::Conversation talk;
  std::string start;  ///< the file's bytes

  [[nodiscard]] std::string path() const { return place / "keys"; }
  [[nodiscard]] Ring ring(c::KeyFile& keys, char root) {
    auto made = Ring::open(keys, root_of(root), witness, authority, clock);
    if (!made) FAIL("ring: " << c::text(made.error().code));
    return std::move(*made);
  }
  Town() {
    auto keys = c::KeyFile::open(path(), root_of('a'));
    REQUIRE(keys);
    Ring in = ring(*keys, 'a');
    std::vector<c::Subject> all;
    for (const char* uid : {"li", "wang", "zhao"}) {
      all.push_back(*in.enrol(uid));
      who.push_back(all.back().handle());
      auto row = in.binding<Account>("r", all.back());
      sealed.push_back(*c::at_rest::blob(*c::seal_for<&Account::phone>(*row, std::string("13800138000"))));
    }
    talk = *in.converse(all);
    REQUIRE(in.rotate(*in.find(who[0])));
  }
  void keep() { start = file_bytes(path()); }
  void again() {
    ::unlink(path().c_str());
    write_file(path(), start);
    REQUIRE(::chmod(path().c_str(), 0600) == 0);
  }
  /// Everything opens, under this root.
  void check(char root) {
    auto keys = c::KeyFile::open(path(), root_of(root), c::KeyFile::Missing::refuse);
    if (!keys) FAIL("open: " << c::text(keys.error().code));
    Ring in = ring(*keys, root);
    for (std::size_t i = 0; i != who.size(); ++i) {
      auto subject = in.find(who[i]);
      REQUIRE(subject);
      auto row = in.binding<Account>("r", *subject);
      REQUIRE(row);
      Account account;
      REQUIRE(c::at_rest::from_blob<&Account::phone>(*row, sealed[i], account.phone));
      auto may = in.permit<AccountService>(*subject, {&service, "x"}, clock.now() + c::minutes(1));
      REQUIRE(may);
      REQUIRE(released(account.phone, *may) == "13800138000");
    }
    REQUIRE(in.core()->conversation_key(talk.handle, 0));
    REQUIRE(in.find("li"));
  }
  /// Which root opens the file; exactly one does.
  [[nodiscard]] char owner() const {
    char found = 0;
    for (const char root : {'a', 'b'}) {
      const auto keys = c::KeyFile::open(path(), root_of(root), c::KeyFile::Missing::refuse);
      if (keys) {
        CHECK(found == 0);
        found = root;
      } else {
        CHECK(keys.error() == c::Errc::wrong_root);
      }
    }
    return found;
  }
};

/// Runs work in a child that ends at its n-th call; true when it came to its end before that.
template <class Work>
bool survives(long n, bool half, Work work) {
  const ::pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    fuse = {n, 0, half, 0, false, nullptr};
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  const int how = WEXITSTATUS(status);
  REQUIRE((how == 0 || how == 77));
  return how == 0;
}

}  // namespace

TEST_CASE("a root rotation may end at every write of the key file: one root opens all of it", "[rotation][longer]") {
  const bool half = GENERATE(false, true);
  Town town;
  town.keep();
  long n = 1;
  int moved = 0;
  for (;; ++n) {
    town.again();
    const bool whole = survives(n, half, [&] {
      auto keys = c::KeyFile::open(town.path(), root_of('a'));
      if (!keys) ::_exit(3);
      Ring in = town.ring(*keys, 'a');
      auto done = c::rotate_root(in, root_of('a'), root_of('b'));
      if (!done || !done->complete) ::_exit(4);
    });
    const char owner = town.owner();
    REQUIRE(owner != 0);
    moved += owner == 'b' ? 1 : 0;
    town.check(owner);
    {
      auto keys = c::KeyFile::open(town.path(), root_of(owner));
      REQUIRE(keys);
      Ring in = town.ring(*keys, owner);
      auto done = c::rotate_root(in, root_of('a'), root_of('b'));  // goes on
      REQUIRE(done);
      REQUIRE(done->complete);
    }
    REQUIRE(town.owner() == 'b');
    town.check('b');
    if (whole) break;
  }
  std::printf("  root rotation of a key file ended at %ld system calls, %d of them after the last step\n", n - 1,
              moved);
  CHECK(n > 20);
  CHECK(moved > 1);  // the rewriting ends before the last call
  CHECK(moved < n - 10);
}

TEST_CASE("a new generation and the end of an old one may end at every write of the key file", "[rotation][longer]") {
  const bool half = GENERATE(false, true);
  Town town;
  town.keep();
  const c::Handle wang = town.who[1];
  long n = 1;
  for (;; ++n) {
    town.again();
    const bool whole = survives(n, half, [&] {
      auto keys = c::KeyFile::open(town.path(), root_of('a'));
      if (!keys) ::_exit(3);
      Ring in = town.ring(*keys, 'a');
      if (!in.rotate(*in.find(wang))) ::_exit(4);
      if (!in.rotate(town.talk)) ::_exit(5);
    });
    town.check('a');
    auto keys = c::KeyFile::open(town.path(), root_of('a'));
    REQUIRE(keys);
    Ring in = town.ring(*keys, 'a');
    REQUIRE(in.rotate(*in.find(wang)));
    const auto newest = *keys->newest_generation(wang);
    for (std::uint32_t old = 1; old != newest; ++old) REQUIRE(in.retire(*in.find(wang), old));
    REQUIRE(in.core()->conversation_key(town.talk.handle, 0));
    if (whole) break;
  }
  std::printf("  generations in a key file ended at %ld system calls\n", n - 1);
  CHECK(n > 10);
}

TEST_CASE("the end of an old generation may end at every write: afterwards it is there whole, or gone whole",
          "[rotation][longer]") {
  const bool half = GENERATE(false, true);
  Town town;
  const c::Handle li = town.who[0];
  c::Bytes wrapped;
  {
    auto keys = c::KeyFile::open(town.path(), root_of('a'));
    REQUIRE(keys);
    wrapped = keys->get_key(li, {}, 1)->wrapped;
  }
  town.keep();
  int gone = 0;
  long n = 1;
  for (;; ++n) {
    town.again();
    const bool whole = survives(n, half, [&] {
      auto keys = c::KeyFile::open(town.path(), root_of('a'));
      if (!keys) ::_exit(3);
      Ring in = town.ring(*keys, 'a');
      if (!in.retire(*in.find(li), 1)) ::_exit(4);
    });
    auto keys = c::KeyFile::open(town.path(), root_of('a'));
    REQUIRE(keys);
    const bool there = keys->get_key(li, {}, 1).has_value();
    CHECK(keys->get_key(li, {}, 2));
    CHECK((file_bytes(town.path()).find(c::as_text(wrapped)) != std::string::npos) == there);
    gone += there ? 0 : 1;
    if (whole) break;
  }
  CHECK(gone > 0);
  CHECK(gone < n);
}

TEST_CASE("a full disk in the middle of a root rotation leaves the old file as it was", "[rotation][longer]") {
  const bool once = GENERATE(false, true);  // the disk stays full, or one call fails
  Town town;
  town.keep();
  int refused = 0;
  for (long n = 1;; ++n) {
    town.again();
    auto keys = c::KeyFile::open(town.path(), root_of('a'));
    REQUIRE(keys);
    bool complete = false;
    {
      Ring in = town.ring(*keys, 'a');
      fuse = {n, 0, false, ENOSPC, once, nullptr};
      auto done = c::rotate_root(in, root_of('a'), root_of('b'));
      fuse = {};
      complete = done && done->complete;
      if (!done) {
        CHECK((done.error() == c::Errc::disk_full || done.error() == c::Errc::storage_failed));
        ++refused;
      }
    }
    const bool kept = keys->put_fact("later", c::Bytes(3, std::byte{1})).has_value();
    {
      c::KeyFile closed = std::move(*keys);
    }
    const char owner = town.owner();
    REQUIRE(owner != 0);
    town.check(owner);
    if (kept) {  // what was acknowledged after the failure is in the file that has the name
      auto now = c::KeyFile::open(town.path(), root_of(owner), c::KeyFile::Missing::refuse);
      REQUIRE(now);
      if (!now->get_fact("later")) FAIL("lost after call " << n);
    }
    if (complete) break;
  }
  CHECK(refused > 10);
}

TEST_CASE("a key age that cannot be written is told, and is none", "[key_age][rotation]") {
  Town town;
  auto keys = c::KeyFile::open(town.path(), root_of('a'));
  REQUIRE(keys);
  REQUIRE(*c::advance_key_age(*keys, 0) == 1);
  fuse = {1, 0, false, EIO, false, nullptr};
  const auto age = c::advance_key_age(*keys, 1);
  fuse = {};
  CHECK(failure(age) == code(c::Errc::storage_failed));
  {
    c::KeyFile closed = std::move(*keys);
  }
  auto again = c::KeyFile::open(town.path(), root_of('a'));
  REQUIRE(again);
  CHECK(*c::advance_key_age(*again, 1) == 2);
}

TEST_CASE("no slot covers what a killed process left in memory before that is on the disk", "[rotation][fork]") {
  Town town;
  const ::pid_t child = ::fork();
  if (child == 0) {
    auto keys = c::KeyFile::open(town.path(), root_of('a'));
    if (!keys || !keys->begin() || !keys->put_fact("waits", c::Bytes(3, std::byte{1}))) ::_exit(1);
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  std::string journal;
  fuse.journal = &journal;
  {
    auto keys = c::KeyFile::open(town.path(), root_of('a'));
    REQUIRE(keys);
    CHECK(keys->get_fact("waits"));
    CHECK(keys->put_fact("next", c::Bytes(3, std::byte{2})));
  }
  fuse = {};
  INFO(journal);
  REQUIRE(journal.find('s') != std::string::npos);
  CHECK(journal.find('d') < journal.find('s'));
}

TEST_CASE("a key file whose root changed is closed to a second process and to an older copy", "[rotation]") {
  Town town;
  town.keep();
  auto keys = c::KeyFile::open(town.path(), root_of('a'));
  REQUIRE(keys);
  CHECK(failure(c::KeyFile::open(town.path(), root_of('a'))) == code(c::Errc::locked));
  const std::string second = town.place / "second name";
  REQUIRE(::link(town.path().c_str(), second.c_str()) == 0);  // shows what becomes of the old file
  const c::Bytes wrapped = keys->get_key(town.who[1], {}, 1)->wrapped;
  REQUIRE(file_bytes(second).find(c::as_text(wrapped)) != std::string::npos);
  {
    Ring in = town.ring(*keys, 'a');
    REQUIRE(c::rotate_root(in, root_of('a'), root_of('b'))->complete);
  }
  CHECK(file_bytes(second).find(c::as_text(wrapped)) == std::string::npos);
  CHECK(file_bytes(town.path()).find(c::as_text(wrapped)) == std::string::npos);
  CHECK(failure(c::KeyFile::open(town.path(), root_of('b'))) == code(c::Errc::locked));
  {
    c::KeyFile closed = std::move(*keys);
  }
  town.check('b');
  town.again();  // an older copy comes back
  CHECK(failure(c::KeyFile::open(town.path(), root_of('b'))) == code(c::Errc::wrong_root));
}
