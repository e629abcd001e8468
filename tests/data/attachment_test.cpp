// SPDX-License-Identifier: Apache-2.0
// Streams beside a record: they open where, for whom and for what their field opens, and nowhere else.
#include "cipher_calls.hpp"
#include "custody_catch.hpp"
#include "kernel_bytes.hpp"
#include "memory_watch.hpp"
#include "world.hpp"

#include <thread>

#include <custody/data/attachment.hpp>

using namespace custody_test;

namespace {

using File = c::Classified<c::Personal<c::Attachment, MessageDelivery>, c::Level::grade4>;
using Picture = c::Personal<c::Attachment, AccountService, CustomerSupport>;

struct Letter : c::Retained<c::keep_for<c::calendar_days(180)>> {
  c::Public<std::string> uid;
  File file;
  File preview;
  using custody_fields = c::Fields<c::record<"letter", 40>, c::owner<&Letter::uid>,
                                   c::field<1, "file", &Letter::file, c::Category::attachment>,
                                   c::field<2, "preview", &Letter::preview, c::Category::attachment>>;
};
struct Profile : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Picture picture;
  using custody_fields = c::Fields<c::record<"profile", 41>, c::owner<&Profile::uid>,
                                   c::field<1, "picture", &Profile::picture, c::Category::avatar>>;
};
/// The same numbers in another table.
struct Badge : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  Picture picture;
  using custody_fields = c::Fields<c::record<"badge", 42>, c::owner<&Badge::uid>,
                                   c::field<1, "picture", &Badge::picture, c::Category::avatar>>;
};
/// The profile before customer support was a purpose.
struct Narrow : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Public<std::string> uid;
  c::Personal<c::Attachment, AccountService> picture;
  using custody_fields = c::Fields<c::record<"profile", 41>, c::owner<&Narrow::uid>,
                                   c::field<1, "picture", &Narrow::picture, c::Category::avatar>>;
};
struct Post : c::Retained<c::keep_for<c::calendar_days(180)>> {
  c::Public<std::string> talk;
  File file;
  using custody_fields = c::Fields<c::record<"post", 43>, c::conversation<&Post::talk>,
                                   c::field<1, "file", &Post::file, c::Category::attachment>>;
};

constexpr std::size_t kib64 = c::stream_chunk;
constexpr std::size_t chunk = kib64 + 16;

std::string words(std::size_t size) {
  std::string out;
  out.reserve(size + 16);
  while (out.size() < size) out += std::to_string(out.size()) + "|";
  out.resize(size);
  return out;
}
auto into(c::Bytes& out) {
  return c::stream_target([&out](c::ByteView sealed) {
    out.insert(out.end(), sealed.begin(), sealed.end());
    return c::Result<void>();
  });
}
/// A field of a place and its stream.
template <auto Member>
struct Sealed {
  c::detail::member_type<Member> field;
  c::Bytes stream;
};
template <auto Member>
Sealed<Member> sealed(const c::Binding& place, const std::string& text) {
  Sealed<Member> made;
  auto target = into(made.stream);
  auto sealer = c::seal_stream<Member>(place, target);
  REQUIRE(sealer);
  REQUIRE(sealer->write(c::as_bytes(text)));
  auto field = sealer->finish();
  REQUIRE(field);
  made.field = std::move(*field);
  return made;
}
/// The same through the at-rest form, as a row would keep it.
template <auto Member>
c::detail::member_type<Member> stored(const c::Binding& place, c::ByteView envelope) {
  c::detail::member_type<Member> field;
  REQUIRE(c::at_rest::from_blob<Member>(place, envelope, field));
  return field;
}

template <class Tag>
auto collect(std::string& out) {
  return c::sink<Tag, "download", c::Level::core>([&out](std::span<const std::byte> part) { out += c::as_text(part); });
}
/// The plaintext, or why not between angle brackets; parts that came before an error are kept in front.
template <class Tag, class View>
std::string given(const View& view, const c::Permit<Tag>& permit) {
  std::string out;
  auto done = view.release(permit, collect<Tag>(out));
  return done ? out : out + "<" + c::text(done.error().code) + ">";
}
template <class Tag, class Field>
std::string whole(const Field& field, c::ByteView stream, const c::Permit<Tag>& permit) {
  c::BytesSource source(stream);
  return given(c::open_stream(field, source), permit);
}
/// Compares outside of the macros, which would print both.
bool same(const std::string& a, const std::string& b) { return a == b; }
std::string says(c::Errc e) { return std::string("<") + c::text(e) + ">"; }

