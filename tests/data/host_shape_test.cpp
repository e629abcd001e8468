// SPDX-License-Identifier: Apache-2.0
// A guarded field fits where a plain one stood, and what does not touch plaintext calls no cipher.
#include "cipher_calls.hpp"
#include "custody_catch.hpp"
#include "memory_watch.hpp"
#include "world.hpp"

#include <deque>
#include <list>
#include <map>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <variant>

#include <dlfcn.h>
#include <sodium.h>

namespace custody_test {
namespace {

std::atomic<std::size_t> calls{0};

}  // namespace

std::size_t cipher_calls() { return calls; }

}  // namespace custody_test

// Stand in front of libsodium's ciphers for the whole program.
#define CUSTODY_TEST_CIPHER(name, parameters, arguments)                  \
  extern "C" __attribute__((visibility("default"))) int name parameters { \
    static auto* const real = ::dlsym(RTLD_NEXT, #name);                  \
    ++custody_test::calls;                                                \
    return reinterpret_cast<int(*) parameters>(real) arguments;           \
  }
CUSTODY_TEST_CIPHER(crypto_core_hchacha20,
                    (unsigned char* out, const unsigned char* in, const unsigned char* k, const unsigned char* c),
                    (out, in, k, c))
CUSTODY_TEST_CIPHER(crypto_stream_chacha20_ietf,
                    (unsigned char* c, unsigned long long clen, const unsigned char* n, const unsigned char* k),
                    (c, clen, n, k))
CUSTODY_TEST_CIPHER(crypto_onetimeauth_poly1305,
                    (unsigned char* out, const unsigned char* in, unsigned long long inlen, const unsigned char* k),
                    (out, in, inlen, k))
CUSTODY_TEST_CIPHER(crypto_aead_xchacha20poly1305_ietf_encrypt,
                    (unsigned char* c, unsigned long long* clen, const unsigned char* m, unsigned long long mlen,
                     const unsigned char* ad, unsigned long long adlen, const unsigned char* nsec,
                     const unsigned char* npub, const unsigned char* k),
                    (c, clen, m, mlen, ad, adlen, nsec, npub, k))
CUSTODY_TEST_CIPHER(crypto_aead_xchacha20poly1305_ietf_decrypt,
                    (unsigned char* m, unsigned long long* mlen, unsigned char* nsec, const unsigned char* c,
                     unsigned long long clen, const unsigned char* ad, unsigned long long adlen,
                     const unsigned char* npub, const unsigned char* k),
                    (m, mlen, nsec, c, clen, ad, adlen, npub, k))
CUSTODY_TEST_CIPHER(crypto_aead_aes256gcm_encrypt_afternm,
                    (unsigned char* c, unsigned long long* clen, const unsigned char* m, unsigned long long mlen,
                     const unsigned char* ad, unsigned long long adlen, const unsigned char* nsec,
                     const unsigned char* npub, const crypto_aead_aes256gcm_state* state),
                    (c, clen, m, mlen, ad, adlen, nsec, npub, state))
CUSTODY_TEST_CIPHER(crypto_aead_aes256gcm_decrypt_afternm,
                    (unsigned char* m, unsigned long long* mlen, unsigned char* nsec, const unsigned char* c,
                     unsigned long long clen, const unsigned char* ad, unsigned long long adlen,
                     const unsigned char* npub, const crypto_aead_aes256gcm_state* state),
                    (m, mlen, nsec, c, clen, ad, adlen, npub, state))

using namespace custody_test;

using Text = c::Personal<std::string, AccountService>;
using Number = c::Personal<std::int64_t, AccountService>;
using Turned = c::Personal<std::string, CustomerSupport, AccountService>;
using Straight = c::Personal<std::string, AccountService, CustomerSupport>;

static_assert(std::is_nothrow_default_constructible_v<Text> && std::is_nothrow_move_constructible_v<Text> &&
              std::is_nothrow_move_assignable_v<Text> && std::is_nothrow_swappable_v<Text> &&
              std::is_copy_constructible_v<Text> && std::is_copy_assignable_v<Text> &&
              std::is_nothrow_destructible_v<Text>);
static_assert(std::is_nothrow_move_constructible_v<Account> && std::is_copy_assignable_v<Account> &&
              std::is_aggregate_v<Account>);
static_assert(!std::is_trivially_copyable_v<Text> && !std::is_trivially_copyable_v<c::Permit<AccountService>> &&
              !std::is_copy_constructible_v<c::Permit<AccountService>> &&
              !std::is_default_constructible_v<c::Permit<AccountService>>);
static_assert(!std::is_aggregate_v<c::Permit<AccountService>> && std::is_final_v<Text>);
// ingest from everything that converts, and from nothing else
static_assert(std::is_convertible_v<const char*, Text> && std::is_convertible_v<char (&)[5], Text> &&
              std::is_convertible_v<std::string&, Text> && std::is_convertible_v<std::string&&, Text> &&
              std::is_convertible_v<const std::string&, Text> && std::is_convertible_v<int, Number> &&
              std::is_convertible_v<c::Incoming, Text>);
static_assert(!std::is_constructible_v<Text, int> && !std::is_constructible_v<Text, std::nullptr_t> &&
              !std::is_constructible_v<Text, Number> && !std::is_constructible_v<Number, std::string>);
static_assert(!std::is_convertible_v<Text, std::string> && !std::is_convertible_v<Text, std::string_view> &&
              !std::is_convertible_v<Text, bool> && !std::is_constructible_v<bool, Text> &&
              !std::is_convertible_v<Number, std::int64_t> && !std::is_convertible_v<Text, const void*>);
// two spellings of one policy are interchangeable; a wider one is not
static_assert(std::is_convertible_v<Turned, Straight> && std::is_nothrow_constructible_v<Straight, Turned&&> &&
              !std::is_constructible_v<Straight, Text> && !std::is_constructible_v<Text, Straight>);

template <class Type>
constexpr bool compares = requires(const Type& a) { a == a; } || requires(const Type& a) { a < a; } ||
                          requires(const Type& a) { a == "x"; } || requires(const Type& a) { "x" == a; };
template <class Type>
constexpr bool measures = requires(const Type& a) { a.size(); } || requires(const Type& a) { a.begin(); } ||
                          requires(const Type& a) { a[0]; } || requires(const Type& a) { a.c_str(); } ||
                          requires(const Type& a) { a.data(); } || requires(const Type& a) { *a; } ||
                          requires(const Type& a) { a.get(); } || requires(const Type& a) { a.value(); };
template <class Type>
constexpr bool hashes = requires(const Type& a) { std::hash<Type>{}(a); };
template <class Type>
constexpr bool prints = requires(std::ostream& out, const Type& a) { out << a; };
template <class Type>
constexpr bool names_types = requires { typename Type::value_type; } || requires { typename Type::element_type; } ||
                             requires { typename Type::TYPE; };
static_assert(!compares<Text> && !measures<Text> && !hashes<Text> && !prints<Text> && !names_types<Text>);
static_assert(!compares<c::Password<AccountService>> && !measures<c::Password<AccountService>> &&
              !hashes<c::Password<AccountService>> && !prints<c::Password<AccountService>>);
static_assert(!prints<c::Incoming> && !measures<c::Incoming> && !std::is_copy_constructible_v<c::Incoming>);

TEST_CASE("fields live in containers, optionals, variants and queues") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  Account account;
  account.uid = "u1";
  account.phone = "15400059572";
  REQUIRE(c::bind<&Account::phone>(world.row<Account>("row", person), account.phone));

  std::list<Account> users{account, account};
  users.push_back(users.front());
  std::vector<Account> grown(3, account);
  grown.resize(100);
  grown.insert(grown.begin(), account);
  grown.erase(grown.begin() + 1);
  std::map<int, decltype(Account::phone)> by_id;
  by_id[7] = account.phone;
  by_id.emplace(8, "transient");
  std::unordered_map<std::string, Account> cache{{"u1", account}};
  std::queue<Account, std::deque<Account>> queue;
  queue.push(account);
  std::optional<Account> maybe;
  maybe.emplace();
  maybe->phone = account.phone;
  std::variant<std::monostate, Account, int> either = account;
  either = 3;
  either = account;
  auto [first, second] = std::tuple(account, 1);
  CHECK(second == 1);
  const Account braces{};
  CHECK_FALSE(braces.phone.has_value());
  const Account made{{}, "u9", "154", {}, "4599", std::vector<std::string>{"a", "b"}, 5, {}};
  CHECK((made.uid == "u9" && made.phone.has_value() && !made.email.has_value() && made.tags.has_value()));
  std::swap(users.front(), users.back());
  for (const auto* field : {&users.back().phone, &grown.front().phone, &by_id[7], &cache.at("u1").phone,
                            &queue.front().phone, &maybe->phone, &std::get<Account>(either).phone, &first.phone}) {
    CHECK(released(*field, permit) == "15400059572");
  }
}

