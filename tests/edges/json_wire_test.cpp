// SPDX-License-Identifier: Apache-2.0
#include <custody/edges/json_at_rest.hpp>
#include <custody/edges/json_wire.hpp>

#include <limits>

#include "world.hpp"

using namespace edges_test;
using nlohmann::json;

// Without the permit of the purpose, a declared purpose and a channel that is fit, there is no such call.
namespace channels {
struct Undeclared {};
struct NoTransport {
  static constexpr Protection custody_protection{Level::grade4, "bare"};
};
struct OddTransport {
  static constexpr Transport custody_transport = static_cast<Transport>(3);
  static constexpr Protection custody_protection{Level::grade4, "odd"};
};
struct Nameless {
  static constexpr Transport custody_transport = Transport::tls;
  static constexpr Protection custody_protection{Level::grade4, ""};
};
struct OddLevel {
  static constexpr Transport custody_transport = Transport::tls;
  static constexpr Protection custody_protection{static_cast<Level>(7), "odd"};
};
struct ByHand {
  static constexpr Transport custody_transport = Transport::local;
  static constexpr Protection custody_protection{Level::grade3, "by-hand"};
};
}  // namespace channels
using namespace channels;

template <class Tag, class Field, class PermitType, class ChannelType>
concept Writes =
    requires(json j, const Field f, const PermitType& p, ChannelType& c) { wire::write<Tag>(j, "k", f, p, c); };
using Phone = decltype(Account::phone);
using IdNumber = decltype(Account::id_number);
static_assert(Writes<Service, Phone, Permit<Service>, Peer>);
static_assert(Writes<Service, Phone, Permit<Service>, const Peer>);
static_assert(Writes<Service, Phone, Permit<Service>, ByHand>);
static_assert(Writes<Push, Phone, Permit<Push>, Peer>);
static_assert(!Writes<RealName, Phone, Permit<RealName>, Peer>);  // P1
static_assert(!Writes<Push, Phone, Permit<Service>, Peer>);       // P6
static_assert(!Writes<Service, Phone, int, Peer>);
static_assert(!Writes<Service, Phone, Permit<Service>, Undeclared>);  // S5
static_assert(!Writes<Service, Phone, Permit<Service>, NoTransport>);
static_assert(!Writes<Service, Phone, Permit<Service>, OddTransport>);
static_assert(!Writes<Service, Phone, Permit<Service>, Nameless>);
static_assert(!Writes<Service, Phone, Permit<Service>, OddLevel>);
static_assert(!Writes<Service, Phone, Permit<Service>, Lan>);  // L2: grade3 into grade2
static_assert(Writes<RealName, IdNumber, Permit<RealName>, Peer>);
static_assert(!Writes<RealName, IdNumber, Permit<RealName>, ByHand>);
static_assert(!Writes<Service, std::string, Permit<Service>, Peer>);
template <class Tag, class Json, class Field, class... Given>
concept WritesWith =
    requires(Json& j, const Field& f, const Given&... given) { wire::write<Tag>(j, "k", f, given...); };
static_assert(WritesWith<Service, json, Phone, Permit<Service>, Peer>);
static_assert(WritesWith<Service, nlohmann::ordered_json, Phone, Permit<Service>, Peer>);
static_assert(!WritesWith<Service, const json, Phone, Permit<Service>, Peer>);
static_assert(!WritesWith<Service, json, Phone>);
static_assert(!WritesWith<Service, json, Phone, Peer>);             // P6
static_assert(!WritesWith<Push, json, Phone, Peer>);                // C1
static_assert(!WritesWith<Service, json, Phone, Permit<Service>>);  // S5
static_assert(!WritesWith<Service, json, decltype(Secret::password), Permit<Service>, Peer>);  // O16
template <class Tag, class Field, class Json = json>
concept ReadsFor = requires(Json& j, Field& f) { wire::read<Tag>(j, "k", f); };
static_assert(ReadsFor<Push, Phone> && ReadsFor<Service, Phone>);
static_assert(!ReadsFor<RealName, Phone>);  // P1
static_assert(ReadsFor<Service, decltype(Secret::password)>);
static_assert(!ReadsFor<Service, Phone, const json> && !ReadsFor<Service, std::string>);
static_assert(DeclaresChannel<Peer> && DeclaresChannel<ByHand> && !DeclaresChannel<Undeclared>);

