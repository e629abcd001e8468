// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"
#include "world.hpp"

#include <cmath>

#include <custody/data/incoming_json.hpp>

using namespace custody_test;

namespace {

struct Place : c::Retained<c::account_life, c::erase_within<c::working_days(15)>> {
  c::Personal<std::string, AccountService> text;
  c::Personal<double, AccountService> real;
  c::Personal<bool, AccountService> flag;
  c::Personal<std::uint8_t, AccountService> small;
  c::Personal<std::vector<std::byte>, AccountService> bytes;
  using custody_fields = c::Fields<
      c::record<"place", 20>, c::field<1, "text", &Place::text, c::Category::bio>,
      c::field<2, "real", &Place::real, c::Category::bio>, c::field<3, "flag", &Place::flag, c::Category::bio>,
      c::field<4, "small", &Place::small, c::Category::bio>, c::field<5, "bytes", &Place::bytes, c::Category::bio>>;
};

struct TakenJson {
  World world;
  c::Subject person = world.person("u1");
  c::Permit<AccountService> permit = world.permit<AccountService>(person);
  Place place;

  std::string json(std::string_view body, std::string_view path = "a") {
    place.text.reset();
    auto done = c::take_json(c::Incoming(body), path, place.text);
    if (!done) return std::string("<") + c::text(done.error().code) + ">";
    if (!c::bind<&Place::text>(world.row<Place>("r", person), place.text)) return "<unbound>";
    return released(place.text, permit);
  }
  template <auto Member, class Value>
  Value number(std::string_view body) {
    Value seen{};
    auto& field = place.*Member;
    if (!c::take_json(c::Incoming(body), "n", field)) return seen;
    if (!c::bind<Member>(world.row<Place>("r", person), field)) return seen;
    static_cast<void>(field.release(permit, c::sink<AccountService, "test">([&](Value v) { seen = v; })).has_value());
    return seen;
  }
};
const std::string bad_json = "<the input is malformed>";
const std::string nothing_there = "<not found>";

}  // namespace

TEST_CASE("a dotted path leads to one value of a body") {
  TakenJson t;
  CHECK(t.json(R"({"a":"x"})") == "x");
  CHECK(t.json(R"( {"b":[1,2,{"a":0}],"a" : "x" , "c":null} )") == "x");
  CHECK(t.json(R"({"user":{"phones":["1","2"],"phone":"3"},"phone":"4"})", "user.phone") == "3");
  CHECK(t.json(R"({"user":{"phones":["1","2"]}})", "user.phones.1") == "2");
  CHECK(t.json(R"([[["deep"]]])", "0.0.0") == "deep");
  CHECK(t.json(R"("whole")", "") == "whole");
  CHECK(t.json(R"({"":"empty key"})", ".") == nothing_there);
  CHECK(t.json(R"({"a":""})").empty());
  CHECK(t.place.text.has_value());
  CHECK(t.json(R"({"a.b":"x","a":{"b":"y"}})", "a.b") == "y");
  CHECK(t.json(R"({"\u0061":"by escape"})") == "by escape");
  CHECK(t.json(R"({"a":15400059572})") == "15400059572");
  CHECK(t.json(R"({"a":-0.5e+3})") == "-0.5e+3");
  CHECK(t.json(R"({"a":true})") == "true");
}

TEST_CASE("escapes become UTF-8") {
  TakenJson t;
  CHECK(t.json(R"({"a":"\"\\\/\b\f\n\r\t"})") == "\"\\/\b\f\n\r\t");
  CHECK(t.json(R"({"a":"\u65e0\u5A77 \u00e9 \u0041"})") == "无婷 é A");
  CHECK(t.json(R"({"a":"\ud83d\ude00"})") == "\xF0\x9F\x98\x80");
  CHECK(t.json(R"({"a":"x\u0000y"})") == std::string("x\0y", 3));
  CHECK(t.json("{\"a\":\"\xF0\x9F\x98\x80\x7F\"}") == "\xF0\x9F\x98\x80\x7F");
  CHECK(t.json(R"({"a":"\u07ff\u0800\uffff"})") == "\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF");
}

TEST_CASE("what RFC 8259 does not allow is malformed, wherever it stands") {
  TakenJson t;
  const char* broken[] = {"",
                          " ",
                          "{",
                          "}",
                          "{]",
                          "[}",
                          "nul",
                          "tru",
                          "True",
                          "{\"a\"}",
                          "{\"a\":}",
                          "{\"a\":\"x\",}",
                          "{,}",
                          "{\"a\" \"x\"}",
                          "{a:\"x\"}",
                          "{'a':'x'}",
                          "{\"a\":\"x\"}}",
                          "{\"a\":\"x\"} x",
                          "{\"a\":\"x\"}{}",
                          "[1,]",
                          "[1 2]",
                          "{\"a\":01}",
                          "{\"a\":+1}",
                          "{\"a\":1.}",
                          "{\"a\":.5}",
                          "{\"a\":1e}",
                          "{\"a\":-}",
                          "{\"a\":0x1}",
                          "{\"a\":NaN}",
                          "{\"a\":Infinity}",
                          "{\"a\":\"x}",
                          "{\"a\":\"\t\"}",
                          "{\"a\":\"\n\"}",
                          "{\"a\":\"\\x\"}",
                          "{\"a\":\"\\u12\"}",
                          "{\"a\":\"\\u12g4\"}",
                          "{\"a\":\"\\ud800\"}",
                          "{\"a\":\"\\udc00\"}",
                          "{\"a\":\"\\ud800\\u0041\"}",
                          "{\"a\":\"\\ud800x\"}",
                          "{\"a\":\"\xFF\"}",
                          "{\"a\":\"\xC0\xAF\"}",
                          "{\"a\":\"\xED\xA0\x80\"}",
                          "\xEF\xBB\xBF{\"a\":\"x\"}",
                          "{\"a\":\"x\" /* no */}",
                          "{\"a\":\"x\",\"b\":\"\\q\"}",
                          "{\"a\":\"x\",\"b\":[1,2}",
                          "{\"a\":\"x\",\"b\":01}"};
  for (const char* body : broken) {
    CAPTURE(body);
    CHECK(t.json(body) == bad_json);
  }
  CHECK(t.json(std::string_view("{\"a\":\"x\"}\0", 10)) == bad_json);
}

