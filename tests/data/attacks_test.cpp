// SPDX-License-Identifier: Apache-2.0
// What a thief, an administrator of the database or a careless caller would try.
#include "custody_catch.hpp"
#include "world.hpp"

using namespace custody_test;

namespace {

using GcmWorld = BasicWorld<Demo, c::Aes256Gcm>;

template <auto Member>
c::Bytes sealed_bytes(const c::Binding& row, std::string_view text) {
  auto made = c::seal_for<Member>(row, std::string(text));
  REQUIRE(made);
  return std::move(*c::at_rest::blob(*made));
}

/// The plaintext of an envelope at a place, "<why not>" otherwise: read, then released.
template <auto Member, class Tag>
std::string opened(const c::Binding& row, c::ByteView envelope, const c::Permit<Tag>& permit) {
  c::detail::member_type<Member> field;
  auto read = c::at_rest::from_blob<Member>(row, envelope, field);
  if (!read) return std::string("<") + c::text(read.error().code) + ">";
  return released(field, permit);
}
std::string said(c::Errc e) { return std::string("<") + c::text(e) + ">"; }

/// Flips every bit, cuts at every length, appends and glues; nothing may open.
template <auto Member, class Tag, class AnyWorld>
void attack_bytes(AnyWorld& world) {
  const auto person = world.person("u1");
  const auto permit = world.template permit<Tag>(person);
  const auto row = world.template row<Account>("row", person);
  const auto envelope = sealed_bytes<Member>(row, "15400059572");
  REQUIRE(opened<Member>(row, envelope, permit) == "15400059572");
  for (std::size_t bit = 0; bit != envelope.size() * 8; ++bit) {
    c::Bytes flipped = envelope;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    CAPTURE(bit);
    CHECK(opened<Member>(row, flipped, permit)[0] == '<');
  }
  for (std::size_t size = 0; size != envelope.size(); ++size) {
    CHECK(opened<Member>(row, c::ByteView(envelope).first(size), permit)[0] == '<');
  }
  c::Bytes longer = envelope;
  longer.push_back(std::byte{0});
  CHECK(opened<Member>(row, longer, permit) == said(c::Errc::tampered));
  longer = envelope;
  longer.insert(longer.end(), envelope.begin(), envelope.end());
  CHECK(opened<Member>(row, longer, permit) == said(c::Errc::tampered));
}

}  // namespace

TEST_CASE("no changed byte of an envelope opens") {
  World world;
  attack_bytes<&Account::phone, AccountService>(world);
  attack_bytes<&Account::id_number, RealNameVerify>(world);
}

TEST_CASE("nor under AES-256-GCM") {
  if (!c::suite_available(c::SuiteId::aes256_gcm)) return;
  GcmWorld world;
  attack_bytes<&Account::phone, AccountService>(world);
  attack_bytes<&Account::id_number, RealNameVerify>(world);
}

TEST_CASE("a header of another format, suite, revision or generation") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  const auto envelope = sealed_bytes<&Account::phone>(row, "15400059572");
  const auto with = [&](std::size_t at, unsigned value) {
    c::Bytes changed = envelope;
    changed[at] = static_cast<std::byte>(value);
    return opened<&Account::phone>(row, changed, permit);
  };
  for (unsigned format = 0; format != 256; ++format) {
    if (format == 0xC1) continue;
    CHECK(with(0, format) == said(format == 0xC2 ? c::Errc::not_bound : c::Errc::malformed));
  }
  for (unsigned suite = 3; suite != 256; ++suite) {
    if (c::detail::find_suite(static_cast<c::SuiteId>(suite)) != nullptr)
      continue;  // AEGIS-256, with a newer libsodium
    CHECK(with(1, suite) == said(c::Errc::suite_unavailable));
  }
  CHECK(with(1, 0) == said(c::Errc::suite_unavailable));
  CHECK(with(1, 2)[0] == '<');
  CHECK(with(2, 0) == said(c::Errc::unknown_revision));
  CHECK(with(2, 2) == said(c::Errc::unknown_revision));
  CHECK(with(2, 255) == said(c::Errc::unknown_revision));
  CHECK(with(3, 0) == said(c::Errc::unknown_key));
  CHECK(with(3, 2) == said(c::Errc::unknown_key));
  CHECK(with(5, 255) == said(c::Errc::unknown_key));
}

