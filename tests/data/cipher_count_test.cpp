// SPDX-License-Identifier: Apache-2.0
// How often each operation calls a cipher: never where no plaintext is touched, never to try a key.
#include "cipher_calls.hpp"
#include "custody_catch.hpp"
#include "world.hpp"

#include <list>

using namespace custody_test;

namespace {

using GcmWorld = BasicWorld<Demo, c::Aes256Gcm>;

template <class Work>
std::size_t calls(Work work) {
  const std::size_t before = cipher_calls();
  work();
  return cipher_calls() - before;
}

/// Calls of libsodium behind one seal of a suite, which depends on the length: measured, not assumed.
template <class Suite>
std::size_t one_seal(std::size_t size) {
  const auto key = std::move(*c::CipherKey<Suite>::random());
  const c::Bytes plain(size);
  c::Bytes out(size + Suite::tag_size);
  const std::byte nonce[24]{};
  const std::byte aad[100]{};
  const std::size_t count = calls([&] { Suite::seal(out.data(), plain, aad, nonce, key); });
  bool good = false;
  c::Bytes back(size);
  CHECK(calls([&] { good = Suite::open(back.data(), out, aad, nonce, key); }) == count);
  CHECK(good);
  return count;
}

template <class AnyWorld>
struct SuiteOf;
template <class Product, class Suite>
struct SuiteOf<BasicWorld<Product, Suite>> {
  using type = Suite;
};

constexpr std::size_t sizes[] = {0, 1, 11, 64, 100, 193, 512, 513, 1024, 1025, 5000};

}  // namespace

TEMPLATE_TEST_CASE("seal_for is one seal, release one open, bind one of each, and the rest none", "[cipher_count]",
                   World, GcmWorld) {
  using Suite = typename SuiteOf<TestType>::type;
  if (!Suite::available()) return;
  TestType world;
  const auto person = world.person("u1");
  const auto row = world.template row<Account>("row", person);
  const auto permit = world.template permit<AccountService>(person);
  REQUIRE(c::seal_for<&Account::phone>(row, "warm"));
  auto sink = c::sink<AccountService, "nothing">([](std::string_view) {});
  bool good = true;
  for (const std::size_t size : sizes) {
    CAPTURE(size);
    const std::size_t bound = one_seal<Suite>(size);
    const std::size_t transient = one_seal<c::XChaCha20Poly1305>(size);
    REQUIRE(bound > 0);
    const std::string text(size, 'x');
    Account account;
    CHECK(calls([&] { account.phone = text; }) == transient);
    CHECK(calls([&] { good &= c::bind<&Account::phone>(row, account.phone).has_value(); }) == transient + bound);
    c::Result<decltype(Account::phone)> made(c::Errc::unset);
    CHECK(calls([&] { made = c::seal_for<&Account::phone>(row, text); }) == bound);
    REQUIRE(made);
    CHECK(calls([&] { good &= made->release(permit, sink).has_value(); }) == bound);
    CHECK(calls([&] {
            const Account copy = account;
            Account moved = copy;
            const Account last = std::move(moved);
            std::list<Account> many(5, last);
            std::swap(many.front(), many.back());
            many.resize(2);
            const auto blob = c::at_rest::blob(last.phone);
            const auto form = c::at_rest::text(last.phone);
            Account loaded;
            good &= c::at_rest::from_blob<&Account::phone>(row, *blob, loaded.phone).has_value();
            good &= c::at_rest::from_text<&Account::phone>(row, *form, loaded.phone).has_value();
            good &= c::bind<&Account::phone>(row, loaded.phone).has_value();  // is bound there already
            good &= *c::at_rest::blob(loaded.phone) == *blob;
            good &= loaded.phone.has_value() && loaded.phone.empty() == (size == 0);
            many.front().phone.reset();
          }) == 0);
    CHECK(calls([&] { good &= c::map(permit, *made, [](const std::string& t) noexcept { return t; }).has_value(); }) ==
          bound + transient);
  }
  CHECK(good);
}

