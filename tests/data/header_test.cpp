// SPDX-License-Identifier: Apache-2.0
// Headers that say something else than what was sealed: another format, suite, revision, generation, sizes that agree.
#include "custody_catch.hpp"
#include "world.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

using namespace custody_test;

namespace {

using GcmWorld = BasicWorld<Demo, c::Aes256Gcm>;

/// What becomes of an envelope at a place: -1 opened, or the error of reading it or of the release.
template <auto Member, class Tag>
int fate(const c::Binding& row, c::ByteView envelope, const c::Permit<Tag>& permit) {
  c::detail::member_type<Member> field;
  if (auto read = c::at_rest::from_blob<Member>(row, envelope, field); !read) return failure(read);
  return refusal(field, permit);
}

template <class AnyWorld, auto Member, class Tag>
void attack_header(const char* text) {
  AnyWorld world;
  const auto person = world.person("u1");
  const auto row = world.template row<Account>("row", person, 1);
  const auto permit = world.template permit<Tag>(person);
  auto made = c::seal_for<Member>(row, text);
  REQUIRE(made);
  const c::Bytes good = *c::at_rest::blob(*made);
  REQUIRE(fate<Member>(row, good, permit) == fine);
  const auto with = [&](std::size_t at, unsigned value) {
    c::Bytes changed = good;
    changed[at] = static_cast<std::byte>(value);
    return fate<Member>(row, changed, permit);
  };
  for (unsigned value = 0; value != 256; ++value) {
    CAPTURE(value);
    if (value != 0xC1) CHECK(with(0, value) == code(value == 0xC2 ? c::Errc::not_bound : c::Errc::malformed));
    const auto suite = static_cast<c::SuiteId>(value);
    if (static_cast<std::byte>(value) != good[1]) {
      const int seen = with(1, value);
      if (c::detail::find_suite(suite) == nullptr) CHECK(seen == code(c::Errc::suite_unavailable));
      CHECK((seen == code(c::Errc::suite_unavailable) || seen == code(c::Errc::tampered) ||
             seen == code(c::Errc::truncated)));
    }
    if (value != 1) CHECK(with(2, value) == code(c::Errc::unknown_revision));
    if (value != 1) CHECK(with(3, value) == code(c::Errc::unknown_key));
    if (value != 0) CHECK(with(4, value) == code(c::Errc::unknown_key));
    if (value != 0) CHECK(with(5, value) == code(c::Errc::unknown_key));
  }
}

}  // namespace

TEST_CASE("each value of each header byte", "[header]") {
  attack_header<World, &Account::phone, AccountService>("15400059572");
  attack_header<World, &Account::id_number, RealNameVerify>("459999197310212864");
  if (!c::Aes256Gcm::available()) return;
  attack_header<GcmWorld, &Account::phone, AccountService>("15400059572");
  attack_header<GcmWorld, &Account::id_number, RealNameVerify>("459999197310212864");
}

TEMPLATE_TEST_CASE("a suite named in place of another, with the sizes made to agree", "[header]", World, GcmWorld) {
  if (!c::Aes256Gcm::available()) return;
  TestType world;
  const auto person = world.person("u1");
  const auto row = world.template row<Account>("row", person);
  const auto permit = world.template permit<AccountService>(person);
  auto made = c::seal_for<&Account::phone>(row, std::string(100, 'x'));
  REQUIRE(made);
  const c::Bytes good = *c::at_rest::blob(*made);
  for (const auto suite : {c::SuiteId::xchacha20_poly1305, c::SuiteId::aes256_gcm}) {
    if (static_cast<std::byte>(suite) == good[1]) continue;
    const auto& ours = *c::detail::find_suite(static_cast<c::SuiteId>(good[1]));
    const auto& other = *c::detail::find_suite(suite);
    c::Bytes relabelled = good;  // the sizes agree: what is nonce for one is ciphertext for the other
    relabelled[1] = static_cast<std::byte>(suite);
    CHECK(fate<&Account::phone>(row, relabelled, permit) == code(c::Errc::tampered));
    // the nonce is cut, or filled up with zeros, so that the ciphertext is as long as before
    c::Bytes fitted(good.begin(), good.begin() + 6);
    fitted[1] = static_cast<std::byte>(suite);
    for (std::size_t i = 0; i != other.nonce_size; ++i)
      fitted.push_back(i < ours.nonce_size ? good[6 + i] : std::byte{0});
    fitted.insert(fitted.end(), good.begin() + 6 + static_cast<std::ptrdiff_t>(ours.nonce_size), good.end());
    CHECK(fate<&Account::phone>(row, fitted, permit) == code(c::Errc::tampered));
  }
}

