// SPDX-License-Identifier: Apache-2.0
#include <custody/edges/json_form.hpp>

#include <limits>
#include <map>

#include "custody_catch.hpp"

using nlohmann::json;

namespace form_test {

enum class Plain : std::int16_t { a = -3, b = 4 };
enum class Named { yes, no };
NLOHMANN_JSON_SERIALIZE_ENUM(Named, {{Named::yes, "yes"}, {Named::no, "no"}})

struct Point {
  int x = 0;
  int y = 0;
  friend bool operator==(const Point&, const Point&) = default;
  NLOHMANN_DEFINE_TYPE_INTRUSIVE(Point, x, y)
};
/// Its conversion throws, quoting the data.
struct Thrower {
  friend void to_json(json&, const Thrower&) { throw std::runtime_error("13800138000"); }
  friend void from_json(const json&, Thrower&) { throw 5; }
};

template <class Type>
std::string written(const Type& value) {
  json out;
  if (!custody::JsonForm<Type>::write(out, value) || !custody::detail::writes_whole(out)) return "refused";
  return out.dump();
}
template <class Type>
bool reads(const char* document, const Type& expected) {
  Type value{};
  return custody::JsonForm<Type>::read(json::parse(document, nullptr, false), value) && value == expected;
}
template <class Type>
bool refuses(const char* document) {
  Type value{};
  return !custody::JsonForm<Type>::read(json::parse(document, nullptr, false), value);
}

TEST_CASE("plain values have one json form each", "[edges][form]") {
  CHECK(written(std::string("ä\"")) == "\"ä\\\"\"");
  CHECK(written(std::u8string(u8"消")) == "\"消\"");
  CHECK(written(std::vector<std::byte>{std::byte{0xfb}, std::byte{0xff}}) == "\"-_8\"");
  CHECK(written(std::basic_string<unsigned char>{1, 2, 3}) == "\"AQID\"");
  CHECK(written(true) == "true");
  CHECK(written(std::int8_t{-128}) == "-128");
  CHECK(written((std::numeric_limits<std::uint64_t>::max)()) == "18446744073709551615");
  CHECK(written((std::numeric_limits<std::int64_t>::min)()) == "-9223372036854775808");
  CHECK(written(1.5F) == "1.5");
  CHECK(written(Plain::a) == "-3");
  CHECK(written(Named::no) == "\"no\"");
  CHECK(written(std::optional<int>{}) == "null");
  CHECK(written(std::optional<int>{7}) == "7");
  CHECK(written(std::vector<std::optional<bool>>{true, {}}) == "[true,null]");
  CHECK(written(std::array<int, 2>{1, 2}) == "[1,2]");
  CHECK(written(Point{1, 2}) == R"({"x":1,"y":2})");
  CHECK(written(std::map<std::string, int>{{"a", 1}}) == R"({"a":1})");
}

TEST_CASE("and they come back", "[edges][form]") {
  CHECK(reads("\"ä\"", std::string("ä")));
  CHECK(reads("\"消\"", std::u8string(u8"消")));
  CHECK(reads("\"-_8\"", std::vector<std::byte>{std::byte{0xfb}, std::byte{0xff}}));
  CHECK(reads("false", false));
  CHECK(reads("-128", std::int8_t{-128}));
  CHECK(reads("127", std::int8_t{127}));
  CHECK(reads("18446744073709551615", (std::numeric_limits<std::uint64_t>::max)()));
  CHECK(reads("-9223372036854775808", (std::numeric_limits<std::int64_t>::min)()));
  CHECK(reads("1", 1.0));
  CHECK(reads("-1", -1.0F));
  CHECK(reads("1.5", 1.5F));
  CHECK(reads("-3", Plain::a));
  CHECK(reads("\"no\"", Named::no));
  CHECK(reads("null", std::optional<int>{}));
  CHECK(reads("[[1],[]]", std::vector<std::vector<int>>{{1}, {}}));
  CHECK(reads("[1,2]", std::array<int, 2>{1, 2}));
  CHECK(reads(R"({"x":1,"y":2,"z":3})", Point{1, 2}));
}

TEST_CASE("what does not fit is refused", "[edges][form]") {
  CHECK(refuses<std::string>("1"));
  CHECK(refuses<std::string>("null"));
  CHECK(refuses<std::string>("[\"a\"]"));
  CHECK(refuses<std::vector<std::byte>>("[1,2]"));
  CHECK(refuses<std::vector<std::byte>>("\"-_8=\""));
  CHECK(refuses<bool>("1"));
  CHECK(refuses<bool>("\"true\""));
  CHECK(refuses<int>("true"));
  CHECK(refuses<int>("1.0"));
  CHECK(refuses<int>("\"1\""));
  CHECK(refuses<int>("2147483648"));
  CHECK(refuses<std::int8_t>("128"));
  CHECK(refuses<std::int8_t>("-129"));
  CHECK(refuses<std::uint32_t>("-1"));
  CHECK(refuses<std::uint64_t>("18446744073709551616"));
  CHECK(refuses<std::int64_t>("9223372036854775808"));
  CHECK(refuses<float>("1e300"));
  CHECK(refuses<double>("\"1\""));
  CHECK(refuses<Plain>("1.5"));
  CHECK(refuses<Plain>("\"a\""));
  CHECK(refuses<Named>("0"));
  CHECK(refuses<std::vector<int>>("[1,\"2\"]"));
  CHECK(refuses<std::vector<int>>("{}"));
  CHECK(refuses<std::array<int, 2>>("[1]"));
  CHECK(refuses<std::array<int, 2>>("[1,2,3]"));
  CHECK(refuses<std::optional<int>>("\"x\""));
  CHECK(refuses<Point>("{\"x\":1}"));
  CHECK(refuses<Point>("{\"x\":1,\"y\":\"z\"}"));
  CHECK(written(std::numeric_limits<double>::infinity()) == "refused");
  CHECK(written(std::numeric_limits<float>::quiet_NaN()) == "refused");
  CHECK(written(std::vector<double>{1, std::numeric_limits<double>::quiet_NaN()}) == "refused");
  CHECK(written(std::vector<std::string>{"a", "\xff"}) == "refused");
  json out;
  Thrower thrower;
  CHECK(!custody::JsonForm<Thrower>::write(out, thrower));
  CHECK(!custody::JsonForm<Thrower>::read(out, thrower));
}

TEST_CASE("UTF-8 is what the standard says", "[edges][form]") {
  using custody::detail::is_utf8;
  for (const char* good : {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "a\xE6\xB6\x88z"}) {
    INFO(good);
    CHECK(is_utf8(good));
  }
  for (const char* bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE6\xB6",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xFE", "\xF0\x90\x80"}) {
    CHECK(!is_utf8(bad));
  }
  for (unsigned first = 0; first != 256; ++first) {  // the same verdict as the json library's own writer
    for (unsigned second = 0; second < 256; second += 5) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      const std::string dumped = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
      const bool replaced = dumped.find("\xEF\xBF\xBD") != std::string::npos;
      CHECK(is_utf8(text) == !replaced);
    }
  }
}

TEST_CASE("wiping a document leaves its shape", "[edges][form]") {
  json document = json::parse(R"({"a":"secret","b":[1,-2,3.5,true,null,{"c":"more"}],"d":{}})", nullptr, false);
  document["bin"] = json::binary({1, 2});
  const char* where = document["a"].get_ref<const std::string&>().data();
  custody::detail::wipe_values(document);
  CHECK(document["b"] == json::parse(R"([0,0,0.0,false,null,{"c":""}])"));
  CHECK(document["a"] == "");
  CHECK(document["bin"] == json::binary({0, 0}));
  CHECK(std::string_view(where, 6) == std::string_view("\0\0\0\0\0\0", 6));
  json deep;
  for (int i = 0; i != 200'000; ++i) deep = json::array({std::move(deep)});
  custody::detail::wipe_values(deep);  // not recursive
  CHECK(custody::detail::writes_whole(deep));
}

}  // namespace form_test