TEST_CASE("an envelope opens at its own place only") {
  World world;
  const auto alice = world.person("alice");
  const auto bob = world.person("bob");
  const auto row = world.row<Account>("row", alice);
  const auto permit = world.permit<AccountService>(alice);
  const auto envelope = sealed_bytes<&Account::phone>(row, "15400059572");
  CHECK(opened<&Account::phone>(row, envelope, permit) == "15400059572");
  CHECK(opened<&Account::phone>(world.row<Account>("row", alice), envelope, permit) == "15400059572");
  CHECK(opened<&Account::phone>(world.row<Account>("rov", alice), envelope, permit) == said(c::Errc::tampered));
  CHECK(opened<&Account::phone>(world.row<Account>("", alice), envelope, permit) == said(c::Errc::tampered));
  CHECK(opened<&Account::email>(row, envelope, permit) == said(c::Errc::tampered));
  CHECK(opened<&Contact::phone>(world.row<Contact>("row", alice), envelope, permit) == said(c::Errc::tampered));
  const auto bobs = world.permit<AccountService>(bob);
  CHECK(opened<&Account::phone>(world.row<Account>("row", bob), envelope, bobs) == said(c::Errc::tampered));
  CHECK(opened<&Account::phone>(row, envelope, bobs) == said(c::Errc::wrong_subject));
}

TEST_CASE("a row id of any bytes up to 255 is bound; a longer one is refused") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const std::string rows[] = {"",  std::string("\0", 1),       std::string("\0\0", 2), "\xFF",
                              "a", "a" + std::string("\0", 1), std::string(255, 'a')};
  for (const std::string& one : rows) {
    const auto envelope = sealed_bytes<&Account::phone>(world.row<Account>(one, person), "1");
    for (const std::string& other : rows) {
      CHECK(opened<&Account::phone>(world.row<Account>(other, person), envelope, permit) ==
            (one == other ? "1" : said(c::Errc::tampered)));
    }
  }
  CHECK(failure(world.ring().binding<Account>(std::string(256, 'a'), person)) == code(c::Errc::too_large));
}

namespace {

using Staging = c::Product<"demo-im-staging", c::Region::CN, AccountService, MessageDelivery, RealNameVerify,
                           CustomerSupport, PersonalisedPush>;

/// The account again, with a wider set of purposes, or a higher level, under the same numbers.
struct Wider : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Personal<std::string, AccountService, CustomerSupport, PersonalisedPush, MessageDelivery> phone;
  using custody_fields = c::Fields<c::record<"account", 1>, c::field<1, "phone", &Wider::phone, c::Category::phone>>;
};
struct Higher : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Classified<c::Personal<std::string, AccountService, CustomerSupport, PersonalisedPush>, c::Level::grade4> phone;
  using custody_fields = c::Fields<c::record<"account", 1>, c::field<1, "phone", &Higher::phone, c::Category::phone>>;
};
struct Lower : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Personal<std::string, RealNameVerify> id_number;
  using custody_fields =
      c::Fields<c::record<"account", 1>, c::field<3, "id_number", &Lower::id_number, c::Category::phone>>;
};
struct Touchy : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Sensitive<c::Classified<std::string, c::Level::grade4>, RealNameVerify> id_number;
  using custody_fields =
      c::Fields<c::record<"account", 1>, c::field<3, "id_number", &Touchy::id_number, c::Category::id_number>>;
};

}  // namespace

TEST_CASE("an envelope does not open under another declaration with the same numbers") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  const auto phone = sealed_bytes<&Account::phone>(row, "15400059572");
  const auto number = sealed_bytes<&Account::id_number>(row, "459999197310212864");
  const auto permit = world.permit<AccountService>(person);
  const auto verify = world.permit<RealNameVerify>(person);
  CHECK(opened<&Wider::phone>(world.row<Wider>("row", person), phone, permit) == said(c::Errc::tampered));
  CHECK(opened<&Wider::phone>(world.row<Wider>("row", person), phone, world.permit<MessageDelivery>(person)) ==
        said(c::Errc::tampered));
  CHECK(opened<&Higher::phone>(world.row<Higher>("row", person), phone, permit) == said(c::Errc::tampered));
  CHECK(opened<&Lower::id_number>(world.row<Lower>("row", person), number, verify) == said(c::Errc::tampered));
  CHECK(opened<&Touchy::id_number>(world.row<Touchy>("row", person), number, verify) == said(c::Errc::tampered));
  CHECK(opened<&Account::id_number>(row, number, verify) == "459999197310212864");
}