TEMPLATE_TEST_CASE("a refusal deciphers nothing", "[cipher_count]", World, GcmWorld) {
  if (!SuiteOf<TestType>::type::available()) return;
  TestType world;
  const auto person = world.person("u1");
  const auto row = world.template row<Account>("row", person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  auto number = c::seal_for<&Account::id_number>(row, "459999197310212864");
  REQUIRE((phone && number));
  const auto permit = world.template permit<AccountService>(person);
  const auto strangers = world.template permit<AccountService>(world.person("u2"));
  static constexpr const c::Role& clerk = c::role<"clerk", c::RoleKind::staff, c::Level::grade3, RealNameVerify>;
  const auto low = world.template permit<RealNameVerify>(person, clerk);
  CHECK(calls([&] { CHECK(refusal(*phone, strangers) == code(c::Errc::wrong_subject)); }) == 0);
  CHECK(calls([&] { CHECK(refusal(*number, low) == code(c::Errc::clearance_too_low)); }) == 0);
  auto elsewhere = world.template row<Account>("other", person);
  auto copy = *phone;
  CHECK(calls([&] { CHECK(failure(c::bind<&Account::phone>(elsewhere, copy)) == code(c::Errc::foreign_envelope)); }) ==
        0);
  CHECK(calls([&] {
          world.ring().policy_changed();
          CHECK(refusal(*phone, permit) == code(c::Errc::permit_outdated));
        }) == 0);
  const auto fresh = world.template permit<AccountService>(person);
  REQUIRE(world.ring().withdraw(person));
  CHECK(calls([&] { CHECK(refusal(*phone, fresh) == code(c::Errc::permit_withdrawn)); }) == 0);
  REQUIRE(world.ring().erase(person));
  CHECK(calls([&] {
          CHECK(refusal(*phone, fresh) == code(c::Errc::destroyed));
          CHECK(failure(c::seal_for<&Account::phone>(row, "x")) == code(c::Errc::destroyed));
        }) == 0);
}

TEMPLATE_TEST_CASE("no key is tried: an unknown generation is no call, a wrong key one", "[cipher_count]", World,
                   GcmWorld) {
  using Suite = typename SuiteOf<TestType>::type;
  if (!Suite::available()) return;
  TestType world;
  const auto person = world.person("u1");
  const auto row = world.template row<Account>("row", person);
  const auto permit = world.template permit<AccountService>(person);
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  REQUIRE(phone);
  const auto stored = *c::at_rest::blob(*phone);
  const std::size_t one = one_seal<Suite>(11);
  const auto opening = [&](const c::Binding& place, c::ByteView envelope, c::Errc expected) {
    Account account;
    const auto read = c::at_rest::from_blob<&Account::phone>(place, envelope, account.phone);
    if (!read) {
      CHECK(failure(read) == code(expected));
      return;
    }
    CHECK(refusal(account.phone, permit) == code(expected));
  };
  for (unsigned at = 3; at != 6; ++at) {  // every generation but the person's
    for (unsigned value = 0; value != 256; ++value) {
      auto other = stored;
      if (other[at] == static_cast<std::byte>(value)) continue;
      other[at] = static_cast<std::byte>(value);
      CHECK(calls([&] { opening(row, other, c::Errc::unknown_key); }) == 0);
    }
  }
  // the place's key is another one: another row, another field, changed bytes
  CHECK(calls([&] { opening(world.template row<Account>("other", person), stored, c::Errc::tampered); }) == one);
  auto changed = stored;
  changed.back() ^= std::byte{1};
  CHECK(calls([&] { opening(row, changed, c::Errc::tampered); }) == one);
  // a binding to another person derives that person's field key, which is no cipher; the envelope is tried once
  const auto other = world.person("u2");
  const auto theirs = world.template row<Account>("row", other);
  const auto their_permit = world.template permit<AccountService>(other);
  Account account;
  REQUIRE(c::at_rest::from_blob<&Account::phone>(theirs, stored, account.phone));
  CHECK(calls([&] { CHECK(refusal(account.phone, their_permit) == code(c::Errc::tampered)); }) == one);
  // of an unknown suite not even the field exists
  auto foreign = stored;
  foreign[1] = std::byte{9};
  CHECK(calls([&] { opening(row, foreign, c::Errc::suite_unavailable); }) == 0);
}

TEST_CASE("a person's key is unwrapped by one open for each ring, not for each value", "[cipher_count]") {
  World world;
  const auto first = world.person("u1");
  const auto stored = *c::at_rest::blob(*c::seal_for<&Account::phone>(world.row<Account>("row", first), "1"));
  world.reopen();
  const auto person = world.person("u1");
  const std::size_t unwrap = one_seal<c::XChaCha20Poly1305>(c::SecretKey::size);
  CHECK(calls([&] { static_cast<void>(world.row<Account>("row", person)); }) == unwrap);
  CHECK(calls([&] {
          for (int i = 0; i != 10; ++i) static_cast<void>(world.row<Account>("row" + std::to_string(i), person));
        }) == 0);
  world.close();
  world.reopen('x');  // the wrong root: its branch is tried once on the wrapped key
  const auto known = world.ring().find(person.handle());
  REQUIRE(known);
  CHECK(calls([&] { CHECK(failure(world.ring().binding<Account>("row", *known)) == code(c::Errc::tampered)); }) ==
        unwrap);
}
