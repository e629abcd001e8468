// SPDX-License-Identifier: Apache-2.0
#include <custody/edges/json_at_rest.hpp>

#include "world.hpp"

using namespace edges_test;
using nlohmann::json;

// The implicit road is closed: every field of every road is a call.
static_assert(!std::is_assignable_v<Personal<std::string, Service>&, json>);
static_assert(!std::is_assignable_v<Personal<std::string, Service>&, json&>);
static_assert(!std::is_assignable_v<Classified<std::string, Level::grade4>&, const json&>);
#if !defined(__clang__) || __clang_major__ >= 19  // before, nlohmann's conversion looks viable until it is instantiated
static_assert(!std::is_convertible_v<json, Personal<std::string, Service>>);
static_assert(!std::is_convertible_v<nlohmann::ordered_json, Personal<std::int64_t, Service>>);
static_assert(!std::is_constructible_v<Personal<std::string, Service>, json>);
#endif

template <class Other>
concept ReadsPhoneInto =
    requires(const json& j, const Binding& b, Other& other) { at_rest::read<&Account::phone>(j, "phone", b, other); };
static_assert(ReadsPhoneInto<decltype(Account::phone)>);
static_assert(!ReadsPhoneInto<decltype(Account::email)>);
static_assert(!ReadsPhoneInto<std::string>);
template <class Value, class Json = json>
concept WritesAtRest = requires(Json& j, const Value& value) { at_rest::write(j, "k", value); };
static_assert(WritesAtRest<decltype(Account::phone)> && WritesAtRest<decltype(Account::phone), nlohmann::ordered_json>);
static_assert(!WritesAtRest<std::string> && !WritesAtRest<Public<std::string>>);
static_assert(!WritesAtRest<decltype(Account::phone), const json> &&
              !WritesAtRest<decltype(Account::phone), std::string>);

static_assert(detail::member_name<&Account::uid>() == "uid");
static_assert(detail::member_name<&Account::nickname>() == "nickname");

struct SameKey : Retained<keep_for<calendar_days(1)>> {
  Public<std::string> phone;
  Personal<std::string, Service> other;
  using custody_fields =
      Fields<record<"same_key", 9>, key<&SameKey::phone>, field<1, "phone", &SameKey::other, Category::phone>>;
};
static_assert(!detail::keys_differ<SameKey>());
static_assert(detail::keys_differ<Account>());

namespace {

Account full(World& w, const Binding& place) {
  static_cast<void>(w);
  Account a;
  a.uid = "alice";
  a.created = 1'700'000'000;
  a.labels = std::vector<std::string>{"x", "y"};
  a.nickname = "小李";
  a.phone = "15400059572";
  a.email = "";
  a.id_number = "459999197310212864";
  a.birthday = 19731021;
  a.contacts = std::vector<std::string>{"bob", ""};
  a.avatar = std::vector<std::byte>{std::byte{0}, std::byte{255}};
  a.mood = Mood::merry;
  a.height = 1.75;
  a.married = true;
  REQUIRE(bind_all(place, a));
  return a;
}

}  // namespace

TEST_CASE("a field at rest comes back, whatever it holds", "[edges][at_rest]") {
  World w;
  const auto permit = w.permit<Service>(w.alice);
  for (const std::string& text : naughty()) {
    const Binding place = w.place();
    Account a;
    a.phone = text;
    REQUIRE(custody::bind<&Account::phone>(place, a.phone));
    json object;
    REQUIRE(at_rest::write(object, "phone", a.phone));
    const std::string dumped = object.dump();
    CHECK(dumped.starts_with("{\"phone\":\"~c1."));
    if (text.size() > 4 && !text.starts_with("~c1.")) CHECK(dumped.find(text) == std::string::npos);
    const json back = json::parse(dumped, nullptr, false);
    Account b;
    REQUIRE(at_rest::read<&Account::phone>(back, "phone", place, b.phone));
    CHECK(b.phone.has_value());
    CHECK(b.phone.empty() == text.empty());
    CHECK(w.seen(permit, b.phone) == text);
    json again;
    REQUIRE(at_rest::write(again, "phone", b.phone));
    CHECK(again.dump() == dumped);  // byte-stable when untouched
  }
}

