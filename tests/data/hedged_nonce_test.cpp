// SPDX-License-Identifier: Apache-2.0
// A virtual machine is started twice from one snapshot: the generator gives the same bytes to both.
#include <custody/crypto/hedged_nonce.hpp>
#include <custody/data/batch.hpp>
#include <custody/data/group.hpp>

#include "custody_catch.hpp"
#include "kernel_bytes.hpp"
#include "world.hpp"

using namespace custody_test;

namespace {

template <c::Level Grade>
using Text = c::Classified<c::Personal<std::string, AccountService>, Grade>;

struct Vault : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Text<c::Level::grade4> grave;
  Text<c::Level::important> important;
  Text<c::Level::core> core;
  Text<c::Level::core> left;
  Text<c::Level::core> right;
  using custody_fields =
      c::Fields<c::record<"vault", 21>, c::key<&Vault::uid>, c::owner<&Vault::uid>,
                c::field<1, "grave", &Vault::grave, c::Category::bio>,
                c::field<2, "important", &Vault::important, c::Category::bio>,
                c::field<3, "core", &Vault::core, c::Category::bio>,
                c::field<4, "left", &Vault::left, c::Category::bio>,
                c::field<5, "right", &Vault::right, c::Category::bio>, c::sealed_together<&Vault::left, &Vault::right>>;
};

/// Three that are sealed together, the gravest last.
template <c::Level One>
struct Trio : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Text<One> one;
  Text<c::Level::grade1> two;
  Text<c::Level::grade1> three;
  Text<c::Level::core> top;
  using custody_fields =
      c::Fields<c::record<"trio", 22>, c::key<&Trio::uid>, c::owner<&Trio::uid>,
                c::field<1, "one", &Trio::one, c::Category::bio>, c::field<2, "two", &Trio::two, c::Category::bio>,
                c::field<3, "three", &Trio::three, c::Category::bio>, c::field<4, "top", &Trio::top, c::Category::bio>,
                c::sealed_together<&Trio::one, &Trio::two, &Trio::three, &Trio::top>>;
};
using Three = Trio<c::Level::grade1>;

/// A field that was core data once, beside one that never was.
struct Was : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Text<c::Level::core> one;
  using custody_fields = c::Fields<c::record<"was", 23>, c::key<&Was::uid>, c::owner<&Was::uid>,
                                   c::field<1, "one", &Was::one, c::Category::bio>>;
};
struct Is : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Text<c::Level::grade3> one;
  Text<c::Level::grade3> two;
  using custody_fields =
      c::Fields<c::record<"was", 23>, c::key<&Is::uid>, c::owner<&Is::uid>,
                c::field<1, "one", &Is::one, c::Category::bio, c::formerly<"one", Text<c::Level::core>>>,
                c::field<2, "two", &Is::two, c::Category::bio>, c::sealed_together<&Is::one, &Is::two>>;
};

/// What a machine that was started from the snapshot seals straight into a group.
template <auto... Members, class... Texts>
c::Bytes straight(const c::Binding& row, const Texts&... texts) {
  Three record;
  const CountedBytes snapshot;
  REQUIRE(c::seal_together<Members...>(row, record, texts...));
  return *group_bytes(record.top);
}

/// What a machine that was started from the snapshot seals.
template <auto Member>
c::Bytes sealed(const c::Binding& row, const std::string& text) {
  const CountedBytes snapshot;
  auto made = c::seal_for<Member>(row, text);
  REQUIRE(made);
  return *c::at_rest::blob(*made);
}
c::Bytes group(const c::Binding& row, const std::string& left, const std::string& right) {
  Vault record;
  record.left = std::string(left);
  record.right = std::string(right);
  const CountedBytes snapshot;
  REQUIRE(c::bind_record(row, record));
  return *group_bytes(record.left);
}
bool same_nonce(const c::Bytes& a, const c::Bytes& b, std::size_t size = 24) {
  return c::detail::same_bytes(c::ByteView(a).subspan(6, size), c::ByteView(b).subspan(6, size));
}

}  // namespace