TEST_CASE("a source of any convertible kind is taken, and an lvalue stays as it was") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  struct Convertible {
    operator std::string() const { return "converted"; }  // NOLINT(google-explicit-constructor)
  };
  const std::string constant = "constant";
  std::string lvalue = "lvalue";
  char array[] = "array";
  const char* pointer = "pointer";
  Account account;
  const auto seen = [&] {
    if (!c::bind<&Account::phone>(row, account.phone)) return std::string("<unbound>");
    return released(account.phone, permit);
  };
  account.phone = "literal";
  CHECK(seen() == "literal");
  account.phone = constant;
  CHECK(seen() == "constant");
  account.phone = lvalue;
  CHECK((seen() == "lvalue" && lvalue == "lvalue"));
  account.phone = std::move(lvalue);
  CHECK((seen() == "lvalue" && lvalue.empty()));  // NOLINT(bugprone-use-after-move)
  account.phone = array;
  CHECK(seen() == "array");
  account.phone = pointer;
  CHECK(seen() == "pointer");
  account.phone = Convertible{};
  CHECK(seen() == "converted");
  account.phone = c::Incoming("incoming");
  CHECK(seen() == "incoming");
  account.phone = c::Public<std::string>("public");
  CHECK(seen() == "public");
  account.phone = {};
  CHECK_FALSE(account.phone.has_value());
}

