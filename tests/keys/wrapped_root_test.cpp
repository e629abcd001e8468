// SPDX-License-Identifier: Apache-2.0
#include <custody/keys/wrapped_root.hpp>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>

#include "custody_catch.hpp"
#include "keys/files.hpp"
#include "support/killed.hpp"

using namespace custody;
using test::hex;

namespace {

constexpr PassphraseCost quick = PassphraseCost::interactive();
constexpr PassphraseCost costlier{quick.operations + 1, quick.memory};

std::string unwrapped_identity(const RootKey& root) { return hex(root.derive("identity")->view()); }
Bytes bytes_of(const std::string& text) { return Bytes(as_bytes(text).begin(), as_bytes(text).end()); }

/// The file as somebody rewrites it who knows the format but no passphrase: the checksum is right again.
std::string with_checksum(std::string content) {
  const auto sum = blake2b<32>({as_bytes("custody.root.sum.1"), as_bytes(content).first(152)});
  content.replace(152, 32, as_text(sum));
  return content;
}

}  // namespace

TEST_CASE("a wrapped root is random, 0600 and opened by its passphrase alone", "[wrapped_root]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  const auto before = ::umask(0777);
  const auto made = WrappedRoot::create(path, "correct horse", quick);
  ::umask(before);
  REQUIRE(made);
  struct ::stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0600);
  CHECK(facts.st_size == 184);
  CHECK(folder.files() == 1);
  CHECK(unwrapped_identity(*WrappedRoot::open(path, "correct horse")) == unwrapped_identity(*made));
  CHECK(WrappedRoot::open(path, "correct horsf").error() == Errc::wrong_root);
  CHECK(WrappedRoot::open(path, "").error() == Errc::malformed);
  CHECK(WrappedRoot::cost(path)->operations == quick.operations);
  CHECK(made->copy_for_escrow());
  CHECK(WrappedRoot::create(path, "correct horse", quick).error() == Errc::already_there);
  CHECK(unwrapped_identity(*WrappedRoot::open(path, "correct horse")) == unwrapped_identity(*made));
  const auto other = WrappedRoot::create(folder / "other", "correct horse", quick);
  CHECK(unwrapped_identity(*other) != unwrapped_identity(*made));
  const std::string content = test::file_bytes(path);
  CHECK(content.find(test::text_of(made->copy_for_escrow()->view())) == std::string::npos);
  CHECK(WrappedRoot::create(folder / "weak", "correct horse", {1, 8192}).error() == Errc::malformed);
  CHECK(WrappedRoot::create(folder / "weak", "", quick).error() == Errc::malformed);
  CHECK(WrappedRoot::open(folder / "none", "x").error() == Errc::not_found);
  const test::NoRandomness failure;
  CHECK(WrappedRoot::create(folder / "weak", "correct horse", quick).error() == Errc::no_randomness);
  CHECK(folder.files() == 2);
}

TEST_CASE("a key file's root moves under a passphrase, a passphrase's does not", "[wrapped_root]") {
  const test::Folder folder;
  const auto root = RootKey::create_key_file(folder / "key");
  REQUIRE(WrappedRoot::keep(folder / "root", *root, "correct horse", quick));
  CHECK(unwrapped_identity(*WrappedRoot::open(folder / "root", "correct horse")) == unwrapped_identity(*root));
  CHECK(WrappedRoot::keep(folder / "root", *root, "x", quick).error() == Errc::already_there);
  PassphraseParameters parameters;
  parameters.cost = quick;
  const auto guessable = RootKey::from_passphrase("correct horse", parameters);
  CHECK(WrappedRoot::keep(folder / "other", *guessable, "x", quick).error() == Errc::malformed);
  CHECK(folder.files() == 2);
}

TEST_CASE("the passphrase and the cost change, the root stays", "[wrapped_root]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  const std::string root = unwrapped_identity(*WrappedRoot::create(path, "one", quick));
  const std::string first = test::file_bytes(path);
  CHECK(WrappedRoot::change_passphrase(path, "wrong", "two", quick).error() == Errc::wrong_root);
  CHECK(WrappedRoot::change_passphrase(path, "one", "", quick).error() == Errc::malformed);
  CHECK(WrappedRoot::change_passphrase(path, "one", "two", {1, 8192}).error() == Errc::malformed);
  CHECK(WrappedRoot::raise_cost(path, "wrong", costlier).error() == Errc::wrong_root);
  CHECK(test::file_bytes(path) == first);

  REQUIRE(WrappedRoot::raise_cost(path, "one", costlier));
  CHECK(WrappedRoot::cost(path)->operations == costlier.operations);
  CHECK(unwrapped_identity(*WrappedRoot::open(path, "one")) == root);
  const std::string second = test::file_bytes(path);
  CHECK(second.substr(32, 16) != first.substr(32, 16));  // another salt
  CHECK(WrappedRoot::raise_cost(path, "one", quick).error() == Errc::malformed);
  CHECK(test::file_bytes(path) == second);

  struct ::stat old{};
  REQUIRE(::stat(path.c_str(), &old) == 0);
  REQUIRE(WrappedRoot::change_passphrase(path, "one", "two", quick));
  CHECK(unwrapped_identity(*WrappedRoot::open(path, "two")) == root);
  CHECK(WrappedRoot::open(path, "one").error() == Errc::wrong_root);
  CHECK(folder.files() == 1);
  struct ::stat now{};
  REQUIRE(::stat(path.c_str(), &now) == 0);
  CHECK((now.st_mode & 07777) == 0600);
}