TEST_CASE("products do not read each other, not even with one root and one key store") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  const auto envelope = sealed_bytes<&Account::phone>(row, "15400059572");
  auto staging = c::KeyRing<Staging>::open(*world.keys, root_of('r'), world.witness, world.authority, world.clock);
  REQUIRE(staging);
  CHECK(failure(staging->find("u1")) == code(c::Errc::not_found));
  auto same = staging->find(person.handle());
  REQUIRE(same);
  CHECK(failure(staging->binding<Account>("row", *same)) == code(c::Errc::tampered));

  World other('o');
  const auto stranger = other.person("u1");
  const auto theirs = other.permit<AccountService>(stranger);
  Account account;
  REQUIRE(c::at_rest::from_blob<&Account::phone>(row, envelope, account.phone));
  CHECK(refusal(account.phone, theirs) == code(c::Errc::wrong_ring));
  CHECK(opened<&Account::phone>(other.row<Account>("row", stranger), envelope, theirs) == said(c::Errc::tampered));
  CHECK(failure(other.ring().permit<AccountService>(person, {&service, "x"}, other.clock.now() + c::minutes(1))) ==
        code(c::Errc::unknown_key));
}

TEST_CASE("a transient value is neither stored nor released, nor read back as a stored one") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  Account account;
  CHECK(failure(c::at_rest::blob(account.phone)) == code(c::Errc::unset));
  account.phone = "15400059572";
  CHECK(failure(c::at_rest::blob(account.phone)) == code(c::Errc::not_bound));
  CHECK(failure(c::at_rest::text(account.phone)) == code(c::Errc::not_bound));
  CHECK(refusal(account.phone, permit) == code(c::Errc::not_bound));
  const auto& cell = c::detail::CellOffice::cell(account.phone);
  CHECK(opened<&Account::phone>(world.row<Account>("row", person), cell.envelope(), permit) ==
        said(c::Errc::not_bound));
  c::Bytes dressed(cell.envelope().begin(), cell.envelope().end());
  dressed[0] = std::byte{0xC1};
  dressed[2] = std::byte{1};
  CHECK(opened<&Account::phone>(world.row<Account>("row", person), dressed, permit)[0] == '<');
  auto derived = c::map(permit, account.phone, [](const std::string& t) noexcept { return t; });
  CHECK(failure(derived) == code(c::Errc::not_bound));
}

TEST_CASE("a field bound elsewhere is foreign, and moves only by rebind, under a permit") {
  World world;
  const auto alice = world.person("alice");
  const auto bob = world.person("bob");
  const auto permit = world.permit<AccountService>(alice);
  const auto row = world.row<Account>("row", alice);
  const auto next = world.row<Account>("next", alice);
  Account account;
  account.phone = "15400059572";
  REQUIRE(c::bind<&Account::phone>(row, account.phone));
  CHECK(failure(c::bind<&Account::phone>(next, account.phone)) == code(c::Errc::foreign_envelope));
  CHECK(failure(c::bind<&Account::phone>(world.row<Account>("row", bob), account.phone)) ==
        code(c::Errc::foreign_envelope));
  Account other;
  other.email = account.phone;
  CHECK(failure(c::bind<&Account::email>(row, other.email)) == code(c::Errc::foreign_envelope));
  CHECK(failure(c::rebind<&Account::phone>(world.permit<AccountService>(bob), next, account.phone)) ==
        code(c::Errc::wrong_subject));
  REQUIRE(c::rebind<&Account::phone>(permit, next, account.phone));
  CHECK(world.witness.last().verb == c::Verb::rebind);
  CHECK(released(account.phone, permit) == "15400059572");
  CHECK(failure(c::bind<&Account::phone>(c::Binding{}, account.phone)) == code(c::Errc::not_bound));
  CHECK(failure(c::rebind<&Account::phone>(permit, c::Binding{}, account.phone)) == code(c::Errc::not_bound));
  World elsewhere('e');
  const auto stranger = elsewhere.person("alice");
  CHECK(failure(c::bind<&Account::phone>(elsewhere.row<Account>("next", stranger), account.phone)) ==
        code(c::Errc::foreign_envelope));
}