using Letters = c::Permit<MessageDelivery>;
using Accounts = c::Permit<AccountService>;

template <class View, class... Arguments>
concept Releases =
    requires(const View& view, Arguments&&... arguments) { view.release(static_cast<Arguments&&>(arguments)...); };
using FileView = decltype(c::open_stream(std::declval<const File&>(), std::declval<c::StreamSource&>()));
template <class Tag, c::Level Highest = c::Level::core>
using ByteSink = decltype(c::sink<Tag, "download", Highest>([](std::span<const std::byte>) {}));
template <class Tag>
using TextSink = decltype(c::sink<Tag, "download", c::Level::core>([](std::string_view) {}));
template <class Tag>
using LeakySink =
    decltype(c::sink<Tag, "download", c::Level::core>([](std::span<const std::byte> part) { return part; }));
template <class Field>
concept OpensStream = requires(const Field& field, c::StreamSource& source) { c::open_stream(field, source); };

}  // namespace

static_assert(Releases<FileView, const Letters&, ByteSink<MessageDelivery>>);
static_assert(!Releases<FileView, const Accounts&, ByteSink<AccountService>>);  // no purpose of the field
static_assert(!Releases<FileView, const Letters&, ByteSink<AccountService>>);   // a sink of another purpose
static_assert(!Releases<FileView, const Letters&, ByteSink<MessageDelivery, c::Level::grade3>>);
static_assert(!Releases<FileView, const Letters&, TextSink<MessageDelivery>>);
static_assert(!Releases<FileView, const Letters&, LeakySink<MessageDelivery>>);
static_assert(!Releases<FileView, ByteSink<MessageDelivery>> && !Releases<FileView, bool, ByteSink<MessageDelivery>>);
static_assert(OpensStream<File> && OpensStream<Picture>);
static_assert(!OpensStream<c::Personal<std::string, MessageDelivery>> && !OpensStream<c::Public<std::string>>);
static_assert(!std::is_constructible_v<File, c::Attachment> && !std::is_assignable_v<File&, c::Attachment>);
static_assert(!std::is_constructible_v<File, std::string> && std::is_copy_constructible_v<File>);

TEST_CASE("an attachment is sealed beside its record and released under a permit") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<MessageDelivery>(person);
  const auto place = world.row<Letter>("row", person, 3);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, kib64 - 1, kib64, kib64 + 1, 2 * kib64, std::size_t{200'000}}) {
    CAPTURE(size);
    const std::string text = words(size);
    const auto made = sealed<&Letter::file>(place, text);
    CHECK(made.stream.size() == c::stream_size(size));
    CHECK(std::to_integer<unsigned>(made.stream[0]) == 0xC3);
    CHECK(same(whole(made.field, made.stream, permit), text));
    const auto row = c::at_rest::blob(made.field);
    REQUIRE(row);
    CHECK(row->size() == c::sealed_size(40));
    CHECK(same(whole(stored<&Letter::file>(place, *row), made.stream, permit), text));
  }
}

TEST_CASE("the field of an attachment may be bound later, and says nothing of its key") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<MessageDelivery>(person);
  const auto place = world.row<Letter>("row", person);
  c::Bytes stream;
  auto target = into(stream);
  auto sealer = c::seal_stream<&Letter::file>(target);
  REQUIRE(sealer);
  REQUIRE(sealer->write(c::as_bytes("photo")));
  Letter letter;
  letter.file = std::move(*sealer->finish());
  CHECK(whole(letter.file, stream, permit) == says(c::Errc::not_bound));
  REQUIRE(c::bind<&Letter::file>(place, letter.file));
  CHECK(whole(letter.file, stream, permit) == "photo");
  const Letter copy = letter;
  CHECK(whole(copy.file, stream, permit) == "photo");
  CHECK(whole(copy.preview, stream, permit) == says(c::Errc::unset));
  // A sink of the field itself sees an object that holds nothing.
  bool seen = false;
  CHECK(letter.file.release(permit, c::sink<MessageDelivery, "field", c::Level::core>(
                                        [&](const c::Attachment& it) { seen = sizeof it == 1; })));
  CHECK(seen);
  CHECK(failure(c::seal_stream<&Letter::file>(c::Binding{}, target)) == code(c::Errc::not_bound));
  {
    const NoBytes none;
    CHECK(failure(c::seal_stream<&Letter::file>(target)) == code(c::Errc::no_randomness));
  }
  world.close();
  CHECK(failure(c::seal_stream<&Letter::file>(place, target)) == code(c::Errc::ring_closed));
  CHECK(whole(letter.file, stream, permit) == says(c::Errc::ring_closed));
}

