// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"
#include "world.hpp"

#include <custody/declassify/declassify.hpp>

using namespace custody_test;

struct ForTaxAudit final : c::Reason<"tax-audit-2026"> {};
struct ForAnExport final : c::Reason<"export"> {};
struct NotFinal : c::Reason<"not final"> {};
struct Stateful final : c::Reason<"stateful"> {
  int state = 0;
};
struct NoReason final {};

static_assert(c::detail::is_reason<ForTaxAudit>);
static_assert(!c::detail::is_reason<NotFinal> && !c::detail::is_reason<Stateful> && !c::detail::is_reason<NoReason> &&
              !c::detail::is_reason<const ForTaxAudit> && !c::detail::is_reason<int> && !c::detail::is_reason<void>);

template <class Why, class Tag, class Field>
constexpr bool compiles =
    requires(const c::Permit<Tag>& permit, const Field& field) { c::declassify<Why>(permit, field); };
using Phone = decltype(Account::phone);
static_assert(compiles<ForTaxAudit, AccountService, Phone>);
static_assert(!compiles<NotFinal, AccountService, Phone> && !compiles<NoReason, AccountService, Phone> &&
              !compiles<ForTaxAudit, MessageDelivery, Phone> && !compiles<ForTaxAudit, AccountService, std::string> &&
              !compiles<ForTaxAudit, AccountService, decltype(Account::password)>);

TEST_CASE("plaintext leaves with a reason, recorded, counted and listed") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  auto tags = c::seal_for<&Account::tags>(row, std::vector<std::string>{"a", "bc"});
  REQUIRE((phone && tags));
  const auto before = c::declassified();
  const auto out = c::declassify<ForTaxAudit>(permit, *phone);
  REQUIRE(out);
  CHECK(*out == "15400059572");
  const auto line = world.witness.last();
  CHECK(line.verb == c::Verb::declassify);
  CHECK(line.granted);
  CHECK(line.place == "tax-audit-2026");
  CHECK(line.purpose == "account.service");
  CHECK(line.field == "phone");
  CHECK(*c::declassify<ForAnExport>(permit, *tags) == std::vector<std::string>{"a", "bc"});
  CHECK(c::declassified() == before + 2);
  CHECK(c::declassified<ForTaxAudit>() == 1);

  int listed = 0;
  for (const auto* outlet = c::detail::outlets(); outlet != nullptr; outlet = outlet->next) {
    if (std::string_view(outlet->kind) != "declassify") continue;
    if (std::string_view(outlet->name) == "tax-audit-2026") ++listed;
    CHECK(std::string_view(outlet->purpose) == "account.service");
  }
  CHECK(listed == 1);
}

TEST_CASE("a refusal gives nothing and counts nothing") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  auto phone = c::seal_for<&Account::phone>(world.row<Account>("row", person), "15400059572");
  REQUIRE(phone);
  const auto before = c::declassified();
  CHECK(failure(c::declassify<ForTaxAudit>(world.permit<AccountService>(world.person("u2")), *phone)) ==
        code(c::Errc::wrong_subject));
  CHECK_FALSE(world.witness.last().granted);
  world.witness.failing = true;
  CHECK(failure(c::declassify<ForTaxAudit>(permit, *phone)) == code(c::Errc::evidence_unwritable));
  world.witness.failing = false;
  Phone unbound = "x";
  CHECK(failure(c::declassify<ForTaxAudit>(permit, unbound)) == code(c::Errc::not_bound));
  CHECK(c::declassified() == before);
}