TEST_CASE("an untouched field re-emits the identical envelope, and no cipher is called on the way") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person, 3);
  Account account;
  account.phone = "15400059572";
  account.id_number = "459999197310212864";
  account.tags = std::vector<std::string>{"a"};
  REQUIRE(c::bind<&Account::phone>(row, account.phone));
  REQUIRE(c::bind<&Account::id_number>(row, account.id_number));
  REQUIRE(c::bind<&Account::tags>(row, account.tags));
  const auto stored = c::at_rest::text(account.phone);
  const auto number = c::at_rest::blob(account.id_number);

  const std::size_t before = cipher_calls();
  CHECK(before > 0);  // the positive control: sealing was counted
  const Account copy = account;
  Account moved = copy;
  const Account last = std::move(moved);
  CHECK(*c::at_rest::text(last.phone) == *stored);
  Account loaded;
  const auto again = world.row<Account>("row", person, 3);
  REQUIRE(c::at_rest::from_text<&Account::phone>(again, *stored, loaded.phone));
  REQUIRE(c::at_rest::from_blob<&Account::id_number>(again, *number, loaded.id_number));
  REQUIRE(c::bind<&Account::phone>(again, loaded.phone));  // what put does with a field that was not touched
  REQUIRE(c::bind<&Account::id_number>(again, loaded.id_number));
  CHECK(*c::at_rest::text(loaded.phone) == *stored);
  CHECK(*c::at_rest::blob(loaded.id_number) == *number);
  CHECK((!loaded.phone.empty() && loaded.phone.has_value() && loaded.phone.ingested()));
  const Turned turned = Straight{};
  std::list<Account> many(50, loaded);
  many.clear();
  CHECK(cipher_calls() == before);

  loaded.phone = "15400059572";  // the same value given anew is a new envelope
  REQUIRE(c::bind<&Account::phone>(again, loaded.phone));
  CHECK(*c::at_rest::text(loaded.phone) != *stored);
  CHECK(cipher_calls() > before);
}

TEST_CASE("network to disk is one seal, disk to peer is one open, and neither allocates beyond its bytes") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  const auto warm = c::seal_for<&Account::phone>(row, "warm");
  REQUIRE(warm);
  const std::string plain(100, 'x');
  const std::size_t one = short_message_calls();
  std::size_t before = cipher_calls();
  MemoryWatch watch("never there");
  auto phone = c::seal_for<&Account::phone>(row, plain);
  CHECK(cipher_calls() - before == one);
  CHECK(watch.allocations() == 1);
  before = cipher_calls();
  auto sink = c::sink<AccountService, "nothing">([](std::string_view) {});
  const std::size_t allocated = watch.allocations();
  const bool good = phone->release(permit, sink).has_value();
  CHECK(watch.allocations() - allocated <= 3);  // the plaintext; the rest is the test's own notebook
  CHECK(good);
  CHECK(cipher_calls() - before == one);
  before = cipher_calls();
  CHECK(refusal(*phone, world.permit<AccountService>(world.person("u2"))) == code(c::Errc::wrong_subject));
  const std::size_t for_the_key = cipher_calls() - before;
  before = cipher_calls();
  CHECK(refusal(*phone, world.permit<AccountService>(world.person("u2"))) == code(c::Errc::wrong_subject));
  CHECK(cipher_calls() == before);  // a refusal deciphers nothing
  CHECK(for_the_key < 8);
}

TEST_CASE("no trial decryption: an unknown key is no call, changed bytes are one") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  auto stored = *c::at_rest::blob(*phone);
  Account account;
  stored[3] = std::byte{9};
  REQUIRE(c::at_rest::from_blob<&Account::phone>(row, stored, account.phone));
  std::size_t before = cipher_calls();
  CHECK(refusal(account.phone, permit) == code(c::Errc::unknown_key));
  CHECK(cipher_calls() == before);
  stored[3] = std::byte{1};
  stored.back() ^= std::byte{1};
  REQUIRE(c::at_rest::from_blob<&Account::phone>(row, stored, account.phone));
  before = cipher_calls();
  CHECK(refusal(account.phone, permit) == code(c::Errc::tampered));
  CHECK(cipher_calls() - before == short_message_calls());
}

TEST_CASE("redacted says the kind and nothing else") {
  Text field = "15400059572";
  CHECK(std::string_view(c::redacted(field)) == "[sealed]");
  c::Password<AccountService> password;
  CHECK(std::string_view(c::redacted(password)) == "[sealed]");
}