TEST_CASE("what the old passphrase opens is overwritten where it stood", "[wrapped_root]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  REQUIRE(WrappedRoot::create(path, "one", quick));
  const detail::FileHandle old(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(WrappedRoot::change_passphrase(path, "one", "two", quick));
  std::byte left[184];
  REQUIRE(detail::read_at(old.fd(), left, 0));
  CHECK(std::all_of(std::begin(left), std::end(left), [](std::byte b) { return b == std::byte{0}; }));
}

TEST_CASE("every damage to a wrapped root is an error of its own, found before the passphrase", "[wrapped_root]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  REQUIRE(WrappedRoot::create(path, "one", quick));
  const std::string good = test::file_bytes(path);
  for (std::size_t bit = 0; bit != good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    REQUIRE(detail::WrappedRootText::decode(bytes_of(bad)).error() ==
            (bit / 8 < 16 ? Errc::malformed : Errc::tampered));
    if (bit % 97 != 0) continue;
    test::write_file(path, bad);
    REQUIRE(WrappedRoot::open(path, "one").error() == (bit / 8 < 16 ? Errc::malformed : Errc::tampered));
  }
  for (std::size_t size = 0; size != good.size(); ++size) {
    test::write_file(path, good.substr(0, size));
    REQUIRE(WrappedRoot::open(path, "one").error() == Errc::truncated);
    REQUIRE(WrappedRoot::raise_cost(path, "one", costlier).error() == Errc::truncated);
  }
  for (const std::string& bad : {good + "x", good + good, std::string(184, '\0'), std::string(1 << 20, 'x')}) {
    test::write_file(path, bad);
    CHECK(WrappedRoot::open(path, "one").error() == Errc::malformed);
    CHECK(WrappedRoot::cost(path).error() == Errc::malformed);
  }
  CHECK(WrappedRoot::create(path, "one", quick).error() == Errc::already_there);  // damage is never a new file
}

TEST_CASE("a wrapped root that was rewritten by hand opens nothing", "[wrapped_root]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  REQUIRE(WrappedRoot::create(path, "one", quick));
  const std::string good = test::file_bytes(path);
  const auto opened_with = [&](std::size_t at, unsigned bits) {
    std::string bad = good;
    bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ bits);
    test::write_file(path, with_checksum(bad));
    return WrappedRoot::open(path, "one").error().code;
  };
  for (const std::size_t at : {80U, 104U, 135U, 136U, 151U}) CHECK(opened_with(at, 0x40) == Errc::tampered);
  CHECK(opened_with(16, 1) == Errc::wrong_root);    // passes
  CHECK(opened_with(32, 1) == Errc::wrong_root);    // salt
  CHECK(opened_with(48, 1) == Errc::wrong_root);    // fingerprint
  CHECK(opened_with(16, 0x83) == Errc::malformed);  // 129 passes would stall us
  CHECK(opened_with(27, 0x04) == Errc::malformed);  // no memory to speak of
  CHECK(opened_with(29, 0x01) == Errc::malformed);  // a terabyte
  // another file's wrapped part under this file's head
  REQUIRE(WrappedRoot::create(folder / "other", "one", quick));
  const std::string other = test::file_bytes(folder / "other");
  test::write_file(path, with_checksum(good.substr(0, 80) + other.substr(80, 72) + good.substr(152)));
  CHECK(WrappedRoot::open(path, "one").error() == Errc::tampered);
}

TEST_CASE("a wrapped root that others can touch is refused", "[wrapped_root]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  REQUIRE(WrappedRoot::create(path, "one", quick));
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0777U}) {
    ::chmod(path.c_str(), mode);
    CHECK(WrappedRoot::open(path, "one").error() == Errc::unsafe_permissions);
    CHECK(WrappedRoot::raise_cost(path, "one", costlier).error() == Errc::unsafe_permissions);
  }
  ::chmod(path.c_str(), 0600);
  REQUIRE(::symlink(path.c_str(), (folder / "link").c_str()) == 0);
  CHECK(WrappedRoot::open(folder / "link", "one").error() == Errc::unsafe_permissions);
  CHECK(WrappedRoot::change_passphrase(folder / "link", "one", "two", quick).error() == Errc::unsafe_permissions);
  CHECK(WrappedRoot::create(folder / "link", "one", quick).error() == Errc::already_there);
  ::chmod(folder.path().c_str(), 0777);
  CHECK(WrappedRoot::open(path, "one").error() == Errc::unsafe_permissions);
  CHECK(WrappedRoot::create(folder / "new", "one", quick).error() == Errc::unsafe_permissions);
  CHECK(WrappedRoot::change_passphrase(path, "one", "two", quick).error() == Errc::unsafe_permissions);
  ::chmod(folder.path().c_str(), 0700);
  CHECK(WrappedRoot::open(path, "one"));
}