TEST_CASE("derived data stays with its owners") {
  World world;
  const auto alice = world.person("alice");
  const auto bob = world.person("bob");
  const auto a = world.permit<AccountService>(alice);
  const auto b = world.permit<AccountService>(bob);
  auto one = c::seal_for<&Account::phone>(world.row<Account>("a", alice), "A");
  auto two = c::seal_for<&Account::phone>(world.row<Account>("b", bob), "B");
  REQUIRE((one && two));
  auto mapped = c::map(a, *one, [](const std::string& t) noexcept { return t + t; });
  REQUIRE(mapped);
  CHECK(released(*mapped, a) == "AA");
  CHECK(refusal(*mapped, b) == code(c::Errc::wrong_subject));
  CHECK(failure(c::at_rest::blob(*mapped)) == code(c::Errc::not_bound));
  Account account;
  account.phone = *mapped;
  CHECK(failure(c::bind<&Account::phone>(world.row<Account>("b", bob), account.phone)) ==
        code(c::Errc::foreign_envelope));
  CHECK(c::bind<&Account::phone>(world.row<Account>("c", alice), account.phone));
  auto both = c::join(a, *one, b, *two, [](const std::string& x, const std::string& y) noexcept { return x + y; });
  REQUIRE(both);
  CHECK(released(*both, a) == "AB");
  CHECK(released(*both, b) == "AB");
  account.email = *both;
  CHECK(failure(c::bind<&Account::email>(world.row<Account>("a", alice), account.email)) ==
        code(c::Errc::foreign_envelope));
  CHECK(failure(c::join(a, *one, a, *two, [](const std::string& x, const std::string&) noexcept { return x; })) ==
        code(c::Errc::wrong_subject));
}

TEST_CASE("a permit ends with withdrawal, expiry, a policy change and its ring") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  REQUIRE(phone);

  auto withdrawn = world.permit<AccountService>(person);
  REQUIRE(world.ring().withdraw(person));
  CHECK(refusal(*phone, withdrawn) == code(c::Errc::permit_withdrawn));
  CHECK(world.witness.last().reason == c::Errc::permit_withdrawn);
  CHECK_FALSE(world.witness.last().granted);
  CHECK(refusal(*phone, world.permit<AccountService>(person)) == fine);

  auto timed = world.permit<AccountService>(person);
  world.clock.advance(c::minutes(5));
  CHECK(refusal(*phone, timed) == code(c::Errc::permit_expired));

  auto outdated = world.permit<AccountService>(person);
  world.ring().policy_changed();
  CHECK(refusal(*phone, outdated) == code(c::Errc::permit_outdated));

  auto kept = world.permit<AccountService>(person);
  auto moved = std::move(kept);
  CHECK_FALSE(kept.has_value());  // NOLINT(bugprone-use-after-move)
  CHECK(refusal(*phone, kept) == code(c::Errc::moved_from));
  CHECK(refusal(*phone, moved) == fine);

  world.close();
  CHECK(refusal(*phone, moved) == code(c::Errc::ring_closed));
  CHECK(refusal(*phone, kept) == code(c::Errc::moved_from));
  Account late;
  late.phone = "x";
  CHECK(failure(c::bind<&Account::phone>(row, late.phone)) == code(c::Errc::ring_closed));
  CHECK(failure(c::seal_for<&Account::phone>(row, "x")) == code(c::Errc::ring_closed));
}

TEST_CASE("a clock set back revives nothing") {
  World world;
  const auto person = world.person("u1");
  auto phone = c::seal_for<&Account::phone>(world.row<Account>("row", person), "15400059572");
  auto permit = world.permit<AccountService>(person);
  world.clock.advance(c::minutes(10));
  CHECK(refusal(*phone, permit) == code(c::Errc::permit_expired));
  world.clock.advance(c::minutes(-9));
  CHECK(refusal(*phone, permit) == code(c::Errc::clock_set_back));
  CHECK(failure(world.ring().permit<AccountService>(person, {&service, "x"}, world.clock.now() + c::hours(1))) ==
        code(c::Errc::clock_set_back));
}

