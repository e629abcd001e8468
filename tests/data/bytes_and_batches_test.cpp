// SPDX-License-Identifier: Apache-2.0
// Sealing into the caller's buffer, releasing from a column's bytes, and many at once: the same envelopes, the same checks.
#include "cipher_calls.hpp"
#include "custody_catch.hpp"
#include "kernel_bytes.hpp"
#include "memory_watch.hpp"
#include "world.hpp"

#include <set>

#include <custody/data/at_rest_bytes.hpp>
#include <custody/data/batch.hpp>

using namespace custody_test;

namespace {

using Phone = decltype(Account::phone);

template <class Tag>
auto keep(std::vector<std::string>& out) {
  return c::sink<Tag, "keep", c::Level::core>([&out](std::string_view text) { out.emplace_back(text); });
}

struct Rows {
  World world;
  c::Subject person = world.person("u1");
  c::Binding row = world.row<Account>("row", person);
  c::Permit<AccountService> permit = world.permit<AccountService>(person);
};

}  // namespace

TEST_CASE("what is sealed into a buffer is what a field would hold, and opens both ways") {
  Rows at;
  std::vector<std::byte> out(c::sealed_size(1 << 20) + 1);
  for (const std::size_t length : {0U,   1U,   63U,  64U,  65U,  191U,  192U,  193U,  255U,   256U,   257U,    447U,
                                   448U, 449U, 511U, 512U, 513U, 1023U, 1024U, 1025U, 16383U, 16384U, 1U << 20}) {
    const std::string plain(length, 'p');
    auto size = c::at_rest::seal_into<&Account::phone>(at.row, plain, out);
    REQUIRE(size);
    CHECK(*size == c::sealed_size(length));
    const c::ByteView sealed{out.data(), *size};
    Account account;
    REQUIRE(c::at_rest::from_blob<&Account::phone>(at.row, sealed, account.phone));
    CHECK(released(account.phone, at.permit) == plain);
    std::vector<std::string> seen;
    auto sink = keep<AccountService>(seen);
    REQUIRE(c::at_rest::release<&Account::phone>(at.row, sealed, at.permit, sink));
    CHECK(seen == std::vector<std::string>{plain});
  }
  const std::string big((1 << 20) + 1, 'p');
  std::vector<std::byte> room(big.size() + 100);
  CHECK(failure(c::at_rest::seal_into<&Account::phone>(at.row, big, room)) == code(c::Errc::too_large));
}

TEST_CASE("a buffer of exactly the size is enough, one byte less is refused and untouched; in place works") {
  Rows at;
  const std::string plain(100, 'p');
  std::vector<std::byte> out(c::sealed_size(plain.size()), std::byte{0xEE});
  const auto before = out;
  const c::ByteSpan less{out.data(), out.size() - 1};
  CHECK(failure(c::at_rest::seal_into<&Account::phone>(at.row, plain, less)) == code(c::Errc::too_large));
  CHECK(out == before);
  std::memcpy(out.data() + c::sealed_prefix<>, plain.data(), plain.size());
  const c::ByteView inside{out.data() + c::sealed_prefix<>, plain.size()};
  REQUIRE(c::at_rest::seal_into<&Account::phone>(at.row, inside, out));
  std::vector<std::string> seen;
  auto sink = keep<AccountService>(seen);
  REQUIRE(c::at_rest::release<&Account::phone>(at.row, out, at.permit, sink));
  CHECK(seen.back() == plain);
}

TEST_CASE("sealing into a buffer and releasing from one allocate nothing, and are one seal and one open") {
  Rows at;
  const std::string plain(100, 'p');
  std::vector<std::byte> out(c::sealed_size(1024));
  REQUIRE(c::at_rest::seal_into<&Account::phone>(at.row, plain, out));  // derives the field key
  class Silent final : public c::Witness {
   public:
    c::Result<void> record(std::span<const c::Event>) noexcept override { return {}; }
  } silent;
  auto ring =
      std::move(*c::KeyRing<Demo>::open(*at.world.keys, root_of('r'), silent, at.world.authority, at.world.clock));
  const auto person = *ring.find("u1");
  const auto row = *ring.binding<Account>("row", person);
  const auto permit =
      std::move(*ring.permit<AccountService>(person, {&service, "t"}, at.world.clock.now() + c::hours(1)));
  REQUIRE(c::at_rest::seal_into<&Account::phone>(row, plain, out));
  std::size_t length = 0;
  auto sink = c::sink<AccountService, "length">([&](std::string_view text) { length = text.size(); });
  for (const std::size_t size : {16U, 100U, 1024U}) {
    const std::string text(size, 'p');
    MemoryWatch watch("never there");
    const std::size_t calls = cipher_calls();
    auto sealed = c::at_rest::seal_into<&Account::phone>(row, text, out);
    const std::size_t seal_calls = cipher_calls() - calls;
    const bool good = c::at_rest::release<&Account::phone>(row, {out.data(), *sealed}, permit, sink).has_value();
    const std::size_t allocations = watch.allocations();
    CHECK(allocations == 0);
    CHECK(seal_calls == (size == 1024 ? 2 : short_message_calls()));  // libsodium's own call asks for the subkey, too
    CHECK(good);
    CHECK(length == size);
  }
}

