// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"
#include "world.hpp"

#include <type_traits>

using namespace custody_test;

using Secret = c::Password<AccountService>;
static_assert(std::is_nothrow_default_constructible_v<Secret> && std::is_nothrow_move_constructible_v<Secret> &&
              std::is_nothrow_move_assignable_v<Secret> && std::is_copy_constructible_v<Secret>);
static_assert(std::is_convertible_v<const char*, Secret> && std::is_convertible_v<std::string, Secret>);
static_assert(!std::is_constructible_v<Secret, int> && !std::is_constructible_v<Secret, std::nullptr_t>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, bool>);
// a verifier is no readable value: no other guarded type takes it, no region reads it
using Look = c::Classified<c::Personal<std::string, AccountService>, c::Level::grade4>;
static_assert(std::is_same_v<Look::custody_declared::policy, Secret::custody_declared::policy>);
static_assert(!std::is_constructible_v<Look, Secret> && !std::is_constructible_v<Secret, Look>);

template <class Type>
constexpr bool can_match = requires(const Type& p, const c::Permit<AccountService>& permit) { p.matches(permit, "x"); };
template <class Type>
constexpr bool can_match_for_push =
    requires(const Type& p, const c::Permit<PersonalisedPush>& permit) { p.matches(permit, "x"); };
template <class Type>
constexpr bool can_map = requires(const Type& p, const c::Permit<AccountService>& permit) {
  c::map(permit, p, [](const std::string& text) noexcept { return text; });
};
static_assert(can_match<Secret> && !can_match_for_push<Secret> && !can_map<Secret> && can_map<Look>);
template <class Type>
constexpr bool can_compare = requires(const Type& a) { a == a; };
static_assert(!can_compare<Secret>);
static_assert(c::detail::shape_of<Account>::field_of<&Account::password>()->verifier_only);

TEST_CASE("a password keeps a verifier and answers candidates") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  Account account;
  CHECK(account.password.empty());
  CHECK_FALSE(account.password.has_value());
  account.password = "correct horse";
  CHECK_FALSE(account.password.empty());
  CHECK(failure(account.password.matches(permit, "correct horse")) == code(c::Errc::not_bound));
  const auto row = world.row<Account>("row", person);
  REQUIRE(c::bind<&Account::password>(row, account.password));
  CHECK(*account.password.matches(permit, "correct horse"));
  CHECK_FALSE(*account.password.matches(permit, "correct horsf"));
  CHECK_FALSE(*account.password.matches(permit, ""));
  CHECK(world.witness.last().place == "password.matches");
  CHECK(world.witness.last().field == "password");

  const auto stored = c::at_rest::blob(account.password);
  REQUIRE(stored);
  Account loaded;
  REQUIRE(c::at_rest::from_blob<&Account::password>(row, *stored, loaded.password));
  CHECK(*loaded.password.matches(permit, "correct horse"));
  const Secret copy = loaded.password;
  CHECK(*copy.matches(permit, "correct horse"));
  loaded.password.reset();
  CHECK(failure(loaded.password.matches(permit, "x")) == code(c::Errc::unset));
}

TEST_CASE("a password made for its place is a verifier as well") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  std::string source = "long enough to be on the heap: hunter2";
  auto made = c::seal_for<&Account::password>(row, std::move(source));
  REQUIRE(made);
  CHECK(source.empty());
  // argon2id verifiers have about 97 characters, whatever the password
  CHECK(c::at_rest::blob(*made)->size() > c::sealed_size(90));
  CHECK(*made->matches(world.permit<AccountService>(person), "long enough to be on the heap: hunter2"));
}

TEST_CASE("refused as every release is") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  auto made = c::seal_for<&Account::password>(world.row<Account>("row", person), "hunter2");
  REQUIRE(made);
  CHECK(failure(made->matches(world.permit<AccountService>(world.person("u2")), "hunter2")) ==
        code(c::Errc::wrong_subject));
  world.witness.failing = true;
  CHECK(failure(made->matches(permit, "hunter2")) == code(c::Errc::evidence_unwritable));
  world.witness.failing = false;
  REQUIRE(world.ring().withdraw(person));
  CHECK(failure(made->matches(permit, "hunter2")) == code(c::Errc::permit_withdrawn));
}

TEST_CASE("an empty password is a value that matches nothing") {
  World world;
  const auto person = world.person("u1");
  auto made = c::seal_for<&Account::password>(world.row<Account>("row", person), "");
  REQUIRE(made);
  CHECK(made->empty());
  CHECK(made->has_value());
  CHECK_FALSE(*made->matches(world.permit<AccountService>(person), ""));
}

TEST_CASE("two accounts with one password have different verifiers; odd bytes are taken as they are") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  const std::string odd("a\0b\xFF", 4);
  auto one = c::seal_for<&Account::password>(row, odd);
  REQUIRE(one);
  CHECK(*one->matches(permit, odd));
  CHECK_FALSE(*one->matches(permit, std::string_view(odd).substr(0, 1)));
  Secret huge = std::string(c::largest_value + 1, 'x');
  CHECK(failure(huge.ingested()) == code(c::Errc::too_large));
}

TEST_CASE("the cost is part of the type") {
  constexpr c::PassphraseCost slower{3, c::PassphraseCost::interactive().memory};
  using Slow = c::PasswordOf<slower, AccountService>;
  static_assert(!std::is_constructible_v<Slow, Secret>);
  Slow slow = "x";
  CHECK(slow.has_value());
}
