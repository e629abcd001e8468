// SPDX-License-Identifier: Apache-2.0
#include <custody/keys/root_key.hpp>
#include <custody/keys/wrap.hpp>

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <vector>

#include <sys/stat.h>

#include "custody_catch.hpp"
#include "keys/files.hpp"

using namespace custody;
using test::hex;

namespace {

std::string identity(const RootKey& root) { return hex(root.derive("identity")->view()); }

}  // namespace

TEST_CASE("a root key file is created 0600 under any umask and read back", "[root_key]") {
  static_assert(!std::is_copy_constructible_v<RootKey> && !std::is_trivially_copyable_v<RootKey>);
  const test::Folder folder;
  for (const unsigned mask : {0U, 022U, 0777U}) {
    const std::string path = folder / ("root" + std::to_string(mask));
    const auto before = ::umask(static_cast<::mode_t>(mask));
    const auto made = RootKey::create_key_file(path);
    ::umask(before);
    REQUIRE(made);
    struct ::stat facts{};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0600);
    const auto read = RootKey::from_key_file(path);
    REQUIRE(read);
    CHECK(identity(*read) == identity(*made));
  }
  CHECK(folder.files() == 3);
}

TEST_CASE("creating never touches a file that is there", "[root_key]") {
  const test::Folder folder;
  test::write_file(folder / "root", "");
  CHECK(RootKey::create_key_file(folder / "root").error() == Errc::already_there);
  CHECK(test::file_bytes(folder / "root").empty());
  CHECK(folder.files() == 1);
  CHECK(RootKey::create_key_file(folder / "no/root").error() == Errc::not_found);
  const test::NoRandomness failure;
  CHECK(RootKey::create_key_file(folder / "other").error() == Errc::no_randomness);
  CHECK(folder.files() == 1);
}

TEST_CASE("a root key file that others can touch is refused", "[root_key]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  REQUIRE(RootKey::create_key_file(path));
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0644U, 0777U}) {
    ::chmod(path.c_str(), mode);
    CHECK(RootKey::from_key_file(path).error() == Errc::unsafe_permissions);
  }
  ::chmod(path.c_str(), 0400);
  CHECK(RootKey::from_key_file(path));
  REQUIRE(::symlink(path.c_str(), (folder / "link").c_str()) == 0);
  CHECK(RootKey::from_key_file(folder / "link").error() == Errc::unsafe_permissions);
  REQUIRE(::link(path.c_str(), (folder / "second").c_str()) == 0);
  CHECK(RootKey::from_key_file(path).error() == Errc::unsafe_permissions);
  ::unlink((folder / "second").c_str());
  CHECK(RootKey::from_key_file(folder.path()).error() == Errc::unsafe_permissions);
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(RootKey::from_key_file(folder / "pipe").error() == Errc::unsafe_permissions);
  if (::geteuid() == 0) {
    REQUIRE(::chown(path.c_str(), 12345, 0) == 0);
    CHECK(RootKey::from_key_file(path).error() == Errc::unsafe_permissions);
    REQUIRE(::chown(path.c_str(), 0, 0) == 0);
  }
  ::chmod(folder.path().c_str(), 0777);
  CHECK(RootKey::from_key_file(path).error() == Errc::unsafe_permissions);
  ::chmod(folder.path().c_str(), 01777);
  CHECK(RootKey::from_key_file(path));
  CHECK(RootKey::from_key_file(folder / "none").error() == Errc::not_found);
}

TEST_CASE("a key file of another size or of zeros is refused", "[root_key]") {
  const test::Folder folder;
  const std::string path = folder / "root";
  for (const std::size_t size : {0U, 1U, 31U}) {
    test::write_file(path, std::string(size, 'k'));
    CHECK(RootKey::from_key_file(path).error() == Errc::truncated);
  }
  for (const std::size_t size : {33U, 64U}) {
    test::write_file(path, std::string(size, 'k'));
    CHECK(RootKey::from_key_file(path).error() == Errc::malformed);
  }
  test::write_file(path, std::string(32, '\0'));
  CHECK(RootKey::from_key_file(path).error() == Errc::malformed);
  CHECK(RootKey::from_bytes(Bytes(32)).error() == Errc::malformed);
  CHECK(RootKey::from_bytes(Bytes(31, std::byte{1})).error() == Errc::malformed);
}

TEST_CASE("branches of the root are frozen and distinct", "[root_key]") {
  Bytes counting(32);
  for (unsigned i = 0; i != 32; ++i) counting[i] = static_cast<std::byte>(i);
  const auto root = RootKey::from_bytes(counting);
  // computed by another implementation (Python's hashlib)
  CHECK(hex(root->derive("index")->view()) == "0803f0b49a45255578c8538337021dfd4fd274f945b05a19de7b458cd23d72b8");
  CHECK(hex(root->derive("index")->view()) != hex(root->derive("indey")->view()));
  CHECK(identity(*root) != identity(test::root_of(1)));
}