TEST_CASE("null, empty and missing are three things", "[edges][at_rest]") {
  World w;
  const Binding place = w.place();
  Account a;
  json object = {{"kept", 1}};
  REQUIRE(at_rest::write(object, "phone", a.phone));
  CHECK(object.dump() == R"({"kept":1,"phone":null})");
  a.phone = "";
  REQUIRE(custody::bind<&Account::phone>(place, a.phone));
  REQUIRE(at_rest::write(object, "empty", a.phone));
  CHECK(object["empty"].is_string());

  Account b;
  b.phone = "before";
  REQUIRE(at_rest::read<&Account::phone>(object, "empty", place, b.phone));
  CHECK((b.phone.has_value() && b.phone.empty()));
  REQUIRE(at_rest::read<&Account::phone>(object, "phone", place, b.phone));
  CHECK(!b.phone.has_value());
  b.phone = "before";
  const auto missing = at_rest::read<&Account::phone>(object, "nothing", place, b.phone);
  CHECK(missing.error() == Errc::not_found);
  CHECK(missing.error().where == std::string_view("phone"));
  CHECK(b.phone.has_value());
}

TEST_CASE("what is not bound is not written", "[edges][at_rest]") {
  World w;
  Account a;
  a.phone = "15400059572";
  json object = {{"phone", "older"}};
  CHECK(at_rest::write(object, "phone", a.phone).error() == Errc::not_bound);
  a.phone = std::string(largest_value + 1, 'x');
  CHECK(at_rest::write(object, "phone", a.phone).error() == Errc::too_large);
  CHECK(object.dump() == R"({"phone":"older"})");
  a.phone.reset();
  for (json wrong : {json::array(), json("text"), json(1)}) {
    const json before = wrong;
    CHECK(at_rest::write(wrong, "phone", a.phone).error() == Errc::malformed);
    CHECK(wrong == before);
  }
}

TEST_CASE("a hostile document at rest is an error and changes nothing", "[edges][at_rest]") {
  World w;
  const Binding place = w.place();
  Account good;
  good.phone = "15400059572";
  REQUIRE(custody::bind<&Account::phone>(place, good.phone));
  const std::string envelope = *at_rest::text(good.phone);
  std::string transient_text = "~c1.";
  Bytes transient = *base64url_decode(std::string_view(envelope).substr(4));
  transient[0] = std::byte{0xC2};
  transient_text += base64url_encode(transient);
  Bytes suite = *base64url_decode(std::string_view(envelope).substr(4));
  suite[1] = std::byte{77};
  Bytes revision = *base64url_decode(std::string_view(envelope).substr(4));
  revision[2] = std::byte{9};

  const std::vector<std::pair<std::string, Errc>> table{
      {R"({"phone":1})", Errc::malformed},
      {R"({"phone":true})", Errc::malformed},
      {R"({"phone":{"a":"b"}})", Errc::malformed},
      {R"({"phone":["~c1."]})", Errc::malformed},
      {R"({"phone":""})", Errc::malformed},
      {R"({"phone":"15400059572"})", Errc::malformed},
      {R"({"phone":"~c1."})", Errc::truncated},
      {R"({"phone":"~c1.wQ"})", Errc::truncated},
      {R"({"phone":"~c1.!!!!"})", Errc::malformed},
      {"{\"phone\":\"" + envelope + "=\"}", Errc::malformed},
      {"{\"phone\":\"" + envelope.substr(0, 40) + "\"}", Errc::truncated},
      {"{\"phone\":\"" + transient_text + "\"}", Errc::not_bound},
      {"{\"phone\":\"~c1." + base64url_encode(suite) + "\"}", Errc::suite_unavailable},
      {"{\"phone\":\"~c1." + base64url_encode(revision) + "\"}", Errc::unknown_revision},
      {"{\"phone\":\"~c1." + std::string(2'000'000, 'A') + "\"}", Errc::too_large},
      {R"({"Phone":"x"})", Errc::not_found},
      {R"([{"phone":"x"}])", Errc::malformed},
      {R"("phone")", Errc::malformed},
      {"null", Errc::malformed},
      {"{\"phone\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}", Errc::malformed},
      {R"({"phone":"cut)", Errc::malformed},
  };
  for (const auto& [document, expected] : table) {
    INFO(document.substr(0, 60));
    const json parsed = json::parse(document, nullptr, false);
    Account a;
    a.phone = "before";
    const auto done = at_rest::read<&Account::phone>(parsed, "phone", place, a.phone);
    REQUIRE(!done);
    CHECK(text(done.error().code) == std::string_view(text(expected)));
    REQUIRE(custody::bind<&Account::phone>(place, a.phone));
    CHECK(w.seen(w.permit<Service>(w.alice), a.phone) == "before");
  }
  Account a;
  const json twice = json::parse("{\"phone\":\"first\",\"phone\":\"" + envelope + "\"}", nullptr, false);
  CHECK(at_rest::read<&Account::phone>(twice, "phone", place, a.phone));  // the parser keeps the last
  CHECK(at_rest::read<&Account::phone>(twice, "phone", Binding{}, a.phone).error() == Errc::not_bound);
  CHECK(at_rest::read<&Account::phone>(json{{"phone", nullptr}}, "phone", Binding{}, a.phone).error() ==
        Errc::not_bound);
}