TEST_CASE("the bytes of a stream are frozen") {  // made by a second implementation, in Python
  World world;
  c::Bytes stream;
  auto target = into(stream);
  const CountedBytes counted;
  auto sealer = c::seal_stream<&Letter::file>(target);
  REQUIRE(sealer);
  REQUIRE(sealer->write(c::as_bytes("photo")));
  REQUIRE(sealer->finish());
  std::string hex;
  for (const std::byte one : stream) {
    hex += "0123456789abcdef"[std::to_integer<unsigned>(one) / 16];
    hex += "0123456789abcdef"[std::to_integer<unsigned>(one) % 16];
  }
  CHECK(hex ==
        "c30100000000202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f275d0258837b2d25448b40bb716987d533"
        "177d66a8abca2fc05737da3c0e217a44baa5ac375ba4c0273b76061edbc6ec1ee2c4f9ef");
}

TEST_CASE("a range opens the chunks that it touches, and the field") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<MessageDelivery>(person);
  const std::string text = words(5 * kib64);
  const auto made = sealed<&Letter::file>(world.row<Letter>("row", person), text);
  c::BytesSource source(made.stream);
  const auto view = c::open_stream(made.field, source);
  const auto cost = [&](std::uint64_t offset, std::uint64_t length) {
    const std::size_t before = cipher_calls();
    const std::string got = given(view.range(offset, length), permit);
    CHECK(same(got, (offset < text.size() ? text.substr(offset, length) : "")));
    return cipher_calls() - before;
  };
  const std::size_t field = cost(text.size(), 10);  // behind the end: the field alone
  CHECK(cost(~std::uint64_t{0}, ~std::uint64_t{0}) == field);
  CHECK(cost(0, 0) == field);
  const std::size_t one = cost(0, 1) - field;  // the calls of one chunk, libsodium's own inner ones included
  CHECK((one == 1 || one == 2));
  CHECK(cost(2 * kib64 + 5, 1000) == field + one);
  CHECK(cost(2 * kib64, kib64) == field + one);
  CHECK(cost(2 * kib64 - 1, 2) == field + 2 * one);
  CHECK(cost(1, 3 * kib64) == field + 4 * one);
  CHECK(cost(text.size() - 1, ~std::uint64_t{0}) == field + one);
  const std::size_t before = cipher_calls();
  CHECK(same(given(view, permit), text));
  CHECK(cipher_calls() - before == field + 6 * one);  // the empty last chunk too
}