TEST_CASE("a key of the path that stands there twice is malformed, also by another spelling") {
  TakenJson t;
  CHECK(t.json(R"({"a":"1","a":"2"})") == bad_json);
  CHECK(t.json(R"({"a":"1","\u0061":"2"})") == bad_json);
  CHECK(t.json(R"({"u":{"a":"1"},"u":{}})", "u.a") == bad_json);
  CHECK(t.json(R"({"u":{"a":"1","a":"1"}})", "u.a") == bad_json);
  const auto done = c::take_json(c::Incoming(R"({"a":"1","a":"2"})"), "a", t.place.text);
  REQUIRE_FALSE(done);
  CHECK(done.error().at == 9);
  CHECK(std::string_view(done.error().where) == "json");
}

TEST_CASE("absent, null and the wrong kind are told apart") {
  TakenJson t;
  CHECK(t.json("{}") == nothing_there);
  CHECK(t.json("[]", "0") == nothing_there);
  CHECK(t.json(R"({"a":{"b":"x"}})", "a.c") == nothing_there);
  CHECK(t.json(R"({"a":"x"})", "a.b") == nothing_there);
  CHECK(t.json(R"(["x"])", "00") == nothing_there);
  CHECK(t.json(R"(["x"])", "1") == nothing_there);
  CHECK(t.json(R"({"a":null})") == "<the field holds no value>");
  CHECK(t.json(R"({"a":{}})") == bad_json);
  CHECK(t.json(R"({"a":["x"]})") == bad_json);
}

TEST_CASE("depth is limited") {
  TakenJson t;
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(t.json(nested(64), "a") == nothing_there);
  CHECK(t.json(nested(66), "a") == bad_json);
  CHECK(t.json(std::string(1 << 20, '['), "a") == bad_json);
}

TEST_CASE("number fields take numbers that fit") {
  TakenJson t;
  CHECK(t.number<&Place::small, std::uint8_t>(R"({"n":255})") == 255);
  CHECK(std::abs(t.number<&Place::real, double>(R"({"n":-1.25e2})") + 125.0) < 1e-9);
  CHECK(t.number<&Place::flag, bool>(R"({"n":true})"));
  for (const char* body :
       {R"({"n":256})", R"({"n":-1})", R"({"n":1.0})", R"({"n":1e1})", R"({"n":"1"})", R"({"n":true})"}) {
    CAPTURE(body);
    CHECK(failure(c::take_json(c::Incoming(body), "n", t.place.small)) == code(c::Errc::malformed));
  }
  for (const char* body : {R"({"n":1})", R"({"n":"true"})"}) {
    CHECK(failure(c::take_json(c::Incoming(body), "n", t.place.flag)) == code(c::Errc::malformed));
  }
  CHECK(failure(c::take_json(c::Incoming(R"({"n":1e999})"), "n", t.place.real)) == code(c::Errc::malformed));
  CHECK(t.number<&Place::real, double>(R"({"n":5e-324})") > 0);  // the smallest there is
  CHECK(t.number<&Place::real, double>(R"({"n":0.1000000000000000055511151231257827021181583404541015625000})") == 0.1);
  CHECK(c::take_json(c::Incoming(R"({"n":"\u0041"})"), "n", t.place.bytes));
}

TEST_CASE("every cut and every changed byte of a body is refused or read, never worse") {
  const std::string body = R"({"user":{"name":"x\u0041","list":[1,-2.5e3,true,null,{"a":"\ud83d\ude00"}]},"z":"y"})";
  c::Personal<std::string, AccountService> field;
  for (std::size_t size = 0; size != body.size(); ++size) {
    CHECK_FALSE(c::take_json(c::Incoming(std::string_view(body).substr(0, size)), "user.name", field));
  }
  std::size_t good = 0;
  for (std::size_t at = 0; at != body.size(); ++at) {
    for (unsigned value = 0; value != 256; ++value) {
      std::string changed = body;
      changed[at] = static_cast<char>(static_cast<unsigned char>(value));
      good += c::take_json(c::Incoming(changed), "user.name", field) ? 1U : 0U;
    }
  }
  CHECK(good > body.size());
}

TEST_CASE("a value beyond the cap leaves the field failed, with the reason") {
  c::Personal<std::string, AccountService> field;
  const std::string body = "{\"a\":\"" + std::string(c::largest_value + 1, 'x') + "\"}";
  CHECK(failure(c::take_json(c::Incoming(body), "a", field)) == code(c::Errc::too_large));
  CHECK(failure(field.ingested()) == code(c::Errc::too_large));
}