TEST_CASE("an envelope that was moved opens nowhere else", "[edges][at_rest]") {
  World w;
  Account a;
  a.phone = "15400059572";
  a.email = "a@example.com";
  REQUIRE(custody::bind<&Account::phone>(w.place(), a.phone));
  REQUIRE(custody::bind<&Account::email>(w.place(), a.email));
  json object;
  REQUIRE(at_rest::write(object, "phone", a.email));  // swapped by an administrator
  REQUIRE(at_rest::write(object, "mail", a.phone));
  REQUIRE(at_rest::write(object, "right", a.phone));
  const auto permit = w.permit<Service>(w.alice);
  Account b;
  REQUIRE(at_rest::read<&Account::phone>(object, "phone", w.place(), b.phone));
  REQUIRE(at_rest::read<&Account::email>(object, "mail", w.place(), b.email));
  CHECK(w.seen(permit, b.phone) == text(Errc::tampered));
  CHECK(w.seen(permit, b.email) == text(Errc::tampered));
  REQUIRE(at_rest::read<&Account::phone>(object, "right", w.place("other row"), b.phone));
  CHECK(w.seen(permit, b.phone) == text(Errc::tampered));
  REQUIRE(at_rest::read<&Account::phone>(object, "right", *w.ring->binding<Account>("row", w.bob), b.phone));
  CHECK(w.seen(w.permit<Service>(w.bob), b.phone) == text(Errc::tampered));
  REQUIRE(at_rest::read<&Account::phone>(object, "right", w.place(), b.phone));
  CHECK(w.seen(permit, b.phone) == "15400059572");
}