TEMPLATE_TEST_CASE("two machines from one snapshot give two important messages two nonces", "[nonce][hedged]", World,
                   (BasicWorld<Demo, c::Aes256Gcm>)) {
  TestType world;
  const auto person = world.person("u1");
  const auto row = world.template row<Vault>("r", person, 1);
  const auto other = world.template row<Vault>("s", person, 1);
  const std::size_t size = std::is_same_v<TestType, World> ? 24 : 12;
  if (size == 12 && !c::Aes256Gcm::available()) return;
  // the snapshot works: where nonces are the kernel's alone, they repeat
  CHECK(same_nonce(sealed<&Vault::grave>(row, "a"), sealed<&Vault::grave>(row, "b"), size));

  CHECK_FALSE(same_nonce(sealed<&Vault::important>(row, "a"), sealed<&Vault::important>(row, "b"), size));
  CHECK_FALSE(same_nonce(sealed<&Vault::core>(row, "a"), sealed<&Vault::core>(row, "b"), size));
  CHECK_FALSE(same_nonce(sealed<&Vault::core>(row, "a"), sealed<&Vault::core>(other, "a"), size));
  CHECK_FALSE(same_nonce(sealed<&Vault::core>(row, "a"), sealed<&Vault::important>(row, "a"), size));
  CHECK(sealed<&Vault::core>(row, "a") == sealed<&Vault::core>(row, "a"));  // the same message: the same envelope
  CHECK_FALSE(same_nonce(group(row, "a", "b"), group(row, "a", "c"), size));
  CHECK_FALSE(same_nonce(group(row, "a", "b"), group(row, "c", "b"), size));
  const auto permit = world.template permit<AccountService>(person);
  Vault back;
  REQUIRE(c::at_rest::from_blob<&Vault::core>(row, sealed<&Vault::core>(row, "a"), back.core));
  CHECK(released(back.core, permit) == "a");

  const c::Binding rows[] = {row, row};
  const std::string_view texts[] = {"a", "b"};
  decltype(Vault::core) first[2], second[2];
  const std::string_view others[] = {"a", "c"};
  {
    const CountedBytes snapshot;
    REQUIRE(c::seal_many<&Vault::core>(rows, texts, first));
  }
  {
    const CountedBytes snapshot;
    REQUIRE(c::seal_many<&Vault::core>(rows, others, second));
  }
  CHECK_FALSE(same_nonce(*c::at_rest::blob(first[1]), *c::at_rest::blob(second[1]), size));
}

TEMPLATE_TEST_CASE("a group's hedged nonce depends on which members it has, what for and where", "[nonce][hedged]",
                   World, (BasicWorld<Demo, c::Aes256Gcm>)) {
  TestType world;
  const auto person = world.person("u1");
  const auto row = world.template row<Three>("r", person, 1);
  const std::size_t size = std::is_same_v<TestType, World> ? 24 : 12;
  if (size == 12 && !c::Aes256Gcm::available()) return;
  constexpr auto one = &Three::one, two = &Three::two, three = &Three::three;
  constexpr auto top = &Three::top;
  const c::Bytes first = straight<one, two, top>(row, "A", "B", "C");
  CHECK(first == straight<one, two, top>(row, "A", "B", "C"));  // the same message: the same group
  const auto differs = [&](const c::Bytes& other) { return !same_nonce(first, other, size); };
  CHECK(differs(straight<two, three, top>(row, "A", "B", "C")));  // or `two` would carry A and B under one nonce
  CHECK(differs(straight<one, two, top>(row, "A", "B", "D")));
  CHECK(differs(straight<one, two, top>(row, "D", "B", "C")));
  CHECK(differs(straight<one, two, top>(row, "AB", "", "C")));
  CHECK(differs(straight<one, two, top>(row, "", "AB", "C")));
  CHECK(differs(straight<one, two, top>(world.template row<Three>("r", person, 2), "A", "B", "C")));
  CHECK(differs(straight<one, two, top>(world.template row<Three>("s", person, 1), "A", "B", "C")));
}

TEST_CASE("a group is hedged for a member that was important when it was sealed", "[nonce][hedged]") {
  World world;
  const auto person = world.person("u1");
  const c::Bytes old = sealed<&Was::one>(world.row<Was>("r", person, 1), "secret");
  const auto row = world.row<Is>("r", person, 1);
  Is record;
  REQUIRE(c::at_rest::from_blob<&Is::one>(row, old, record.one));
  record.two = std::string("other");
  Is changed = record;
  {
    const NoBytes none;  // a pool would not notice
    CHECK(failure(c::bind_record(row, changed)) == code(c::Errc::no_randomness));
  }
  REQUIRE(c::bind_record(row, changed));
  CHECK(changed.one.has_value());
  CHECK(c::at_rest::group<&Is::two>(changed));
}

TEST_CASE("a hedged nonce depends on everything it is made of, and says nothing without a kernel", "[nonce][hedged]") {
  const c::Bytes key(32, std::byte{1}), other_key(32, std::byte{2});
  const auto drawn = [](c::ByteView with, std::string_view context, std::string_view message) {
    const CountedBytes snapshot;
    std::array<std::byte, 24> nonce{};
    REQUIRE(c::draw_hedged_nonce(nonce, with, c::as_bytes(context), c::as_bytes(message)));
    return nonce;
  };
  const auto first = drawn(key, "ab", "c");
  CHECK(first == drawn(key, "ab", "c"));
  CHECK(first != drawn(other_key, "ab", "c"));
  CHECK(first != drawn(key, "a", "bc"));
  CHECK(first != drawn(key, "ab", "d"));
  std::array<std::byte, 24> fresh{};
  REQUIRE(c::draw_hedged_nonce(fresh, key, c::as_bytes("ab"), c::as_bytes("c")));
  CHECK(first != fresh);
  const NoBytes none;
  CHECK_FALSE(c::draw_hedged_nonce(fresh, key, {}, {}));
}