TEST_CASE("a stream opens with its own field only, at its own place only") {
  World world;
  const auto alice = world.person("alice");
  const auto bob = world.person("bob");
  const auto place = world.row<Profile>("row", alice);
  const auto permit = world.permit<AccountService>(alice);
  const auto bobs = world.permit<AccountService>(bob);
  const auto first = sealed<&Profile::picture>(place, "first");
  const auto second = sealed<&Profile::picture>(place, "other");  // the same place, the same length
  CHECK(whole(first.field, first.stream, permit) == "first");
  CHECK(whole(first.field, second.stream, permit) == says(c::Errc::tampered));
  CHECK(whole(second.field, first.stream, permit) == says(c::Errc::tampered));
  CHECK(whole(first.field, first.stream, bobs) == says(c::Errc::wrong_subject));
  const auto row = *c::at_rest::blob(first.field);
  const auto at = [&]<auto Member>(const c::Binding& where, const auto& with) {
    return whole(stored<Member>(where, row), first.stream, with);
  };
  CHECK(at.template operator()<&Profile::picture>(world.row<Profile>("row", alice), permit) == "first");
  CHECK(at.template operator()<&Profile::picture>(world.row<Profile>("rov", alice), permit) == says(c::Errc::tampered));
  CHECK(at.template operator()<&Profile::picture>(world.row<Profile>("row", bob), bobs) == says(c::Errc::tampered));
  CHECK(at.template operator()<&Badge::picture>(world.row<Badge>("row", alice), permit) == says(c::Errc::tampered));
  CHECK(at.template operator()<&Narrow::picture>(world.row<Narrow>("row", alice), permit) == says(c::Errc::tampered));
  for (const std::size_t byte : {3U, 4U, 5U}) {  // the generation of the key
    c::Bytes changed = row;
    changed[byte] ^= std::byte{2};
    const std::size_t before = cipher_calls();
    CHECK(whole(stored<&Profile::picture>(place, changed), first.stream, permit) == says(c::Errc::unknown_key));
    CHECK(cipher_calls() == before);
  }
  World other('s');
  const auto stranger = other.person("alice");
  CHECK(whole(stored<&Profile::picture>(other.row<Profile>("row", stranger), row), first.stream,
              other.permit<AccountService>(stranger)) == says(c::Errc::tampered));
  CHECK(whole(first.field, first.stream, other.permit<AccountService>(stranger)) == says(c::Errc::wrong_ring));
}

TEST_CASE("fields of one record, and from grade4 the version, are told apart") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<MessageDelivery>(person);
  const auto place = world.row<Letter>("row", person, 1);
  const auto file = sealed<&Letter::file>(place, "file");
  const auto preview = sealed<&Letter::preview>(place, "view");
  CHECK(whole(file.field, preview.stream, permit) == says(c::Errc::tampered));
  CHECK(whole(stored<&Letter::preview>(place, *c::at_rest::blob(file.field)), file.stream, permit) ==
        says(c::Errc::tampered));
  const auto later = world.row<Letter>("row", person, 2);
  CHECK(whole(stored<&Letter::file>(later, *c::at_rest::blob(file.field)), file.stream, permit) ==
        says(c::Errc::tampered));
  File renewed = file.field;  // an update of the record: the field is sealed again, the stream stays as it is
  REQUIRE(c::bind<&Letter::file>(later, renewed));
  CHECK(whole(stored<&Letter::file>(later, *c::at_rest::blob(renewed)), file.stream, permit) == "file");
}

TEST_CASE("a picture is passed on by its field alone") {
  World world;
  const auto alice = world.person("alice");
  const auto bob = world.person("bob");
  const auto members = std::vector<c::Subject>{alice, bob};
  const auto talk = *world.ring().converse(members);
  const auto handles = std::vector<c::Handle>{alice.handle(), bob.handle()};
  const auto place = std::move(*world.ring().binding<Post>("m1", talk, handles));
  const auto mine = sealed<&Letter::file>(world.row<Letter>("row", alice), "holiday");
  File passed = mine.field;
  REQUIRE(c::rebind<&Post::file>(world.permit<MessageDelivery>(alice), place, passed));
  CHECK(whole(passed, mine.stream, world.permit<MessageDelivery>(bob)) == "holiday");
  CHECK(whole(mine.field, mine.stream, world.permit<MessageDelivery>(bob)) == says(c::Errc::wrong_subject));
  const auto stays = std::vector<c::Subject>{alice};
  REQUIRE(world.ring().regroup(talk, stays));
  CHECK(whole(passed, mine.stream, world.permit<MessageDelivery>(bob)) == says(c::Errc::destroyed));
  CHECK(whole(passed, mine.stream, world.permit<MessageDelivery>(alice)) == "holiday");
}