TEST_CASE("a field goes over the wire and comes back, whatever it holds", "[edges][wire]") {
  World w;
  const auto permit = w.permit<Service>(w.alice);
  for (const std::string& text : naughty()) {
    Account a;
    a.phone = text;
    REQUIRE(custody::bind<&Account::phone>(w.place(), a.phone));
    json object;
    REQUIRE(wire::write<Service>(object, "phone", a.phone, permit, Peer{}));
    REQUIRE(object["phone"].is_string());
    CHECK(object["phone"].get_ref<const std::string&>() == text);
    json received = json::parse(object.dump(), nullptr, false);
    REQUIRE(!received.is_discarded());
    Account b;
    REQUIRE(wire::read<Service>(received, "phone", b.phone));
    CHECK(b.phone.empty() == text.empty());
    CHECK(received["phone"] == "");
    REQUIRE(custody::bind<&Account::phone>(w.place(), b.phone));
    CHECK(w.seen(permit, b.phone) == text);
  }
}

TEST_CASE("every payload type crosses the wire", "[edges][wire]") {
  World w;
  const auto permit = w.permit<Service>(w.alice);
  Account a;
  a.birthday = 19731021;
  a.contacts = std::vector<std::string>{"bob", "消"};
  a.avatar = std::vector<std::byte>{std::byte{0}, std::byte{255}};
  a.bio = std::string("hello");
  a.mood = Mood::merry;
  a.height = 1.75;
  a.married = true;
  REQUIRE(bind_all(w.place(), a));
  json object;
  const Peer peer;
  REQUIRE(wire::write<Service>(object, "birthday", a.birthday, permit, peer));
  REQUIRE(wire::write<Service>(object, "contacts", a.contacts, permit, peer));
  REQUIRE(wire::write<Service>(object, "avatar", a.avatar, permit, peer));
  REQUIRE(wire::write<Service>(object, "bio", a.bio, permit, peer));
  REQUIRE(wire::write<Service>(object, "mood", a.mood, permit, peer));
  REQUIRE(wire::write<Service>(object, "height", a.height, permit, peer));
  REQUIRE(wire::write<Service>(object, "married", a.married, permit, peer));
  const std::string sent =
      R"({"avatar":"AP8","bio":"hello","birthday":19731021,"contacts":["bob","消"],"height":1.75,"married":true,"mood":2})";
  CHECK(object.dump() == sent);

  Account b;
  REQUIRE(wire::read<Service>(object, "birthday", b.birthday));
  REQUIRE(wire::read<Service>(object, "contacts", b.contacts));
  REQUIRE(wire::read<Service>(object, "avatar", b.avatar));
  REQUIRE(wire::read<Service>(object, "bio", b.bio));
  REQUIRE(wire::read<Service>(object, "mood", b.mood));
  REQUIRE(wire::read<Service>(object, "height", b.height));
  REQUIRE(wire::read<Service>(object, "married", b.married));
  CHECK(object.dump() ==
        R"({"avatar":"","bio":"","birthday":0,"contacts":["",""],"height":0.0,"married":false,"mood":0})");
  REQUIRE(bind_all(w.place(), b));
  json again;
  REQUIRE(wire::write<Service>(again, "birthday", b.birthday, permit, peer));
  REQUIRE(wire::write<Service>(again, "contacts", b.contacts, permit, peer));
  REQUIRE(wire::write<Service>(again, "avatar", b.avatar, permit, peer));
  REQUIRE(wire::write<Service>(again, "bio", b.bio, permit, peer));
  REQUIRE(wire::write<Service>(again, "mood", b.mood, permit, peer));
  REQUIRE(wire::write<Service>(again, "height", b.height, permit, peer));
  REQUIRE(wire::write<Service>(again, "married", b.married, permit, peer));
  CHECK(again.dump() == sent);
  wire::wipe(again);
  CHECK(again["contacts"] == json({"", ""}));
}

