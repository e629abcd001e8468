// SPDX-License-Identifier: Apache-2.0
// One envelope, made to open under two keys (tests/format/two_keys.py): the fingerprint in the key store decides which
// key it is, and no key is tried.
#include "cipher_calls.hpp"
#include "custody_catch.hpp"
#include "format/books.hpp"
#include "vectors.hpp"

using namespace format_test;
using custody_test::code;
using custody_test::failure;

namespace {

const Json& vector() {
  static const Json read = Json::parse(custody_test::vector_bytes("two-keys-1.json"));
  return read;
}

/// A wrapped key of the vector's person: the key `wrapped` under the fingerprint of the key `told`.
c::WrappedKey key_of(std::size_t wrapped, std::size_t told, std::uint32_t generation = 1) {
  const Json& keys = vector()["keys"];
  c::WrappedKey key{handle_of(vector()["handle"]),
                    {},
                    generation,
                    {vector()["created"].get<std::int64_t>()},
                    unhex(keys[wrapped]["wrapped"].get<std::string>()),
                    {}};
  const c::Bytes print = unhex(keys[told]["fingerprint"].get<std::string>());
  std::copy_n(print.begin(), 32, key.fingerprint.begin());
  return key;
}

struct Opened {
  int error = code(c::Errc::unset);
  std::string plain;
  std::size_t calls = 0;  ///< of libsodium's ciphers, from the reading of the key to the end
};

/// Puts keys into a fresh store and opens the envelope, perhaps with another generation in its header.
Opened open(const std::vector<c::WrappedKey>& keys, std::uint8_t generation = 1, bool key_known_before = false) {
  custody_test::BasicWorld<Frozen> world;
  for (const auto& key : keys) REQUIRE(world.keys->put_key(key));
  const auto person = *world.ring().find(handle_of(vector()["handle"]));
  c::Bytes envelope = unhex(vector()["envelope"].get<std::string>());
  envelope[3] = std::byte{generation};
  Opened out;
  std::size_t before = custody_test::cipher_calls();
  const auto place = world.ring().binding<Person>("alice", person);
  if (!place) return {failure(place), "", custody_test::cipher_calls() - before};
  if (key_known_before) before = custody_test::cipher_calls();
  Person into;
  REQUIRE(c::at_rest::from_blob<&Person::phone>(*place, envelope, into.phone));
  static constexpr const c::Role& any = c::role<"any", c::RoleKind::service, c::Level::core, AccountService>;
  const auto permit = world.permit<AccountService>(person, any);
  out.error =
      failure(into.phone.release(permit, c::sink<AccountService, "two", c::Level::core>(
                                             [&](std::string_view text) { out.plain = hex(c::as_bytes(text)); })));
  out.calls = custody_test::cipher_calls() - before;
  return out;
}

/// What the counter says of one opening of so many bytes under a wrong key.
std::size_t one_opening(std::size_t sealed) {
  const auto key = *c::SecretKey::random();
  const c::Bytes bytes(sealed + 24);
  c::Bytes out(sealed - 16);
  const std::size_t before = custody_test::cipher_calls();
  CHECK_FALSE(c::detail::xchacha_open(out.data(), {bytes.data() + 24, sealed}, {}, bytes.data(), key.data()));
  return custody_test::cipher_calls() - before;
}

}  // namespace

TEST_CASE("an envelope that opens under two keys opens under the one that the key store commits to") {
  const std::string plain[] = {vector()["keys"][0]["plain"], vector()["keys"][1]["plain"]};
  REQUIRE(plain[0] != plain[1]);
  for (const std::size_t i : {0U, 1U}) {  // the collision is one: whoever made the keys can have either text read
    const auto seen = open({key_of(i, i)});
    CHECK(seen.error == custody_test::fine);
    CHECK(seen.plain == plain[i]);
  }
  const std::size_t unwrapping = one_opening(48);
  REQUIRE(unwrapping != 0);
  for (const std::size_t i : {0U, 1U}) {  // the other key in place of the one that was stored first
    const auto swapped = open({key_of(1 - i, i)});
    CHECK(swapped.error == code(c::Errc::tampered));
    CHECK(swapped.plain.empty());
    CHECK(swapped.calls == unwrapping);  // the wrap only: the envelope is not tried
  }
}

TEST_CASE("no trial decryption: one cipher call on a wrong key, none on an unknown one") {
  const std::size_t envelope = vector()["envelope"].get<std::string>().size() / 2 - 30;
  const std::size_t one = one_opening(envelope);
  auto both = std::vector<c::WrappedKey>{key_of(0, 0)};
  {  // the second key as generation 2: a header that names it names another envelope
    const auto kek = *custody_test::root_of('r').derive("custody.ring.wrap");
    c::WrappedKey second = key_of(1, 1, 2);
    c::Bytes context;
    c::Canonical(context).part("custody.key.1").part("frozen-im").raw(second.handle.bytes).raw(c::Handle{}.bytes);
    c::Canonical(context).number(second.generation).number(static_cast<std::uint64_t>(second.created.ms));
    const auto content = c::SecretKey::copy_of(unhex(vector()["keys"][1]["content"].get<std::string>()));
    second.wrapped = *c::wrap_key(kek, *content, context);
    both.push_back(std::move(second));
  }
  const auto first = open(both, 1, false);
  CHECK(first.error == custody_test::fine);
  CHECK(first.plain == vector()["keys"][0]["plain"].get<std::string>());
  const auto second = open(both, 2, true);
  CHECK(second.error == code(c::Errc::tampered));
  CHECK(second.calls == one);
  const auto unknown = open(both, 3, true);
  CHECK(unknown.error == code(c::Errc::unknown_key));
  CHECK(unknown.calls == 0);
  CHECK(open({key_of(0, 0)}, 2, true).calls == 0);
}
