// SPDX-License-Identifier: Apache-2.0
#include <custody/edges/pkcs11.hpp>
#include <custody/keys/split_root.hpp>
#include <custody/keys/wrapped_root.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <sodium/crypto_auth_hmacsha256.h>

#include "custody_catch.hpp"
#include "keys/files.hpp"
#include "pkcs11/token.hpp"
#include "support/world.hpp"

using namespace custody;
using pkcs11_test::Session;
using pkcs11_test::SoftHsm;
using pkcs11_test::user_pin;
using test::hex;

#define NEEDS_TOKEN                                                                             \
  if (!SoftHsm::get().there()) {                                                                \
    WARN("not run: there is no PKCS#11 module; on Debian or Ubuntu: apt-get install softhsm2"); \
    return;                                                                                     \
  }

namespace {

Result<Pkcs11Root> make(const std::string& key) {
  return Pkcs11Root::create(SoftHsm::get().place(key), std::string(user_pin));
}
Result<Pkcs11Root> find(const std::string& key) {
  return Pkcs11Root::open(SoftHsm::get().place(key), std::string(user_pin));
}
RootKey root_of(Result<Pkcs11Root> token) {
  REQUIRE(token);
  return std::move(*RootKey::from_provider(std::move(*token)));
}
std::string identity(const RootKey& root) { return hex(root.derive("identity")->view()); }

}  // namespace

TEST_CASE("a key made in the token gives the same branches whenever it is opened", "[pkcs11]") {
  NEEDS_TOKEN
  static_assert(std::is_nothrow_move_constructible_v<Pkcs11Root> && !std::is_copy_constructible_v<Pkcs11Root>);
  const RootKey made = root_of(make("first"));
  const RootKey again = root_of(find("first"));
  CHECK(identity(made) == identity(again));
  CHECK(hex(made.derive("a")->view()) != hex(made.derive("b")->view()));
  CHECK(identity(root_of(make("second"))) != identity(made));
  CHECK(make("first").error() == Errc::already_there);
  CHECK(made.protection().highest == Level::core);
  CHECK(std::string(made.protection().name) == "PKCS#11 token");
}

TEST_CASE("the guide's lines open the guide's key", "[pkcs11]") {
  NEEDS_TOKEN
  const std::string module_path = pkcs11_test::module_path();
  std::string pin = user_pin;
  {
    // snippet: create
    auto token = Pkcs11Root::create({module_path, "custody", "root"}, std::move(pin));  // once
    // end: create
    REQUIRE(token);
  }
  pin = user_pin;
  // snippet: open
  auto token = Pkcs11Root::open({module_path, "custody", "root"}, std::move(pin));
  if (!token) return;  // token.error().where names the module, token, PIN, key or session
  auto root = RootKey::from_provider(std::move(*token));
  // end: open
  REQUIRE(root);
  CHECK(root->derive("identity"));
}

TEST_CASE("a branch is the HMAC-SHA-256 of the root's label under the token's key", "[pkcs11]") {
  NEEDS_TOKEN
  const std::string known(32, 'k');
  const Session session;
  session.put("known", known, true, false);
  const RootKey root = root_of(find("known"));
  Bytes context;
  Canonical(context).part("custody.root.1").part("identity");
  Bytes mac(32);
  ::crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(mac.data()),
                           reinterpret_cast<const unsigned char*>(context.data()), context.size(),
                           reinterpret_cast<const unsigned char*>(known.data()));
  CHECK(identity(root) == hex(derive_key(*SecretKey::copy_of(mac), context)->view()));
  CHECK(identity(root) != identity(*RootKey::from_bytes(as_bytes(known))));
}