TEST_CASE("a level is not lowered by anything that the bytes say", "[header]") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<RealNameVerify>(person);
  auto made = c::seal_for<&Account::id_number>(world.row<Account>("row", person, 7), "459999197310212864");
  REQUIRE(made);
  const c::Bytes good = *c::at_rest::blob(*made);
  REQUIRE(fate<&Account::id_number>(world.row<Account>("row", person, 7), good, permit) == fine);
  for (const std::uint64_t version : {std::uint64_t{0}, std::uint64_t{6}, std::uint64_t{8}, ~std::uint64_t{0}}) {
    CHECK(fate<&Account::id_number>(world.row<Account>("row", person, version), good, permit) ==
          code(c::Errc::tampered));
  }
  static constexpr const c::Role& clerk = c::role<"clerk", c::RoleKind::staff, c::Level::grade3, RealNameVerify>;
  const auto low = world.permit<RealNameVerify>(person, clerk);
  for (std::size_t bit = 0; bit != 48; ++bit) {
    c::Bytes changed = good;
    changed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    CHECK(fate<&Account::id_number>(world.row<Account>("row", person, 7), changed, low) != fine);
  }
}

TEST_CASE("a transient envelope whose header or bytes were changed in memory is not bound", "[header]") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  Account account;
  account.phone = "15400059572";
  const auto size = c::detail::CellOffice::cell(account.phone).envelope().size();
  for (std::size_t bit = 0; bit != size * 8; ++bit) {
    CAPTURE(bit);
    Account copy = account;  // shares the bytes
    const c::ByteView envelope = c::detail::CellOffice::cell(account.phone).envelope();
    auto& changed = const_cast<std::byte*>(envelope.data())[bit / 8];
    changed ^= static_cast<std::byte>(1U << bit % 8);
    const int seen = failure(c::bind<&Account::phone>(row, copy.phone));
    changed ^= static_cast<std::byte>(1U << bit % 8);
    CHECK(seen != fine);
    if (bit >= 24 && bit < 48) CHECK(seen == code(c::Errc::foreign_module));  // another key's number: nothing is tried
    if (bit >= 48) CHECK(seen == code(c::Errc::tampered));
  }
  CHECK(c::bind<&Account::phone>(row, account.phone));
}

TEST_CASE("an envelope in an envelope is a value like any other, and one more layer is not taken off", "[header]") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  const auto permit = world.permit<AccountService>(person);
  auto inner = c::seal_for<&Account::phone>(row, "15400059572");
  const c::Bytes bytes = *c::at_rest::blob(*inner);
  const std::string once(c::as_text(bytes));
  auto outer = c::seal_for<&Account::phone>(row, once);
  REQUIRE(outer);
  CHECK(released(*outer, permit) == once);
  Account account;
  account.phone = once;
  REQUIRE(c::bind<&Account::phone>(row, account.phone));
  CHECK(released(account.phone, permit) == once);
}

TEST_CASE("20,000 values live at once in few mappings, transient and bound", "[header]") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  const auto permit = world.permit<AccountService>(person);
  const auto mappings = [] {
    std::ifstream maps("/proc/self/maps");
    return std::count(std::istreambuf_iterator<char>(maps), {}, '\n');
  };
  const auto before = mappings();
  std::vector<decltype(Account::phone)> values(20'000);
  for (std::size_t i = 0; i != values.size(); ++i) {
    values[i] = std::to_string(i);
    if (i % 2 == 0 && !c::bind<&Account::phone>(row, values[i])) FAIL("value " << i);
  }
  CHECK(mappings() - before < 50);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i != values.size(); i += 2) wrong += released(values[i], permit) != std::to_string(i);
  CHECK(wrong == 0);
}
