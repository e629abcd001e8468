// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/base64.hpp>
#include <custody/crypto/hash.hpp>
#include <custody/keys/root_key.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include <sys/stat.h>
#include <sys/xattr.h>

#include "custody_catch.hpp"
#include "keys/files.hpp"

using namespace custody;
using test::hex;

namespace {

std::string source_identity(const RootKey& root) { return hex(root.derive("identity")->view()); }

/// Sets CREDENTIALS_DIRECTORY, or unsets it, for a scope.
class CredentialsDirectory {
 public:
  explicit CredentialsDirectory(const char* path) {
    if (path != nullptr)
      ::setenv("CREDENTIALS_DIRECTORY", path, 1);
    else
      ::unsetenv("CREDENTIALS_DIRECTORY");
  }
  CredentialsDirectory(const CredentialsDirectory&) = delete;
  CredentialsDirectory& operator=(const CredentialsDirectory&) = delete;
  ~CredentialsDirectory() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
};

/// The access list that systemd writes: the owner, one user who may read, nobody else; `group` and `other` to attack it.
std::vector<unsigned char> access_list(unsigned user, unsigned char group = 0, unsigned char other = 0) {
  std::vector<unsigned char> list{2, 0, 0, 0};
  const auto entry = [&](unsigned char tag, unsigned char rights, unsigned id) {
    list.insert(list.end(), {tag, 0, rights, 0});
    for (unsigned shift = 0; shift != 32; shift += 8) list.push_back(static_cast<unsigned char>(id >> shift));
  };
  entry(0x01, 4, ~0U);
  entry(0x02, 4, user);
  entry(0x04, group, ~0U);
  entry(0x10, 4, ~0U);
  entry(0x20, other, ~0U);
  return list;
}

const Bytes key_bytes = test::pattern(32, 77);

}  // namespace

TEST_CASE("a credential is 32 bytes, base64url or hexadecimal, by its length", "[root_key]") {
  const test::Folder folder;
  ::chmod(folder.path().c_str(), 0500);
  const CredentialsDirectory variable(folder.path().c_str());
  const std::string text = base64url_encode(key_bytes);
  const std::string wanted = source_identity(*RootKey::from_bytes(key_bytes));
  const auto put = [&](const std::string& content) {
    ::chmod(folder.path().c_str(), 0700);
    test::write_file(folder / "root", content, 0400);
    ::chmod(folder.path().c_str(), 0500);
  };
  std::string upper = hex(key_bytes);
  for (char& c : upper) c = static_cast<char>(c >= 'a' ? c - 32 : c);
  for (const std::string& good :
       std::vector<std::string>{test::text_of(key_bytes), text, text + "\n", hex(key_bytes), upper + "\n"}) {
    put(good);
    const auto root = RootKey::from_credential("root");
    REQUIRE(root);
    CHECK(source_identity(*root) == wanted);
  }
  for (std::size_t size = 0; size != 32; ++size) {
    put(std::string(size, '\xC3'));
    CHECK(RootKey::from_credential("root").error() == Errc::truncated);
  }
  for (std::size_t size = 33; size != 90; ++size) {
    put(std::string(size, '\xC3'));
    CHECK(RootKey::from_credential("root").error() == Errc::malformed);
  }
  const std::string stray = text.substr(0, 42) + (text[42] == 'B' ? "C" : "B");  // bits beyond the last byte
  for (const std::string& bad : std::vector<std::string>{
           std::string(32, '\0'), std::string(43, 'A'), std::string(64, '0'), hex(key_bytes).substr(0, 32),
           text + "\n\n", text + " ", text + "=", " " + text, text.substr(1), text.substr(0, 42) + "!", text + "\r\n",
           stray, hex(key_bytes).substr(0, 63) + "g", hex(key_bytes).substr(0, 63) + "\n", hex(key_bytes) + "00"}) {
    CAPTURE(bad);
    put(bad);
    CHECK(RootKey::from_credential("root").error() == Errc::malformed);
  }
}