TEST_CASE("the root cannot be had from the token", "[pkcs11]") {
  NEEDS_TOKEN
  const RootKey root = root_of(make("kept"));
  CHECK(root.copy_for_escrow().error() == Errc::unknown_key);
  CHECK(SplitRoot::split(root, 2, 3).error() == Errc::unknown_key);
  const test::Folder folder;
  CHECK(WrappedRoot::keep(folder / "root", root, "x", PassphraseCost::interactive()).error() == Errc::unknown_key);

  auto& calls = SoftHsm::get().calls();
  const Session session;
  const auto found = session.find("kept");
  REQUIRE(found.size() == 1);
  CK_BYTE value[64]{};
  CK_ATTRIBUTE wanted{CKA_VALUE, value, sizeof value};
  CHECK(calls.C_GetAttributeValue(session.handle(), found[0], &wanted, 1) == CKR_ATTRIBUTE_SENSITIVE);
  CHECK(std::all_of(std::begin(value), std::end(value), [](CK_BYTE b) { return b == 0; }));
  const auto fact = [&](CK_ATTRIBUTE_TYPE type) {
    CK_BBOOL answer = 2;
    CK_ATTRIBUTE asked{type, &answer, sizeof answer};
    SoftHsm::must(calls.C_GetAttributeValue(session.handle(), found[0], &asked, 1));
    return static_cast<int>(answer);
  };
  CHECK(fact(CKA_SENSITIVE) == 1);
  CHECK(fact(CKA_ALWAYS_SENSITIVE) == 1);
  CHECK(fact(CKA_EXTRACTABLE) == 0);
  CHECK(fact(CKA_NEVER_EXTRACTABLE) == 1);
  CHECK(fact(CKA_PRIVATE) == 1);
  CHECK(fact(CKA_LOCAL) == 1);
  CHECK(fact(CKA_WRAP) == 0);
  CHECK(fact(CKA_DERIVE) == 0);
  // nor be made extractable, nor copied into something that is, nor wrapped
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL no = CK_FALSE;
  CK_ATTRIBUTE leaves{CKA_EXTRACTABLE, &yes, sizeof yes};
  CHECK(calls.C_SetAttributeValue(session.handle(), found[0], &leaves, 1) != CKR_OK);
  CK_ATTRIBUTE shown{CKA_SENSITIVE, &no, sizeof no};
  CHECK(calls.C_SetAttributeValue(session.handle(), found[0], &shown, 1) != CKR_OK);
  CK_OBJECT_HANDLE copy = 0;
  CHECK(calls.C_CopyObject(session.handle(), found[0], &leaves, 1, &copy) != CKR_OK);
  CK_MECHANISM generator{CKM_AES_KEY_GEN, nullptr, 0};
  CK_ULONG size = 32;
  CK_ATTRIBUTE wrapper[] = {{CKA_VALUE_LEN, &size, sizeof size}, {CKA_WRAP, &yes, sizeof yes}};
  CK_OBJECT_HANDLE wrapping = 0;
  SoftHsm::must(calls.C_GenerateKey(session.handle(), &generator, wrapper, 2, &wrapping));
  CK_MECHANISM wrap{CKM_AES_KEY_WRAP, nullptr, 0};
  CK_BYTE wrapped[128];
  CK_ULONG length = sizeof wrapped;
  CHECK(calls.C_WrapKey(session.handle(), &wrap, wrapping, found[0], wrapped, &length) == CKR_KEY_UNEXTRACTABLE);
}

TEST_CASE("what is missing, wrong or ambiguous is said", "[pkcs11]") {
  NEEDS_TOKEN
  REQUIRE(make("there"));
  const auto& hsm = SoftHsm::get();
  const auto failure = [](const Pkcs11Place& place, const std::string& pin = user_pin) {
    const auto opened = Pkcs11Root::open(place, std::string(pin));
    REQUIRE_FALSE(opened);
    return std::pair{opened.error().code, std::string(opened.error().where)};
  };
  using Told = std::pair<Errc, std::string>;
  CHECK((failure({"/nowhere/libnone.so", "custody", "there"}) == Told{Errc::not_found, "PKCS#11 module"}));
  CHECK((failure({"", "custody", "there"}) == Told{Errc::not_found, "PKCS#11 module"}));
  CHECK((failure({"libsodium.so.23", "custody", "there"}).second == "PKCS#11 module"));
  CHECK((failure({"libm.so.6", "custody", "there"}) == Told{Errc::malformed, "PKCS#11 module"}));
  CHECK((failure(hsm.place("there", "nobody")) == Told{Errc::not_found, "PKCS#11 token"}));
  CHECK((failure(hsm.place("there", "")) == Told{Errc::not_found, "PKCS#11 token"}));
  CHECK((failure(hsm.place("there", "custod")) == Told{Errc::not_found, "PKCS#11 token"}));
  CHECK((failure(hsm.place("there"), "wrong pin") == Told{Errc::wrong_root, "PKCS#11 PIN"}));
  CHECK((failure(hsm.place("there"), "") == Told{Errc::wrong_root, "PKCS#11 PIN"}));
  CHECK((failure(hsm.place("absent")) == Told{Errc::unknown_key, "PKCS#11 key"}));
  CHECK((failure(hsm.place("")) == Told{Errc::unknown_key, "PKCS#11 key"}));
  CHECK(Pkcs11Root::create(hsm.place("never"), "wrong pin").error() == Errc::wrong_root);
  CHECK(find("never").error() == Errc::unknown_key);
  REQUIRE(find("there"));  // a wrong PIN does not block the token

  const Session session;
  session.put("twice", std::string(32, 'a'), true, false);
  session.put("twice", std::string(32, 'b'), true, false);
  CHECK((failure(hsm.place("twice")) == Told{Errc::already_there, "PKCS#11 key label"}));
  CHECK(make("twice").error() == Errc::already_there);
  SoftHsm::get().make_token("double");
  SoftHsm::get().make_token("double");
  CHECK((failure(hsm.place("there", "double")) == Told{Errc::already_there, "PKCS#11 token label"}));
}

TEST_CASE("a key that the token does not guard is refused", "[pkcs11]") {
  NEEDS_TOKEN
  const Session session;
  session.put("open", std::string(32, 'o'), false, true);
  session.put("wrappable", std::string(32, 'w'), true, true);
  session.put("readable", std::string(32, 'r'), false, false);
  session.put("short", std::string(16, 's'), true, false);
  for (const char* const key : {"open", "wrappable", "readable", "short"}) {
    CAPTURE(key);
    CHECK(find(key).error() == Errc::unsafe_permissions);
  }
}