TEST_CASE("no evidence, no plaintext: the sink is not called") {
  World world;
  const auto person = world.person("u1");
  auto phone = c::seal_for<&Account::phone>(world.row<Account>("row", person), "15400059572");
  const auto permit = world.permit<AccountService>(person);
  bool called = false;
  auto sink = c::sink<AccountService, "once">([&](std::string_view) { called = true; });
  world.witness.failing = true;
  CHECK(failure(phone->release(permit, sink)) == code(c::Errc::evidence_unwritable));
  CHECK_FALSE(called);
  CHECK(failure(c::map(permit, *phone, [](const std::string& t) noexcept { return t; })) ==
        code(c::Errc::evidence_unwritable));
  CHECK(failure(world.ring().permit<AccountService>(person, {&service, "x"}, world.clock.now() + c::hours(1))) ==
        code(c::Errc::evidence_unwritable));
  CHECK(failure(world.ring().erase(person)) == code(c::Errc::evidence_unwritable));
  world.witness.failing = false;
  CHECK(phone->release(permit, sink));
  CHECK(called);
}

TEST_CASE("roles, clearances and places that are too low") {
  World world;
  const auto person = world.person("u1");
  auto number = c::seal_for<&Account::id_number>(world.row<Account>("row", person), "459999197310212864");
  static constexpr const c::Role& clerk = c::role<"clerk", c::RoleKind::staff, c::Level::grade3, RealNameVerify>;
  CHECK(refusal(*number, world.permit<RealNameVerify>(person, clerk)) == code(c::Errc::clearance_too_low));
  CHECK(failure(world.ring().permit<AccountService>(person, {&clerk, "x"}, world.clock.now() + c::hours(1))) ==
        code(c::Errc::role_lacks_purpose));
  CHECK(failure(world.ring().permit<AccountService>(person, {nullptr, "x"}, world.clock.now() + c::hours(1))) ==
        code(c::Errc::role_lacks_purpose));
  CHECK(failure(world.ring().permit<AccountService>(c::Subject{}, {&service, "x"}, world.clock.now() + c::hours(1))) ==
        code(c::Errc::not_found));
  CHECK(failure(world.ring().permit<AccountService>(person, {&service, "x"}, world.clock.now())) ==
        code(c::Errc::permit_expired));
  world.authority.refuses = code(c::Errc::no_consent);
  CHECK(failure(world.ring().permit<PersonalisedPush>(person, {&service, "x"}, world.clock.now() + c::hours(1))) ==
        code(c::Errc::no_consent));
}

TEST_CASE("staff never read messages, whatever their clearance") {
  World world;
  const auto a = world.person("a");
  const auto b = world.person("b");
  const c::Subject both[] = {a, b};
  auto talk = world.ring().converse(both);
  REQUIRE(talk);
  auto members = world.ring().members(*talk);
  auto row = world.ring().binding<Message>("m1", *talk, *members);
  auto body = c::seal_for<&Message::body>(*row, "hello");
  REQUIRE(body);
  static constexpr const c::Role& boss = c::role<"boss", c::RoleKind::staff, c::Level::core, MessageDelivery>;
  CHECK(refusal(*body, world.permit<MessageDelivery>(a, boss)) == code(c::Errc::role_lacks_purpose));
  CHECK(refusal(*body, world.permit<MessageDelivery>(a)) == fine);
}

TEST_CASE("an erased person's data is gone, in objects, in copies and in the store") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  const auto copy = *phone;
  const auto stored = c::at_rest::blob(*phone);
  auto permit = world.permit<AccountService>(person);
  Account transient;
  transient.phone = "154";
  int inside = fine;
  REQUIRE(phone->release(permit, c::sink<AccountService, "eraser">(
                                     [&](std::string_view) { inside = failure(world.ring().erase(person)); })));
  CHECK(inside == code(c::Errc::inside_release));
  CHECK(refusal(*phone, permit) == fine);

  REQUIRE(world.ring().erase(person));
  CHECK(refusal(*phone, permit) == code(c::Errc::destroyed));
  CHECK(refusal(copy, permit) == code(c::Errc::destroyed));
  CHECK(opened<&Account::phone>(row, *stored, permit) == said(c::Errc::destroyed));
  CHECK(failure(c::bind<&Account::phone>(row, transient.phone)) == code(c::Errc::destroyed));
  CHECK(failure(c::seal_for<&Account::phone>(row, "x")) == code(c::Errc::destroyed));
  CHECK(failure(world.ring().binding<Account>("row", person)) == code(c::Errc::destroyed));
  CHECK(failure(world.ring().permit<AccountService>(person, {&service, "x"}, world.clock.now() + c::hours(1))) ==
        code(c::Errc::destroyed));
  CHECK(failure(world.ring().find("u1")) == code(c::Errc::not_found));
  CHECK(failure(world.ring().find(person.handle())) == code(c::Errc::destroyed));
  CHECK(world.ring().erase(person));  // again changes nothing
  const auto anew = world.person("u1");
  CHECK_FALSE(anew == person);
  CHECK(opened<&Account::phone>(world.row<Account>("row", anew), *stored, world.permit<AccountService>(anew)) ==
        said(c::Errc::tampered));
  world.close();
  world.reopen();
  CHECK(failure(world.ring().find(person.handle())) == code(c::Errc::destroyed));
}