TEST_CASE("no changed, missing or moved part of a stream passes") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto place = world.row<Profile>("row", person);
  const auto small = sealed<&Profile::picture>(place, "small");
  for (std::size_t bit = 0; bit != small.stream.size() * 8; ++bit) {
    c::Bytes changed = small.stream;
    changed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    CAPTURE(bit);
    const auto wanted = bit / 8 == 0 || (bit / 8 > 1 && bit / 8 < 6) ? c::Errc::malformed
                        : bit / 8 == 1                               ? c::Errc::suite_unavailable
                                                                     : c::Errc::tampered;
    CHECK(whole(small.field, changed, permit) == says(wanted));
    CHECK(world.witness.last().reason == wanted);
    CHECK_FALSE(world.witness.last().granted);
  }
  for (std::size_t size = 0; size != small.stream.size(); ++size) {
    CHECK(whole(small.field, c::ByteView(small.stream).first(size), permit) == says(c::Errc::truncated));
  }
  c::Bytes envelope = small.stream;  // another format is told before its suite is looked at
  envelope[0] = std::byte{0xC1};
  envelope[1] = std::byte{2};
  CHECK(whole(small.field, envelope, permit) == says(c::Errc::malformed));
  c::Bytes longer = small.stream;
  longer.push_back(std::byte{0});
  CHECK(whole(small.field, longer, permit) == says(c::Errc::tampered));

  const std::string text = words(3 * kib64 + 9);
  const auto made = sealed<&Profile::picture>(place, text);
  const auto twin = sealed<&Profile::picture>(place, text);
  const auto at = [](auto& of, std::size_t i) { return of.begin() + static_cast<std::ptrdiff_t>(70 + i * chunk); };
  c::Bytes changed = made.stream;
  std::swap_ranges(at(changed, 0), at(changed, 1), at(changed, 1));
  CHECK(whole(made.field, changed, permit) == says(c::Errc::tampered));
  changed = made.stream;
  std::copy(at(made.stream, 1), at(made.stream, 2), at(changed, 2));
  CHECK(same(whole(made.field, changed, permit), text.substr(0, 2 * kib64) + says(c::Errc::tampered)));
  changed = made.stream;
  std::copy(at(twin.stream, 2), at(twin.stream, 3), at(changed, 2));
  CHECK(same(whole(made.field, changed, permit), text.substr(0, 2 * kib64) + says(c::Errc::tampered)));
  changed = made.stream;
  changed.erase(at(changed, 3), changed.end());
  CHECK(whole(made.field, changed, permit) == says(c::Errc::truncated));
  changed = made.stream;
  changed.erase(at(changed, 1), at(changed, 2));
  CHECK(whole(made.field, changed, permit) == says(c::Errc::truncated));
  // What a range touches is all that it vouches for; the length is known from the field.
  changed = made.stream;
  *at(changed, 1) ^= std::byte{1};
  c::BytesSource source(changed);
  const auto view = c::open_stream(made.field, source);
  CHECK(same(given(view.range(0, kib64), permit), text.substr(0, kib64)));
  CHECK(same(given(view.range(0, kib64 + 1), permit), text.substr(0, kib64) + says(c::Errc::tampered)));
  CHECK(same(given(view.range(2 * kib64, 100), permit), text.substr(2 * kib64, 100)));
}

TEST_CASE("each look at a stream is one line of evidence; one that fails later is two") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<MessageDelivery>(person);
  const auto made = sealed<&Letter::file>(world.row<Letter>("row", person), words(2 * kib64));
  c::BytesSource source(made.stream);
  const auto view = c::open_stream(made.field, source);
  std::size_t lines = world.witness.size();
  CHECK(given(view.range(5, 10), permit).size() == 10);
  CHECK(world.witness.size() == ++lines);
  const auto line = world.witness.last();
  CHECK(line.verb == c::Verb::release);
  CHECK(line.granted);
  CHECK(line.subject == person.handle());
  CHECK(line.purpose + "/" + line.role + "/" + line.actor + "/" + line.record + "/" + line.field + "/" + line.place ==
        "message.delivery/api/tester/letter/file/download");
  c::Bytes changed = made.stream;
  changed[70 + chunk] ^= std::byte{1};
  CHECK(whole(made.field, changed, permit).size() == kib64 + says(c::Errc::tampered).size());
  CHECK(world.witness.size() == (lines += 2));
  const auto refused = world.witness.last();
  CHECK_FALSE(refused.granted);
  CHECK(refused.reason == c::Errc::tampered);
  CHECK(refused.subject == person.handle());
  CHECK(refused.purpose + "/" + refused.role + "/" + refused.actor + "/" + refused.record + "/" + refused.field + "/" +
            refused.place ==
        "message.delivery/api/tester/letter/file/download");
  world.witness.failing = true;
  CHECK(given(view, permit) == says(c::Errc::evidence_unwritable));
  world.witness.failing = false;
  world.clock.advance(c::minutes(6));
  CHECK(given(view, permit) == says(c::Errc::permit_expired));
  CHECK_FALSE(world.witness.last().granted);
}