TEST_CASE("each wire write is on record, with its channel", "[edges][wire]") {
  World w;
  Account a;
  a.phone = "15400059572";
  REQUIRE(custody::bind<&Account::phone>(w.place(), a.phone));
  const auto permit = w.permit<Push>(w.alice);
  w.book.lines.clear();
  json object;
  REQUIRE(wire::write<Push>(object, "phone", a.phone, permit, Peer{}));
  REQUIRE(w.book.lines.size() == 1);
  const auto& line = w.book.lines.front();
  CHECK((line.verb == Verb::provide && line.granted));
  CHECK((line.purpose == "push.personalised" && line.field == "phone" && line.place == "peer-link"));
  bool listed = false;
  for (const auto* one = detail::outlets(); one != nullptr; one = one->next) {
    listed = listed || (std::string_view(one->kind) == "channel" && std::string_view(one->name) == "peer-link" &&
                        std::string_view(one->purpose) == "push.personalised" && one->highest == Level::grade4);
  }
  CHECK(listed);
}

TEST_CASE("a refused wire write leaves the object alone", "[edges][wire]") {
  World w;
  Account a;
  a.phone = "15400059572";
  const auto permit = w.permit<Service>(w.alice);
  json object = {{"phone", "older"}};
  const auto refused = [&](const auto& field, const auto& with, Errc expected) {
    const auto done = wire::write<Service>(object, "phone", field, with, Peer{});
    REQUIRE(!done);
    CHECK(text(done.error().code) == std::string_view(text(expected)));
    CHECK(object.dump() == R"({"phone":"older"})");
  };
  refused(a.phone, permit, Errc::not_bound);
  REQUIRE(custody::bind<&Account::phone>(w.place(), a.phone));
  refused(a.phone, w.permit<Service>(w.bob), Errc::wrong_subject);
  Account huge;
  huge.phone = std::string(largest_value + 1, 'x');
  refused(huge.phone, permit, Errc::too_large);
  Account latin;
  latin.phone = "J\xfcrgen";  // json cannot hold it, dump() would throw
  REQUIRE(custody::bind<&Account::phone>(w.place(), latin.phone));
  refused(latin.phone, permit, Errc::malformed);
  Account endless;
  endless.height = std::numeric_limits<double>::infinity();
  REQUIRE(custody::bind<&Account::height>(w.place(), endless.height));
  refused(endless.height, permit, Errc::malformed);
  w.book.broken = true;
  refused(a.phone, permit, Errc::evidence_unwritable);
  w.book.broken = false;
  w.clock.advance(minutes(6));
  refused(a.phone, permit, Errc::permit_expired);
  const auto fresh = w.permit<Service>(w.alice);
  REQUIRE(w.ring->withdraw(w.alice));
  refused(a.phone, fresh, Errc::permit_withdrawn);
  const auto last = w.permit<Service>(w.alice);
  for (json wrong : {json::array(), json("text")}) {
    CHECK(wire::write<Service>(wrong, "phone", a.phone, last, Peer{}).error() == Errc::malformed);
  }
  REQUIRE(w.ring->erase(w.alice));
  refused(a.phone, last, Errc::destroyed);
}

TEST_CASE("null and missing on the wire", "[edges][wire]") {
  World w;
  const auto permit = w.permit<Service>(w.alice);
  Account a;
  json object;
  REQUIRE(wire::write<Service>(object, "phone", a.phone, permit, Peer{}));
  CHECK(object.dump() == R"({"phone":null})");
  a.phone = "before";
  CHECK(wire::read<Service>(object, "mail", a.phone).error() == Errc::not_found);
  CHECK(a.phone.has_value());
  REQUIRE(wire::read<Service>(object, "phone", a.phone));
  CHECK(!a.phone.has_value());
}