TEST_CASE("a replayed older version of a grade4 cell is refused") {
  World world;
  const auto person = world.person("u1");
  const auto verify = world.permit<RealNameVerify>(person);
  const auto old = sealed_bytes<&Account::id_number>(world.row<Account>("row", person, 1), "1");
  const auto row = world.row<Account>("row", person, 2);
  CHECK(opened<&Account::id_number>(row, old, verify) == said(c::Errc::tampered));
  // of a lower grade it is documented as accepted
  const auto phone = sealed_bytes<&Account::phone>(world.row<Account>("row", person, 1), "1");
  CHECK(opened<&Account::phone>(row, phone, world.permit<AccountService>(person)) == "1");
}

TEST_CASE("a text envelope has one spelling") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  const auto text = c::at_rest::text(*phone);
  REQUIRE(text);
  CHECK(text->size() == c::sealed_text_size(11));
  Account account;
  REQUIRE(c::at_rest::from_text<&Account::phone>(row, *text, account.phone));
  const std::string wrong[] = {"",
                               "~c1.",
                               "~c1",
                               text->substr(4),
                               "~C1." + text->substr(4),
                               "~c2." + text->substr(4),
                               *text + "=",
                               *text + "\n",
                               " " + *text,
                               *text + "A",
                               "15400059572"};
  for (const std::string& bad : wrong) {
    CAPTURE(bad);
    CHECK_FALSE(c::at_rest::from_text<&Account::phone>(row, bad, account.phone));
  }
  std::string alphabet = *text;
  alphabet[10] = '+';
  CHECK(failure(c::at_rest::from_text<&Account::phone>(row, alphabet, account.phone)) == code(c::Errc::malformed));
}

TEST_CASE("a text that looks like an envelope stays a text") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<Account>("row", person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  const auto text = c::at_rest::text(*phone);
  auto twice = c::seal_for<&Account::phone>(row, *text);
  REQUIRE(twice);
  CHECK(released(*twice, permit) == *text);
}