TEST_CASE("a release from bytes checks what a field's release checks") {
  Rows at;
  std::vector<std::byte> out(c::sealed_size(10));
  REQUIRE(c::at_rest::seal_into<&Account::phone>(at.row, "0123456789", out));
  std::vector<std::string> seen;
  auto sink = keep<AccountService>(seen);
  const auto answer = [&](const c::Binding& row, c::ByteView bytes) {
    return failure(c::at_rest::release<&Account::phone>(row, bytes, at.permit, sink));
  };
  CHECK(answer(c::Binding{}, out) == code(c::Errc::not_bound));
  CHECK(answer(at.world.row<Account>("other", at.person), out) == code(c::Errc::tampered));
  const auto stranger = at.world.person("u2");
  CHECK(answer(at.world.row<Account>("row", stranger), out) == code(c::Errc::wrong_subject));
  for (std::size_t cut = 0; cut != out.size(); ++cut) {
    const int told = answer(at.row, {out.data(), cut});
    CHECK((told == code(c::Errc::truncated) || told == code(c::Errc::tampered)));
  }
  for (std::size_t bit = 0; bit != out.size() * 8; ++bit) {
    auto bad = out;
    bad[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    CHECK(answer(at.row, bad) != fine);
  }
  CHECK(failure(c::at_rest::release<&Account::email>(at.row, out, at.permit, sink)) == code(c::Errc::tampered));
  CHECK(at.world.witness.last().field == "email");
  at.world.witness.failing = true;
  CHECK(answer(at.row, out) == code(c::Errc::evidence_unwritable));
  at.world.witness.failing = false;
  REQUIRE(at.world.ring().withdraw(at.person));
  CHECK(answer(at.row, out) == code(c::Errc::permit_withdrawn));
  CHECK(seen.empty());
  REQUIRE(at.world.ring().erase(at.person));
  CHECK(failure(c::at_rest::seal_into<&Account::phone>(at.row, "x", out)) == code(c::Errc::destroyed));
  at.world.close();
  CHECK(failure(c::at_rest::seal_into<&Account::phone>(at.row, "x", out)) == code(c::Errc::ring_closed));
}

TEST_CASE("many rows are sealed with nonces of their own, drawn from the kernel in few calls; all or none") {
  Rows at;
  std::vector<c::Binding> places;
  std::vector<std::string> texts;
  for (int i = 0; i != 100; ++i) {
    places.push_back(at.world.row<Account>("row-" + std::to_string(i), at.person));
    texts.push_back(std::string(100, static_cast<char>('a' + i % 26)));
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<Phone> fields(100);
  REQUIRE(c::seal_many<&Account::phone>(places, views, fields));
  std::set<std::string> nonces;
  for (std::size_t i = 0; i != fields.size(); ++i) {
    const auto blob = *c::at_rest::blob(fields[i]);
    nonces.insert(std::string(c::as_text({blob.data() + 6, 24})));
    CHECK(released(fields[i], at.permit) == texts[i]);
  }
  CHECK(nonces.size() == 100);

  places[57] = c::Binding{};
  auto refused = c::seal_many<&Account::phone>(places, views, fields);
  REQUIRE(failure(refused) == code(c::Errc::not_bound));
  CHECK(refused.error().at == 57);
  for (std::size_t i = 0; i <= 57; ++i) CHECK_FALSE(fields[i].has_value());
  std::vector<Phone> few(99);
  CHECK(failure(c::seal_many<&Account::phone>(places, views, few)) == code(c::Errc::malformed));
  CHECK(c::seal_many<&Account::phone>({}, {}, {}));
}

TEST_CASE("many records are released under one permit; the refused are skipped, counted and recorded") {
  Rows at;
  const auto stranger = at.world.person("u2");
  std::vector<Account> accounts(40);
  for (std::size_t i = 0; i != accounts.size(); ++i) {
    const auto& owner = i == 7 ? stranger : at.person;
    accounts[i].phone = *c::seal_for<&Account::phone>(at.world.row<Account>("r" + std::to_string(i), owner),
                                                      "number " + std::to_string(i));
  }
  accounts[20].phone.reset();
  std::vector<std::string> seen;
  auto sink = keep<AccountService>(seen);
  const std::size_t lines = at.world.witness.size();
  auto report = c::release_many<&Account::phone>(at.permit, std::span<const Account>(accounts), sink);
  REQUIRE(report);
  CHECK(report->released == 38);
  CHECK(report->refused == 2);
  CHECK(report->at == 7);
  CHECK(report->first == c::Errc::wrong_subject);
  CHECK(at.world.witness.size() - lines == 40);
  REQUIRE(seen.size() == 38);
  CHECK(seen[7] == "number 8");

  seen.clear();
  at.world.witness.failing = true;
  CHECK(failure(c::release_many<&Account::phone>(at.permit, std::span<const Account>(accounts), sink)) ==
        code(c::Errc::evidence_unwritable));
  CHECK(seen.empty());
  at.world.witness.failing = false;
  auto moved = std::move(at.permit);
  CHECK(failure(c::release_many<&Account::phone>(at.permit, std::span<const Account>(accounts), sink)) ==
        code(c::Errc::moved_from));
}

namespace {

struct Pinned : c::Product<"pinned", c::Region::CN, AccountService, RealNameVerify, CustomerSupport, PersonalisedPush> {
  using custody_suite = c::Aes256Gcm;
  using custody_suite_floor = c::suite_floor<c::Level::grade4, c::XChaCha20Poly1305>;
};
struct Card : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  c::Personal<std::string, AccountService, CustomerSupport, PersonalisedPush> phone;
  using custody_fields = c::Fields<c::record<"card", 1>, c::key<&Card::uid>, c::owner<&Card::uid>,
                                   c::field<1, "phone", &Card::phone, c::Category::phone>>;
};

}  // namespace

TEST_CASE("a product pins a suite by its declaration, and says which are good enough from a level up") {
  static_assert(std::is_same_v<c::suite_of<Demo>, c::XChaCha20Poly1305>);
  static_assert(std::is_same_v<c::suite_of<Pinned>, c::Aes256Gcm>);
  static_assert(std::is_same_v<c::KeyRing<Pinned>, c::KeyRing<Pinned, c::Aes256Gcm>>);
  if (!c::Aes256Gcm::available()) return;
  c::MemoryKeyStore keys;
  Notebook witness;
  Ledger authority;
  c::ManualClock clock{{1'700'000'000'000}};
  auto ring = std::move(*c::KeyRing<Pinned>::open(keys, root_of('r'), witness, authority, clock));
  const auto person = *ring.enrol("u1");
  const auto row = *ring.binding<Card>("row", person);
  auto phone = c::seal_for<&Card::phone>(row, "15400059572");
  REQUIRE(phone);
  CHECK((*c::at_rest::blob(*phone))[1] == std::byte{2});
  CHECK(c::at_rest::blob(*phone)->size() == 11 + 34);
  CHECK(c::at_rest::text(*phone)->size() == 64);  // fits varchar(64)

  const auto& core = *ring.core();
  CHECK(core.suite_fits(c::SuiteId::aes256_gcm, c::Level::grade3));
  CHECK_FALSE(core.suite_fits(c::SuiteId::aes256_gcm, c::Level::grade4));
  CHECK(core.suite_fits(c::SuiteId::xchacha20_poly1305, c::Level::core));
}

TEST_CASE("a grave field is neither sealed nor opened with a suite below the product's floor") {
  struct Low : c::Product<"demo-im", c::Region::CN, AccountService, MessageDelivery, RealNameVerify, CustomerSupport,
                          PersonalisedPush> {
    using custody_suite_floor = c::suite_floor<c::Level::grade4, c::Aes256Gcm>;
  };
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  auto id = c::seal_for<&Account::id_number>(row, "11010519491231002X");
  auto phone = c::seal_for<&Account::phone>(row, "15400059572");
  auto blob = *c::at_rest::blob(*id);
  // the same ring, but the product has since decided that grave data needs AES-256-GCM
  c::detail::RingConfig config;
  config.store = world.keys.get();
  config.witness = &world.witness;
  config.clock = &world.clock;
  config.authority = &world.authority;
  config.product = "demo-im";
  config.suite_floor = c::detail::suite_floor_of<Low>;
  auto core = *c::detail::RingEngine<>::open(config, root_of('r'));
  auto owner = *core->find("u1");
  auto strict = *c::BindingOffice::make(core, c::detail::shape_of<Account>::facts, c::as_bytes("row"),
                                        c::detail::Owners(owner), {}, 0);
  Account account;
  REQUIRE(c::at_rest::from_blob<&Account::id_number>(strict, blob, account.id_number));
  c::detail::PlainBuffer plain;
  const auto& cell = c::detail::CellOffice::cell(account.id_number);
  auto opened = cell.open(c::detail::type_of<decltype(account.id_number)>(), plain);
  CHECK(failure(opened) == code(c::Errc::suite_refused));
  CHECK(std::string_view(opened.error().where) == "XChaCha20-Poly1305");
  CHECK(failure(c::seal_for<&Account::id_number>(strict, "11010519491231002X")) == code(c::Errc::suite_refused));
  CHECK(c::seal_for<&Account::phone>(strict, "15400059572"));
  core->close();
}