TEST_CASE("a peer's text that looks like an envelope stays a text", "[edges][wire]") {
  World w;
  const auto permit = w.permit<Service>(w.alice);
  Account bob;
  bob.phone = "bob's number";
  REQUIRE(custody::bind<&Account::phone>(w.place(), bob.phone));
  const std::string stolen = *at_rest::text(bob.phone);
  json received = {{"phone", stolen}};
  Account a;
  REQUIRE(wire::read<Service>(received, "phone", a.phone));
  REQUIRE(custody::bind<&Account::phone>(w.place(), a.phone));
  CHECK(w.seen(permit, a.phone) == stolen);
  CHECK(*at_rest::text(a.phone) != stolen);
}

TEST_CASE("a hostile message is an error and changes nothing", "[edges][wire]") {
  World w;
  for (const char* document :
       {R"({"phone":1})", R"({"phone":true})", R"({"phone":["a"]})", R"({"phone":{"phone":"a"}})", R"(["phone"])",
        R"("phone")", "7", "null", "{\"phone\":"}) {
    INFO(document);
    json received = json::parse(document, nullptr, false);
    const bool valid = !received.is_discarded();
    Account a;
    a.phone = "before";
    CHECK(wire::read<Service>(received, "phone", a.phone).error() == Errc::malformed);
    if (valid) CHECK(received == json::parse(document, nullptr, false));
    REQUIRE(custody::bind<&Account::phone>(w.place(), a.phone));
    CHECK(w.seen(w.permit<Service>(w.alice), a.phone) == "before");
  }
  Account a;
  json wrong =
      json::parse(R"({"birthday":3000000000,"contacts":["a",{}],"avatar":"*","married":0,"mood":"x","bio":7})");
  const json before = wrong;
  CHECK(wire::read<Service>(wrong, "birthday", a.birthday).error() == Errc::malformed);
  CHECK(wire::read<Service>(wrong, "contacts", a.contacts).error() == Errc::malformed);
  CHECK(wire::read<Service>(wrong, "avatar", a.avatar).error() == Errc::malformed);
  CHECK(wire::read<Service>(wrong, "married", a.married).error() == Errc::malformed);
  CHECK(wire::read<Service>(wrong, "mood", a.mood).error() == Errc::malformed);
  CHECK(wire::read<Service>(wrong, "bio", a.bio).error() == Errc::malformed);
  CHECK(wrong == before);
  CHECK(!a.contacts.has_value());
  json huge = {{"phone", std::string(largest_value + 1, 'x')}};
  a.phone = "before";
  CHECK(wire::read<Service>(huge, "phone", a.phone).error() == Errc::too_large);
  CHECK(a.phone.has_value());
}

TEST_CASE("reading wipes the json's own copy and nothing else", "[edges][wire]") {
  json received = json::parse(R"({"phone":"13800138000 and a lot more text","mail":"kept","n":[1]})", nullptr, false);
  const std::string& text = received["phone"].get_ref<const std::string&>();
  const char* const where = text.data();
  const std::size_t length = text.size();
  Account a;
  REQUIRE(wire::read<Service>(received, "phone", a.phone));
  CHECK(std::string_view(where, length) == std::string(length, '\0'));
  CHECK(received.dump() == R"({"mail":"kept","n":[1],"phone":""})");
}

TEST_CASE("a password comes in over the wire and stays a verifier", "[edges][wire]") {
  World w;
  const auto permit = w.permit<Service>(w.alice);
  const Binding place = w.place<Secret>();
  json received = {{"password", "correct horse"}};
  Secret a;
  REQUIRE(wire::read<Service>(received, "password", a.password));
  CHECK(received["password"] == "");
  REQUIRE(custody::bind<&Secret::password>(place, a.password));
  json stored;
  REQUIRE(at_rest::write_record(stored, a));
  Secret b;
  REQUIRE(at_rest::read_record(stored, place, b));
  CHECK(*b.password.matches(permit, "correct horse"));
  CHECK(!*b.password.matches(permit, "wrong horse"));
}