TEST_CASE("a full disk leaves the wrapped root as it was", "[wrapped_root]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  REQUIRE(WrappedRoot::create(path, "one", quick));
  const std::string good = test::file_bytes(path);
  for (const ::rlim_t room : {0UL, 1UL, 183UL}) {
    const int code = test::in_child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const ::rlimit limit{room, room};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      const auto changed = WrappedRoot::change_passphrase(path, "one", "two", quick);
      const auto made = WrappedRoot::create(folder / "new", "one", quick);
      return !changed && changed.error() == Errc::storage_failed && !made ? 0 : 1;
    });
    CHECK(code == 0);
    CHECK(test::file_bytes(path) == good);
    CHECK(folder.files() == 1);
  }
}

TEST_CASE("of two processes that change a wrapped root one waits its turn", "[wrapped_root]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  const std::string root = unwrapped_identity(*WrappedRoot::create(path, "one", quick));
  {
    const detail::FileHandle held(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(::flock(held.fd(), LOCK_EX | LOCK_NB) == 0);
    CHECK(WrappedRoot::change_passphrase(path, "one", "two", quick).error() == Errc::locked);
    CHECK(unwrapped_identity(*WrappedRoot::open(path, "one")) == root);  // reading needs no turn
  }
  // Both change it as often as they can; readers never see anything but a whole file.
  const ::pid_t child = ::fork();
  if (child == 0) {
    int changed = 0;
    for (int tries = 0; tries != 20'000 && changed != 3; ++tries) {
      changed += WrappedRoot::change_passphrase(path, "one", "one", quick) ? 1 : 0;
      ::usleep(1000);
    }
    ::_exit(changed == 3 ? 0 : 1);
  }
  int unreadable = 0;
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (!WrappedRoot::cost(path)) ++unreadable;
    const auto mine = WrappedRoot::raise_cost(path, "one", quick);
    if (!mine && mine.error() != Errc::locked) ++unreadable;
    ::usleep(5000);
  }
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  CHECK(unreadable == 0);
  CHECK(unwrapped_identity(*WrappedRoot::open(path, "one")) == root);
  CHECK(folder.files() == 1);
}

TEST_CASE("killed at every system-call border, the old or the new file is there", "[wrapped_root]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  const auto root = WrappedRoot::create(path, "one", quick);
  const std::string old = test::file_bytes(path);
  REQUIRE(WrappedRoot::keep(folder / "next", *root, "two", quick));
  const std::string next = test::file_bytes(folder / "next");
  const Bytes bytes = bytes_of(next);
  int olds = 0;
  int news = 0;
  for (int border = 1;; ++border) {
    test::write_file(path, old);
    const auto ended = custody_test::killed_at(border, [&] {
      const auto place = detail::SecretPlace::of(path);
      if (!place || !place->write_whole(bytes, true)) ::_exit(98);
    });
    if (ended == custody_test::Killed::impossible) {
      WARN("not run: this process may not watch another");
      return;
    }
    const std::string now = test::file_bytes(path);
    REQUIRE((now == old || now == next));
    ++(now == old ? olds : news);
    if (ended == custody_test::Killed::finished) {
      CHECK(now == next);
      break;
    }
    REQUIRE(border < 200);
  }
  CHECK(olds > 8);
  CHECK(news > 3);
}

TEST_CASE("a change of passphrase killed at every system-call border", "[wrapped_root][longer]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  const auto root = WrappedRoot::create(path, "one", quick);
  const std::string old = test::file_bytes(path);
  const std::string wanted = unwrapped_identity(*root);
  for (int border = 2;; border += 2) {  // the exits; between an exit and the next entry nothing is done to a file
    test::write_file(path, old);
    const auto ended = custody_test::killed_at(border, [&] {
      if (!WrappedRoot::change_passphrase(path, "one", "two", quick)) ::_exit(98);
    });
    if (ended == custody_test::Killed::impossible) {
      WARN("not run: this process may not watch another");
      return;
    }
    const auto by_old = WrappedRoot::open(path, "one");
    const auto by_new = by_old ? Result<RootKey>(Errc::wrong_root) : WrappedRoot::open(path, "two");
    REQUIRE((by_old || (by_old.error() == Errc::wrong_root && by_new)));
    REQUIRE(unwrapped_identity(by_old ? *by_old : *by_new) == wanted);
    if (ended == custody_test::Killed::finished) {
      CHECK(by_new);
      break;
    }
    REQUIRE(border < 400);
  }
}