TEST_CASE("a credential that others can touch is refused", "[root_key]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  const CredentialsDirectory variable(folder.path().c_str());
  test::write_file(path, test::text_of(key_bytes), 0400);
  REQUIRE(RootKey::from_credential("root"));
  for (const unsigned mode : {0440U, 0404U, 0420U, 0402U, 0410U, 0444U, 0777U}) {
    ::chmod(path.c_str(), mode);
    CHECK(RootKey::from_credential("root").error() == Errc::unsafe_permissions);
  }
  ::chmod(path.c_str(), 0600);
  for (const unsigned mode : {0720U, 0702U, 01777U, 0777U}) {
    ::chmod(folder.path().c_str(), mode);
    CHECK(RootKey::from_credential("root").error() == Errc::unsafe_permissions);
  }
  ::chmod(folder.path().c_str(), 0755);
  CHECK(RootKey::from_credential("root"));
  REQUIRE(::symlink(path.c_str(), (folder / "link").c_str()) == 0);
  CHECK(RootKey::from_credential("link").error() == Errc::unsafe_permissions);
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(RootKey::from_credential("pipe").error() == Errc::unsafe_permissions);
  REQUIRE(::mkdir((folder / "inner").c_str(), 0700) == 0);
  CHECK(RootKey::from_credential("inner").error() == Errc::unsafe_permissions);
  REQUIRE(::link(path.c_str(), (folder / "second").c_str()) == 0);
  CHECK(RootKey::from_credential("root").error() == Errc::unsafe_permissions);
  ::unlink((folder / "second").c_str());
  for (const std::string& name : std::vector<std::string>{"", ".", "..", "inner/x", "../root", "/etc/passwd", "none",
                                                          std::string("root\0x", 6)}) {
    CAPTURE(name);
    CHECK(RootKey::from_credential(name).error() == Errc::not_found);
  }
  const std::string alias = folder / "alias";
  REQUIRE(::symlink(folder.path().c_str(), alias.c_str()) == 0);
  const CredentialsDirectory through_a_link(alias.c_str());
  CHECK(RootKey::from_credential("root").error() == Errc::unsafe_permissions);
  const CredentialsDirectory relative(".");
  CHECK(RootKey::from_credential("root").error() == Errc::not_found);
  const CredentialsDirectory none(nullptr);
  CHECK(RootKey::from_credential("root").error() == Errc::not_found);
}

TEST_CASE("a credential of root's that an access list opens to us is read", "[root_key]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  test::write_file(path, test::text_of(key_bytes), 0400);
  constexpr unsigned service = 54321;
  const auto set = [&](const std::vector<unsigned char>& list) {
    return ::setxattr(path.c_str(), "system.posix_acl_access", list.data(), list.size(), 0) == 0;
  };
  if (::geteuid() != 0 || !set(access_list(service))) {
    WARN("not run: this needs root and a file system with access lists");
    return;
  }
  ::chmod(folder.path().c_str(), 0755);
  const CredentialsDirectory variable(folder.path().c_str());
  const auto read_as_service = [] {
    return test::in_child([] {
      if (::setgid(service) != 0 || ::setuid(service) != 0) return 100;
      const auto root = RootKey::from_credential("root");
      return root ? 0 : static_cast<int>(root.error().code);
    });
  };
  struct ::stat facts{};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 07777) == 0440);  // as it looks under systemd
  CHECK(read_as_service() == 0);
  const int unsafe = static_cast<int>(Errc::unsafe_permissions);
  REQUIRE(set(access_list(service, 4)));
  CHECK(read_as_service() == unsafe);
  REQUIRE(set(access_list(service, 0, 4)));
  CHECK(read_as_service() == unsafe);
  REQUIRE(set(access_list(service + 1)));  // somebody else, and root looks
  CHECK(RootKey::from_credential("root").error() == Errc::unsafe_permissions);
}

TEST_CASE("an environment variable gives its key once and leaves nothing behind", "[root_key]") {
  const std::string text = base64url_encode(key_bytes);
  REQUIRE(::setenv("CUSTODY_TEST_ROOT", text.c_str(), 1) == 0);
  REQUIRE(::setenv("CUSTODY_TEST_ROOTS", text.c_str(), 1) == 0);
  const char* const block = ::getenv("CUSTODY_TEST_ROOT");
  const auto root = RootKey::from_environment("CUSTODY_TEST_ROOT");
  REQUIRE(root);
  CHECK(source_identity(*root) == source_identity(*RootKey::from_bytes(key_bytes)));
  CHECK(std::string(block, 43) == std::string(43, '\0'));  // setenv's block outlives unsetenv
  CHECK(::getenv("CUSTODY_TEST_ROOT") == nullptr);
  CHECK(RootKey::from_environment("CUSTODY_TEST_ROOT").error() == Errc::not_found);
  CHECK(::getenv("CUSTODY_TEST_ROOTS") == text);  // a longer name is another variable
  ::unsetenv("CUSTODY_TEST_ROOTS");
  CHECK(RootKey::from_environment("").error() == Errc::not_found);
  CHECK(RootKey::from_environment(nullptr).error() == Errc::not_found);
  CHECK(RootKey::from_environment("A=B").error() == Errc::not_found);
  for (const std::string& bad : std::vector<std::string>{"", "x", text + "\n", text + "=", text.substr(1),
                                                         hex(key_bytes), std::string(43, 'A'), std::string(43, '/')}) {
    CAPTURE(bad);
    ::setenv("CUSTODY_TEST_ROOT", bad.c_str(), 1);
    const char* const there = ::getenv("CUSTODY_TEST_ROOT");
    CHECK(RootKey::from_environment("CUSTODY_TEST_ROOT").error() == Errc::malformed);
    CHECK(std::string(there, bad.size()) == std::string(bad.size(), '\0'));
    CHECK(::getenv("CUSTODY_TEST_ROOT") == nullptr);
  }
}