TEST_CASE("a passphrase and its parameters give the root again", "[root_key]") {
  const auto made = PassphraseParameters::random(PassphraseCost::interactive());
  REQUIRE(made);
  const auto text = made->encode();
  CHECK(text.starts_with("custody-passphrase-1 argon2id 2 67108864 "));
  const auto read = PassphraseParameters::decode(text + "\n");
  REQUIRE(read);
  const auto a = RootKey::from_passphrase("correct horse", *made);
  const auto b = RootKey::from_passphrase("correct horse", *read);
  const auto c = RootKey::from_passphrase("correct horsf", *read);
  REQUIRE((a && b && c));
  CHECK(identity(*a) == identity(*b));
  CHECK(identity(*a) != identity(*c));
  CHECK(RootKey::from_passphrase("", *made).error() == Errc::malformed);
}

TEST_CASE("parameters are read only as they are written, and not weakened", "[root_key]") {
  const std::string salt = "AAECAwQFBgcICQoLDA0ODw";
  const std::string good = "custody-passphrase-1 argon2id 2 67108864 " + salt;
  CHECK(PassphraseParameters::decode(good));
  for (const std::string& bad : std::vector<std::string>{
           "", "custody-passphrase-1 argon2id ", "custody-passphrase-2 argon2id 2 67108864 " + salt,
           "custody-passphrase-1 argon2id 1 67108864 " + salt, "custody-passphrase-1 argon2id 2 67108863 " + salt,
           "custody-passphrase-1 argon2id 02 67108864 " + salt, "custody-passphrase-1 argon2id  2 67108864 " + salt,
           "custody-passphrase-1 argon2id -2 67108864 " + salt, "custody-passphrase-1 argon2id 65 67108864 " + salt,
           "custody-passphrase-1 argon2id 2 99999999999999999999 " + salt,
           "custody-passphrase-1 argon2id 2 67108864 " + salt + "A",
           "custody-passphrase-1 argon2id 2 67108864 " + salt + "\n\n",
           "custody-passphrase-1 argon2id 2 67108864 " + salt.substr(1),
           "custody-passphrase-1 argon2id 2 67108864 " + salt.substr(0, 21) + "x", "custody-passphrase-1 argon2id 2",
           good + " "}) {
    CAPTURE(bad);
    CHECK(PassphraseParameters::decode(bad).error() == Errc::malformed);
  }
  CHECK(PassphraseParameters::random({1, 8192}).error() == Errc::malformed);
  PassphraseParameters weak;
  weak.cost = {1, 8192};
  CHECK(RootKey::from_passphrase("p", weak).error() == Errc::malformed);
}

TEST_CASE("a wrapped key opens only where and as it was wrapped", "[wrap]") {
  const auto kek = test::key_of(1);
  const auto key = test::key_of(2);
  const auto wrapped = wrap_key(kek, key, as_bytes("u1, generation 1"));
  REQUIRE(wrapped);
  CHECK(wrapped->size() == wrapped_key_size);
  const auto open = unwrap_key(kek, *wrapped, as_bytes("u1, generation 1"));
  REQUIRE(open);
  CHECK(std::memcmp(open->data(), key.data(), 32) == 0);
  CHECK(unwrap_key(kek, *wrapped, as_bytes("u2, generation 1")).error() == Errc::tampered);
  CHECK(unwrap_key(test::key_of(3), *wrapped, as_bytes("u1, generation 1")).error() == Errc::tampered);
  for (std::size_t bit = 0; bit != wrapped->size() * 8; ++bit) {
    Bytes bad = *wrapped;
    bad[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    REQUIRE(unwrap_key(kek, bad, as_bytes("u1, generation 1")).error() == Errc::tampered);
  }
  for (std::size_t size = 0; size != 80; ++size) {
    if (size == wrapped_key_size) continue;
    Bytes bad = *wrapped;
    bad.resize(size);
    REQUIRE(unwrap_key(kek, bad, as_bytes("u1, generation 1")).error() == Errc::malformed);
  }
  CHECK(*wrap_key(kek, key, {}) != *wrap_key(kek, key, {}));
  CHECK(std::search(wrapped->begin(), wrapped->end(), key.view().begin(), key.view().end()) == wrapped->end());
  CHECK(wrap_key(SecretKey(), key, {}).error() == Errc::malformed);
  CHECK(wrap_key(kek, SecretKey(), {}).error() == Errc::malformed);
  CHECK(unwrap_key(SecretKey(), *wrapped, {}).error() == Errc::malformed);
  const test::NoRandomness failure;
  CHECK(wrap_key(kek, key, {}).error() == Errc::no_randomness);
}