TEST_CASE("staff reads no attachment of a message, and a low role none of grade4") {
  World world;
  const auto person = world.person("u1");
  const auto made = sealed<&Profile::picture>(world.row<Profile>("row", person), "me");
  CHECK(whole(made.field, made.stream, world.permit<CustomerSupport>(person, support)) == "me");
  constexpr const c::Role& reader = c::role<"reader", c::RoleKind::staff, c::Level::core, MessageDelivery>;
  constexpr const c::Role& low = c::role<"low", c::RoleKind::service, c::Level::grade3, MessageDelivery>;
  const auto letter = sealed<&Letter::file>(world.row<Letter>("row", person), "you");
  CHECK(whole(letter.field, letter.stream, world.permit<MessageDelivery>(person, reader)) ==
        says(c::Errc::role_lacks_purpose));
  CHECK(whole(letter.field, letter.stream, world.permit<MessageDelivery>(person, low)) ==
        says(c::Errc::clearance_too_low));
}

TEST_CASE("a long release ends with its permit") {
  World world;
  const auto person = world.person("u1");
  const auto place = world.row<Letter>("row", person);
  const std::string text = words(4 * kib64);
  const auto made = sealed<&Letter::file>(place, text);
  c::BytesSource source(made.stream);
  const auto view = c::open_stream(made.field, source);
  const auto during = [&](auto&& what) {
    const auto permit = world.permit<MessageDelivery>(person);
    int parts = 0;
    auto done = view.release(permit, c::sink<MessageDelivery, "slow", c::Level::core>([&](std::span<const std::byte>) {
                               if (++parts == 2) what();
                             }));
    CHECK(parts == 2);
    return failure(done);
  };
  CHECK(during([&] { static_cast<void>(world.ring().withdraw(person)); }) == code(c::Errc::permit_withdrawn));
  CHECK(world.witness.last().reason == c::Errc::permit_withdrawn);
  CHECK(during([&] { world.ring().policy_changed(); }) == code(c::Errc::permit_outdated));
  CHECK(during([&] { world.clock.advance(c::minutes(6)); }) == code(c::Errc::permit_expired));
  const auto bystander = world.person("u2");
  {
    const auto both = std::vector<c::Subject>{person, bystander};
    auto permit = world.ring().permit<MessageDelivery>(both, {&service, "tester"}, world.clock.now() + c::minutes(5));
    REQUIRE(permit);
    std::string out;
    auto done =
        view.release(*permit, c::sink<MessageDelivery, "slow", c::Level::core>([&](std::span<const std::byte> one) {
          out += c::as_text(one);
          static_cast<void>(world.ring().withdraw(bystander));  // not whose stream it is
        }));
    CHECK(done);
    CHECK(same(out, text));
  }
  std::thread eraser;
  std::atomic<bool> erased{false};
  CHECK(during([&] {
          eraser = std::thread([&] { erased = world.ring().erase(person).has_value(); });
          while (world.ring().find("u1")) std::this_thread::yield();
          CHECK_FALSE(erased);  // it waits for us
        }) == code(c::Errc::destroyed));
  eraser.join();
  CHECK(erased);
  const auto again = world.person("u3");
  const auto theirs = sealed<&Letter::file>(world.row<Letter>("row", again), text);
  c::BytesSource other(theirs.stream);
  const auto permit = world.permit<MessageDelivery>(again);
  int parts = 0;
  CHECK(failure(c::open_stream(theirs.field, other)
                    .release(permit, c::sink<MessageDelivery, "slow", c::Level::core>([&](std::span<const std::byte>) {
                               if (++parts == 1) world.close();
                             }))) == code(c::Errc::ring_closed));
  CHECK(parts == 1);
}

TEST_CASE("an erased person's streams are noise") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<MessageDelivery>(person);
  const auto made = sealed<&Letter::file>(world.row<Letter>("row", person), "gone");
  c::Bytes late;
  auto target = into(late);
  auto sealer = c::seal_stream<&Letter::file>(world.row<Letter>("row", person), target);
  REQUIRE(sealer);
  REQUIRE(world.ring().erase(person));
  CHECK(whole(made.field, made.stream, permit) == says(c::Errc::destroyed));
  CHECK(failure(sealer->finish()) == code(c::Errc::destroyed));
}