TEST_CASE("the block that the kernel shows loses the key, doubled entries too", "[root_key]") {
  const std::string text = base64url_encode(key_bytes);
  const std::string entry = "CUSTODY_TEST_ROOT=" + text;
  // The program runs itself with an environment that names the variable twice.
  const char* const inner = std::getenv("CUSTODY_TEST_INNER");
  if (inner == nullptr) {
    const std::array<const char*, 4> environment{entry.c_str(), "CUSTODY_TEST_INNER=1", entry.c_str(), nullptr};
    const int code = test::in_child([&] {
      const char* const arguments[] = {"self", "the block that the kernel shows loses the key*", nullptr};
      ::execve("/proc/self/exe", const_cast<char* const*>(arguments), const_cast<char* const*>(environment.data()));
      return 100;
    });
    CHECK(code == 0);
    return;
  }
  REQUIRE(test::file_bytes("/proc/self/environ").find(text) != std::string::npos);
  REQUIRE(RootKey::from_environment("CUSTODY_TEST_ROOT"));
  CHECK(test::file_bytes("/proc/self/environ").find(text) == std::string::npos);
  CHECK(std::getenv("CUSTODY_TEST_ROOT") == nullptr);
}

namespace {

/// Keeps its key where this process could not look if it were hardware.
class StandIn final : public RootProvider {
 public:
  static constexpr Protection custody_protection{Level::grade4, "stand-in"};
  StandIn(unsigned char fill, int* calls) noexcept : key_(test::key_of(fill)), calls_(calls) {}
  [[nodiscard]] Result<SecretKey> branch(ByteView context) noexcept override {
    ++*calls_;
    if (lost) return Error{Errc::storage_failed, "stand-in"};
    return SecretKey::copy_of(blake2b<32>({context}, key_.view()));
  }
  bool lost = false;

 private:
  SecretKey key_;
  int* calls_;
};

}  // namespace

TEST_CASE("a root that stays with its provider opens a key file, and only its own", "[root_key]") {
  static_assert(std::is_nothrow_move_constructible_v<RootKey> && !std::is_copy_constructible_v<RootKey>);
  static_assert(!std::is_copy_constructible_v<StandIn>);
  const test::Folder folder;
  int calls = 0;
  {
    auto root = RootKey::from_provider(StandIn(1, &calls));
    REQUIRE(root);
    CHECK(root->protection().highest == Level::grade4);
    CHECK(root->copy_for_escrow().error() == Errc::unknown_key);
    auto file = KeyFile::open(folder / "keys", *root);
    REQUIRE(file);
    REQUIRE(file->put_fact("who", as_bytes("one")));
  }
  CHECK(calls > 0);
  const auto again = RootKey::from_provider(StandIn(1, &calls));
  CHECK(test::text_of(*KeyFile::open(folder / "keys", *again)->get_fact("who")) == "one");
  const auto other = RootKey::from_provider(StandIn(2, &calls));
  CHECK(KeyFile::open(folder / "keys", *other).error() == Errc::wrong_root);
  CHECK(KeyFile::open(folder / "keys", test::root_of(1)).error() == Errc::wrong_root);
  CHECK(source_identity(*again) != source_identity(*other));
  CHECK(hex(again->derive("a")->view()) != hex(again->derive("b")->view()));
  StandIn broken(1, &calls);
  broken.lost = true;
  const auto lost = RootKey::from_provider(std::move(broken));
  CHECK(lost->derive("a").error() == Errc::storage_failed);
}

TEST_CASE("only a random root that is here may be copied for escrow", "[root_key]") {
  const auto root = RootKey::from_bytes(key_bytes);
  CHECK(root->protection().highest == Level::core);
  const auto copy = root->copy_for_escrow();
  REQUIRE(copy);
  CHECK(hex(copy->view()) == hex(key_bytes));
  PassphraseParameters parameters;
  parameters.cost = PassphraseCost::interactive();
  CHECK(RootKey::from_passphrase("correct horse", parameters)->copy_for_escrow().error() == Errc::malformed);
}