TEST_CASE("two friends: one leaves, the other keeps; both gone, nothing is left") {
  World world;
  const auto a = world.person("a");
  const auto b = world.person("b");
  const c::Subject both[] = {a, b};
  auto talk = world.ring().converse(both);
  REQUIRE(talk);
  auto members = world.ring().members(*talk);
  REQUIRE(members);
  const auto row = std::move(*world.ring().binding<Message>("m1", *talk, *members));
  const auto stored = sealed_bytes<&Message::body>(row, "hello");
  auto of_a = world.permit<MessageDelivery>(a);
  auto of_b = world.permit<MessageDelivery>(b);
  CHECK(opened<&Message::body>(row, stored, of_a) == "hello");
  CHECK(opened<&Message::body>(row, stored, of_b) == "hello");
  const auto c3 = world.person("c");
  CHECK(opened<&Message::body>(row, stored, world.permit<MessageDelivery>(c3)) == said(c::Errc::wrong_subject));
  // owners in any other set are another place
  const c::Handle three[] = {a.handle(), b.handle(), c3.handle()};
  CHECK(opened<&Message::body>(*world.ring().binding<Message>("m1", *talk, three), stored, of_a) ==
        said(c::Errc::tampered));

  const c::Subject only[] = {a};
  REQUIRE(world.ring().regroup(*talk, only));
  const auto again = std::move(*world.ring().binding<Message>("m1", *talk, *members));
  CHECK(opened<&Message::body>(again, stored, of_a) == "hello");
  CHECK(opened<&Message::body>(again, stored, of_b)[0] == '<');
  CHECK(opened<&Message::body>(again, stored, world.permit<MessageDelivery>(b)) == said(c::Errc::destroyed));
  CHECK(opened<&Message::body>(row, stored, world.permit<MessageDelivery>(b)) == said(c::Errc::destroyed));
  // the next message is under a new generation, for those who stayed
  auto now = world.ring().members(*talk);
  REQUIRE(now);
  CHECK(now->size() == 1);
  const auto next_row = std::move(*world.ring().binding<Message>("m2", *talk, *now));
  const auto next = sealed_bytes<&Message::body>(next_row, "later");
  CHECK(next[3] != stored[3]);
  CHECK(opened<&Message::body>(next_row, next, of_a) == "later");

  REQUIRE(world.ring().erase(a));
  CHECK(opened<&Message::body>(again, stored, of_a) == said(c::Errc::destroyed));
  CHECK(opened<&Message::body>(again, stored, world.permit<MessageDelivery>(b)) == said(c::Errc::destroyed));
  REQUIRE(world.ring().erase(b));
  const auto gone = world.ring().binding<Message>("m1", *talk, *members);
  CHECK(failure(gone) == code(c::Errc::destroyed));
}

TEST_CASE("one friend is erased: the other keeps the messages") {
  World world;
  const auto a = world.person("a");
  const auto b = world.person("b");
  const c::Subject both[] = {a, b};
  auto talk = world.ring().converse(both);
  auto members = world.ring().members(*talk);
  const auto row = std::move(*world.ring().binding<Message>("m1", *talk, *members));
  const auto stored = sealed_bytes<&Message::body>(row, "hello");
  REQUIRE(world.ring().erase(a));
  auto of_b = world.permit<MessageDelivery>(b);
  CHECK(opened<&Message::body>(row, stored, of_b) == "hello");
  CHECK(opened<&Message::body>(*world.ring().binding<Message>("m1", *talk, *members), stored, of_b) == "hello");
  world.close();
  world.reopen();
  const auto back = world.person("b");
  CHECK(opened<&Message::body>(*world.ring().binding<Message>("m1", *talk, *members), stored,
                               world.permit<MessageDelivery>(back)) == "hello");
}

TEST_CASE("a subject's stored key that was tampered with, or is of another root, opens nothing") {
  World world;
  const auto person = world.person("u1");
  const auto handle = person.handle();
  world.close();
  world.reopen('x');
  CHECK(failure(world.ring().find("u1")) == code(c::Errc::not_found));  // the index key differs
  const auto known = world.ring().find(handle);
  REQUIRE(known);
  CHECK(failure(world.ring().binding<Account>("row", *known)) == code(c::Errc::tampered));
}