TEST_CASE("a sink ends a release by false or an error, and is called once for nothing") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto place = world.row<Profile>("row", person);
  const auto made = sealed<&Profile::picture>(place, words(3 * kib64));
  c::BytesSource source(made.stream);
  const auto view = c::open_stream(made.field, source);
  int parts = 0;
  const auto lines = world.witness.size();
  auto told =
      view.release(permit, c::sink<AccountService, "s">([&](std::span<const std::byte>) { return ++parts != 2; }));
  REQUIRE(told);
  CHECK_FALSE(*told);
  CHECK(parts == 2);
  told = view.release(permit, c::sink<AccountService, "s">([&](std::span<const std::byte>) { return ++parts != 2; }));
  CHECK((told && *told && parts == 5));
  parts = 0;
  CHECK(failure(view.release(permit, c::sink<AccountService, "s">([&](std::span<const std::byte>) {
                               return ++parts == 2 ? c::Result<void>(c::Errc::disk_full) : c::Result<void>();
                             }))) == code(c::Errc::disk_full));
  CHECK(parts == 2);
  CHECK(world.witness.size() == lines + 3);  // the sink's own no is no refusal
  const auto empty = sealed<&Profile::picture>(place, "");
  c::BytesSource nothing(empty.stream);
  parts = 0;
  CHECK(c::open_stream(empty.field, nothing)
            .release(permit, c::sink<AccountService, "s">([&](std::span<const std::byte> part) {
                       CHECK(part.empty());
                       ++parts;
                     })));
  CHECK(parts == 1);
}

TEST_CASE("memory is constant, and what was plain in it is wiped") {
  World world;
  const auto person = world.person("u1");
  const auto permit = world.permit<MessageDelivery>(person);
  const auto place = world.row<Letter>("row", person);
  constexpr std::string_view canary = "a photograph of the canary";
  std::size_t taken[3][2];
  for (const std::size_t round : {0U, 1U, 2U}) {
    const std::size_t copies = round == 2 ? 60'000 : 4'000;  // the first derives keys; then 2 chunks, 24 chunks
    c::Bytes stream;
    stream.reserve(c::stream_size(copies * canary.size()));
    File field;
    bool good = true;
    std::size_t sealing = 0;
    std::size_t reading = 0;
    const MemoryWatch watch(canary);
    {
      auto target = into(stream);
      auto sealer = c::seal_stream<&Letter::file>(place, target);
      for (std::size_t i = 0; i != copies; ++i) good = sealer->write(c::as_bytes(canary)).has_value() && good;
      sealing = watch.live_dirty();
      field = std::move(*sealer->finish());
    }
    taken[round][0] = watch.allocations();
    CHECK(good);
    CHECK(sealing == 1);  // the control: its own chunk
    c::BytesSource source(stream);
    std::size_t got = 0;
    auto sink = c::sink<MessageDelivery, "s", c::Level::core>([&](std::span<const std::byte> part) {
      if (got == 0) reading = watch.live_dirty();
      got += part.size();
    });
    taken[round][1] = ~std::size_t{0};
    for (int again = 0; again != 3; ++again) {  // the smallest: now and then the notebook of the evidence grows
      got = 0;
      const std::size_t before = watch.allocations();
      good = c::open_stream(field, source).release(permit, sink).has_value() && good;
      taken[round][1] = std::min(taken[round][1], watch.allocations() - before);
    }
    CHECK(good);
    CHECK(got == copies * canary.size());
    CHECK(reading == 1);
    CHECK(watch.live_dirty() == 0);
    CHECK(watch.freed_dirty() == 0);
    // cut short in the middle: wiped all the same
    stream[70 + chunk + 9] ^= std::byte{1};
    c::BytesSource broken(stream);
    CHECK(failure(c::open_stream(field, broken)
                      .release(permit, c::sink<MessageDelivery, "s", c::Level::core>(
                                           [](std::span<const std::byte>) {}))) == code(c::Errc::tampered));
    CHECK(watch.live_dirty() == 0);
    CHECK(watch.freed_dirty() == 0);
  }
  CHECK(taken[1][0] == taken[2][0]);
  CHECK(taken[1][1] == taken[2][1]);
}