TEST_CASE("a whole record goes and comes back", "[edges][at_rest]") {
  World w;
  const Binding place = w.place();
  const Account a = full(w, place);
  json object = {{"foreign", 1}};
  REQUIRE(at_rest::write_record(object, a));
  CHECK(object.size() == 15);
  CHECK(object["uid"] == "alice");
  CHECK(object["created"] == 1'700'000'000);
  CHECK(object["labels"] == json({"x", "y"}));
  CHECK(object["nickname"] == "小李");
  CHECK(object["bio"].is_null());
  for (const char* sealed :
       {"phone", "mail", "id_number", "birthday", "contacts", "avatar", "mood", "height", "married"}) {
    CHECK(object[sealed].get_ref<const std::string&>().starts_with("~c1."));
  }
  CHECK(!object.contains("email"));  // the declared name, not the member's

  Account b;
  b.bio = std::string("goes away");
  REQUIRE(at_rest::read_record(json::parse(object.dump(), nullptr, false), place, b));
  CHECK(b.uid == a.uid);
  CHECK(b.created == 1'700'000'000);
  CHECK(b.labels.get() == a.labels.get());
  CHECK(b.nickname == a.nickname);
  CHECK(!b.bio.has_value());
  CHECK(w.seen(w.permit<Service>(w.alice), b.phone) == "15400059572");
  CHECK(w.seen(w.permit<RealName>(w.alice), b.id_number) == "459999197310212864");
  json again = {{"foreign", 1}};
  REQUIRE(at_rest::write_record(again, b));
  CHECK(again.dump() == object.dump());

  nlohmann::ordered_json ordered;
  REQUIRE(at_rest::write_record(ordered, a));
  Account c;
  REQUIRE(at_rest::read_record(ordered, place, c));
  CHECK(w.seen(w.permit<Service>(w.alice), c.phone) == "15400059572");
}

TEST_CASE("a record is written whole or not at all", "[edges][at_rest]") {
  World w;
  const Binding place = w.place();
  Account a = full(w, place);
  json object = {{"kept", 1}};
  SECTION("one member is transient") {
    a.married = false;
    const auto done = at_rest::write_record(object, a);
    REQUIRE(!done);
    CHECK(done.error() == Errc::not_bound);
  }
  SECTION("one member belongs to another row") {
    Account other;
    other.phone = "1";
    REQUIRE(custody::bind<&Account::phone>(w.place("other"), other.phone));
    a.phone = other.phone;
    const auto done = at_rest::write_record(object, a);
    REQUIRE(!done);
    CHECK(done.error() == Errc::foreign_envelope);
    CHECK(done.error().where != std::string_view());
  }
  SECTION("one member belongs to another field") {
    Personal<std::string, Service> moved = a.email;
    struct Twin : Retained<keep_for<calendar_days(1)>> {
      Personal<std::string, Service> a, b;
      using custody_fields =
          Fields<record<"twin", 7>, field<1, "a", &Twin::a, Category::email>, field<2, "b", &Twin::b, Category::email>>;
    };
    Twin twin;
    const Binding row = *w.ring->binding<Twin>("row", w.alice);
    twin.a = "x";
    REQUIRE(custody::bind<&Twin::a>(row, twin.a));
    twin.b = twin.a;
    CHECK(at_rest::write_record(object, twin).error() == Errc::foreign_envelope);
    twin.b.reset();
    CHECK(at_rest::write_record(object, twin));
    object = {{"kept", 1}};
  }
  SECTION("a public text is no UTF-8") {
    a.uid = "\xff";
    CHECK(at_rest::write_record(object, a).error() == Errc::malformed);
    a.uid = "ok";
    a.nickname = "\xed\xa0\x80";  // a surrogate
    CHECK(at_rest::write_record(object, a).error() == Errc::malformed);
  }
  SECTION("not an object") {
    json list = json::array();
    CHECK(at_rest::write_record(list, a).error() == Errc::malformed);
    CHECK(list.empty());
  }
  CHECK(object.dump() == R"({"kept":1})");
}

TEST_CASE("a record is read whole or not at all", "[edges][at_rest]") {
  World w;
  const Binding place = w.place();
  json object;
  REQUIRE(at_rest::write_record(object, full(w, place)));
  const auto refuses = [&](const char* key, json value, Errc expected) {
    INFO(key);
    json bad = object;
    if (value.is_discarded())
      bad.erase(key);
    else
      bad[key] = std::move(value);
    Account b;
    b.uid = "before";
    b.phone = "before";
    const auto done = at_rest::read_record(bad, place, b);
    REQUIRE(!done);
    CHECK(text(done.error().code) == std::string_view(text(expected)));
    CHECK(b.uid == "before");
    CHECK(b.created == 0);
    REQUIRE(custody::bind<&Account::phone>(place, b.phone));
    CHECK(w.seen(w.permit<Service>(w.alice), b.phone) == "before");
  };
  const json gone(json::value_t::discarded);
  refuses("uid", 5, Errc::malformed);
  refuses("uid", nullptr, Errc::malformed);
  refuses("uid", gone, Errc::not_found);
  refuses("created", "1", Errc::malformed);
  refuses("created", 1.5, Errc::malformed);
  refuses("created", 18446744073709551615ULL, Errc::malformed);
  refuses("labels", json({"x", 1}), Errc::malformed);
  refuses("nickname", json::object(), Errc::malformed);
  refuses("married", true, Errc::malformed);
  refuses("married", gone, Errc::not_found);
  refuses("phone", "15400059572", Errc::malformed);

  json older = object;
  older.erase("married");
  Account b;
  b.married = true;
  REQUIRE(at_rest::read_record(older, place, b, at_rest::Missing::leave));
  CHECK(b.married.has_value());
  CHECK(b.uid == "alice");
  older["phone"] = 1;
  CHECK(at_rest::read_record(older, place, b, at_rest::Missing::leave).error() == Errc::malformed);
  CHECK(at_rest::read_record(json::array(), place, b, at_rest::Missing::leave).error() == Errc::malformed);
  CHECK(at_rest::read_record(object, Binding{}, b).error() == Errc::not_bound);
}