namespace {

/// A key store that can be told to fail: at destroying keys, or at reading epochs.
class Failing final : public c::KeyStore {
 public:
  static constexpr c::Protection custody_protection{c::Level::core, "failing"};
  c::MemoryKeyStore inner;
  bool failing = false;
  bool epochs_unreadable = false;
  c::Result<void> put_key(const c::WrappedKey& k) override { return inner.put_key(k); }
  c::Result<c::WrappedKey> get_key(c::Handle a, c::Handle b, std::uint32_t g) override {
    return inner.get_key(a, b, g);
  }
  c::Result<std::uint32_t> newest_generation(c::Handle a) override { return inner.newest_generation(a); }
  c::Result<std::vector<c::Handle>> holders(c::Handle a, std::uint32_t g) override { return inner.holders(a, g); }
  c::Result<void> drop_wrap(c::Handle a, c::Handle b) override { return inner.drop_wrap(a, b); }
  c::Result<std::vector<c::WrappedKey>> keys_held(c::Handle a, c::Handle b, std::uint32_t g, std::uint64_t n) override {
    return inner.keys_held(a, b, g, n);
  }
  c::Result<std::uint64_t> held_count(c::Handle a) override { return inner.held_count(a); }
  c::Result<bool> replace_key(const c::WrappedKey& k, c::ByteView before) override {
    return inner.replace_key(k, before);
  }
  c::Result<void> drop_key(c::Handle a, std::uint32_t g) override { return inner.drop_key(a, g); }
  c::Result<void> destroy(c::Handle a, c::Instant t) override {
    if (failing) return c::Errc::disk_full;
    return inner.destroy(a, t);
  }
  c::Result<bool> destroyed(c::Handle a) override { return inner.destroyed(a); }
  c::Result<void> tombstones(std::vector<c::Handle>& out) override { return inner.tombstones(out); }
  c::Result<void> put_index(const c::IndexRow& r) override { return inner.put_index(r); }
  c::Result<std::vector<c::IndexRow>> find_index(std::uint32_t s, const c::IndexValue& v) override {
    return inner.find_index(s, v);
  }
  c::Result<std::vector<c::IndexRow>> index_rows_of(c::Handle a) override { return inner.index_rows_of(a); }
  c::Result<void> drop_index(std::uint32_t s, const c::IndexValue& v, const std::array<std::byte, 16>& r) override {
    return inner.drop_index(s, v, r);
  }
  c::Result<void> put_fact(std::string_view n, c::ByteView v) override { return inner.put_fact(n, v); }
  c::Result<c::Bytes> get_fact(std::string_view n) override { return inner.get_fact(n); }
  c::Result<std::uint64_t> reserve(c::Handle a, std::uint32_t g, std::uint64_t n, std::uint64_t l) override {
    return inner.reserve(a, g, n, l);
  }
  c::Result<std::uint64_t> raise_epoch(c::Handle a) override { return inner.raise_epoch(a); }
  c::Result<std::uint64_t> epoch(c::Handle a) override {
    if (epochs_unreadable) return c::Errc::storage_failed;
    return inner.epoch(a);
  }
  std::uint64_t change_count() noexcept override { return 0; }
  c::Result<void> begin() override { return {}; }
  c::Result<void> commit() override { return {}; }
  void rollback() noexcept override {}
  c::Result<void> flush() override { return {}; }
};

}  // namespace

TEST_CASE("an erasure whose store fails does not bring anybody back to life") {
  Failing keys;
  World world;
  auto ring = c::KeyRing<Demo>::open(keys, root_of('r'), world.witness, world.authority, world.clock);
  REQUIRE(ring);
  auto person = ring->enrol("u1");
  auto row = ring->binding<Account>("row", *person);
  auto phone = c::seal_for<&Account::phone>(*row, "15400059572");
  auto permit = ring->permit<AccountService>(*person, {&service, "x"}, world.clock.now() + c::hours(1));
  REQUIRE((phone && permit));
  keys.failing = true;
  CHECK(failure(ring->erase(*person)) == code(c::Errc::disk_full));
  CHECK(refusal(*phone, *permit) == fine);  // nothing was destroyed, and the answer said so
  keys.failing = false;
  REQUIRE(ring->erase(*person));
  keys.failing = true;
  CHECK_FALSE(ring->erase(*person));
  CHECK(refusal(*phone, *permit) == code(c::Errc::destroyed));
  CHECK(failure(ring->permit<AccountService>(*person, {&service, "x"}, world.clock.now() + c::hours(1))) ==
        code(c::Errc::destroyed));
}

TEST_CASE("an owner who cannot be read just now does not count as gone") {
  Failing keys;
  World world;
  auto first = c::KeyRing<Demo>::open(keys, root_of('r'), world.witness, world.authority, world.clock);
  REQUIRE(first);
  const c::Subject both[] = {*first->enrol("u1"), *first->enrol("u2")};
  const auto talk = first->converse(both);
  REQUIRE(talk);
  auto ring =
      c::KeyRing<Demo>::open(keys, root_of('r'), world.witness, world.authority, world.clock);  // knows nobody yet
  REQUIRE(ring);
  const auto members = ring->members(*talk);
  REQUIRE(members);
  keys.epochs_unreadable = true;
  CHECK(failure(ring->binding<Message>("m1", *talk, *members)) == code(c::Errc::storage_failed));
  CHECK(failure(ring->regroup(*talk, std::span<const c::Subject>(both, 1))) == code(c::Errc::storage_failed));
  CHECK(ring->members(*talk)->size() == 2);  // nobody was dropped
  keys.epochs_unreadable = false;
  CHECK(ring->binding<Message>("m1", *talk, *members));
}