TEST_CASE("the PIN is wiped, whatever happens", "[pkcs11]") {
  NEEDS_TOKEN
  const auto left = [](const Pkcs11Place& place, bool make_it) {
    std::string pin = "a PIN that does not fit into the string object itself";
    const char* const where = pin.data();
    const std::size_t size = pin.size();
    if (make_it) {
      CHECK_FALSE(Pkcs11Root::create(place, std::move(pin)));
    } else {
      CHECK_FALSE(Pkcs11Root::open(place, std::move(pin)));
    }
    CHECK(pin.empty());  // NOLINT(bugprone-use-after-move)
    return std::string(where, size).find_first_not_of('\0') != std::string::npos;
  };
  CHECK_FALSE(left(SoftHsm::get().place("x"), false));
  CHECK_FALSE(left(SoftHsm::get().place("x"), true));
  CHECK_FALSE(left({"/nowhere/libnone.so", "custody", "x"}, false));
}

TEST_CASE("a lost session, a deleted key and a forked child get errors, not keys", "[pkcs11]") {
  NEEDS_TOKEN
  const RootKey root = root_of(make("lost"));
  const std::string wanted = identity(root);
  CHECK(test::in_child([&] {
          const auto branch = root.derive("identity");
          return !branch && branch.error() == Errc::storage_failed ? 0 : 1;
        }) == 0);
  CHECK(identity(root) == wanted);  // the child has closed nothing

  SoftHsm::must(SoftHsm::get().calls().C_CloseAllSessions(SoftHsm::get().slot()));
  const auto after = root.derive("identity");
  CHECK(after.error() == Errc::storage_failed);
  CHECK(std::string(after.error().where) == "PKCS#11 session");
  CHECK(identity(root_of(find("lost"))) == wanted);

  const RootKey second = root_of(find("lost"));
  {
    const Session session;
    SoftHsm::must(SoftHsm::get().calls().C_Logout(session.handle()));
    CHECK_FALSE(second.derive("identity"));
  }
  const RootKey third = root_of(find("lost"));
  {
    const Session session;
    SoftHsm::must(SoftHsm::get().calls().C_DestroyObject(session.handle(), session.find("lost")[0]));
  }
  CHECK(third.derive("identity").error() == Errc::unknown_key);

  auto token = make("moved");
  REQUIRE(token);
  const RootKey owner = root_of(std::move(token));
  CHECK(owner.derive("a"));
  CHECK_FALSE(token->branch(as_bytes("a")));  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("many threads may use one root", "[pkcs11]") {
  NEEDS_TOKEN
  const RootKey root = root_of(make("threads"));
  const std::string wanted = identity(root);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  std::atomic<int> ready{0};
  for (std::size_t i = 0; i != 4; ++i) {
    threads.emplace_back([&, i] {
      for (++ready; ready != 4;) std::this_thread::yield();
      for (int n = 0; n != 2000; ++n) {
        const auto branch = root.derive("identity");
        wrong[i] += branch && hex(branch->view()) == wanted ? 0 : 1;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4));
}

TEST_CASE("a key ring over a token opens, closes and reopens", "[pkcs11]") {
  NEEDS_TOKEN
  using namespace custody_test;
  const test::Folder folder;
  Notebook witness;
  Ledger authority;
  const ManualClock clock{{1'700'000'000'000}};
  Bytes stored;
  {
    const RootKey root = root_of(make("ring"));
    auto keys = KeyFile::open(folder / "keys", root);
    REQUIRE(keys);
    auto ring = KeyRing<Demo>::open(*keys, root, witness, authority, clock);
    REQUIRE(ring);
    const auto person = ring->enrol("u1");
    REQUIRE(person);
    const auto row = ring->binding<Account>("u1", *person);
    Account account;
    account.phone = "13800138000";
    REQUIRE(bind<&Account::phone>(*row, account.phone));
    stored = *at_rest::blob(account.phone);
  }
  const auto other = root_of(make("another ring"));
  CHECK(KeyFile::open(folder / "keys", other).error() == Errc::wrong_root);
  const RootKey root = root_of(find("ring"));
  auto keys = KeyFile::open(folder / "keys", root);
  REQUIRE(keys);
  auto ring = KeyRing<Demo>::open(*keys, root, witness, authority, clock);
  REQUIRE(ring);
  const auto person = ring->find("u1");
  REQUIRE(person);
  const auto row = ring->binding<Account>("u1", *person);
  Account account;
  REQUIRE(at_rest::from_blob<&Account::phone>(*row, stored, account.phone));
  const auto permit = ring->permit<AccountService>(*person, {&service, "tester"}, clock.now() + minutes(5));
  REQUIRE(permit);
  CHECK(released(account.phone, *permit) == "13800138000");
}
