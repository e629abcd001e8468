// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"
#include "world.hpp"

#include <array>
#include <cmath>
#include <fstream>
#include <limits>

#include <nlohmann/json.hpp>

using namespace custody_test;

namespace {

enum class Colour : std::uint16_t { red = 1, blue = 65535 };
struct Point {
  float x = 0;
  double y = 0;
  std::optional<std::string> label;
  friend bool operator==(const Point&, const Point&) = default;
  using custody_codec = c::codec_members<3, &Point::x, &Point::y, &Point::label>;
};

using Life = c::Retained<c::account_life, c::erase_within<c::working_days(15)>>;
template <class Payload>
struct Holder : Life {
  c::Personal<Payload, AccountService> value;
  using custody_fields = c::Fields<c::record<"holder", 50>, c::field<1, "value", &Holder::value, c::Category::bio>>;
};

/// Assigned, bound, written, read and released: both forms.
template <class Payload>
bool comes_back(World& world, const Payload& value) {
  using H = Holder<Payload>;
  const auto person = world.person("u1");
  const auto permit = world.permit<AccountService>(person);
  const auto row = world.row<H>("row", person);
  H written;
  written.value = value;
  if (!c::bind<&H::value>(row, written.value)) return false;
  const auto text = c::at_rest::text(written.value);
  const auto blob = c::at_rest::blob(written.value);
  if (!text || !blob || text->size() != c::text_prefix.size() + (blob->size() * 4 + 2) / 3) return false;
  H read;
  bool same = false;
  const auto look = [&](const Payload& seen) { same = seen == value; };
  if (!c::at_rest::from_text<&H::value>(row, *text, read.value)) return false;
  if (!read.value.release(permit, c::sink<AccountService, "look">(look)) || !same) return false;
  same = false;
  if (!c::at_rest::from_blob<&H::value>(row, *blob, read.value)) return false;
  return read.value.release(permit, c::sink<AccountService, "look">(look)) && same &&
         *c::at_rest::blob(read.value) == *blob;
}

/// A small hostile set of our own: what breaks parsers, SQL, terminals, C strings and UTF-8 readers.
std::vector<std::string> hostile() {
  std::vector<std::string> all = {"",
                                  " ",
                                  "\t\r\n",
                                  std::string(1, '\0'),
                                  std::string("a\0b", 3),
                                  std::string(64, '\0'),
                                  "null",
                                  "undefined",
                                  "true",
                                  "NaN",
                                  "-1",
                                  "0x0",
                                  "1e309",
                                  "' OR 1=1 --",
                                  "\"; DROP TABLE u; --",
                                  "<script>alert(1)</script>",
                                  "%s%n%x",
                                  "${x}",
                                  "{{x}}",
                                  "../../etc/passwd",
                                  "\\",
                                  "\\u0000",
                                  "\x7f",
                                  "\x1b[31m",
                                  "\xEF\xBB\xBF"
                                  "bom",
                                  "\xE2\x80\xAE"
                                  "rtl",
                                  "\xE2\x80\x8B",
                                  "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7",
                                  "e\xCC\x81\xCC\x81\xCC\x81",
                                  "\xC0\x80",
                                  "\xFF\xFE",
                                  "\xED\xA0\x80",
                                  "\x80",
                                  "\xF4\x90\x80\x80",
                                  "~c1.",
                                  "~c1.AAAA",
                                  "\xC1\x01\x01",
                                  "\xC2\x01\x00",
                                  "无婷婷",
                                  "ﷺ",
                                  "=1+1",
                                  "CON",
                                  "a,b;c|d"};
  for (int c = 0; c != 256; ++c) all.push_back(std::string(1, static_cast<char>(static_cast<unsigned char>(c))));
  for (const std::size_t size : {1U,   15U,  16U,  31U,  32U,  63U,  64U,  65U,   191U,  192U,  193U,    255U,   256U,
                                 257U, 447U, 448U, 449U, 511U, 512U, 513U, 1023U, 1024U, 1025U, 16'383U, 16'384U}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i != size; ++i) text[i] = static_cast<char>(static_cast<unsigned char>(i * 7 + 3));
    all.push_back(text);
  }
  return all;
}

}  // namespace

TEST_CASE("hostile texts come back byte for byte") {
  World world;
  for (const std::string& text : hostile()) CHECK(comes_back(world, text));
}

TEST_CASE("the naughty strings come back byte for byte") {
  std::ifstream in(test_data() + "/naughty-strings.json");
  if (test_data().empty() || !in) return;
  const auto all = nlohmann::json::parse(in);
  World world;
  std::size_t count = 0;
  for (const auto& one : all) count += comes_back(world, one.get<std::string>()) ? 1U : 0U;
  CHECK(count == all.size());
  CHECK(count > 500);
}

TEST_CASE("an empty text is a value, and nothing is none; also at rest") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  Account account;
  CHECK(account.phone.empty());
  CHECK_FALSE(account.phone.has_value());
  CHECK(c::bind<&Account::phone>(row, account.phone));  // binding nothing is fine
  CHECK(failure(c::at_rest::blob(account.phone)) == code(c::Errc::unset));
  account.phone = "";
  CHECK(account.phone.empty());
  CHECK(account.phone.has_value());
  REQUIRE(c::bind<&Account::phone>(row, account.phone));
  const auto stored = c::at_rest::blob(account.phone);
  Account read;
  REQUIRE(c::at_rest::from_blob<&Account::phone>(row, *stored, read.phone));
  CHECK(read.phone.empty());
  CHECK(read.phone.has_value());
  CHECK(released(read.phone, world.permit<AccountService>(person)).empty());
  CHECK(stored->size() == c::sealed_size(0));
  read.phone.reset();
  CHECK_FALSE(read.phone.has_value());
  account.phone = "x";
  CHECK_FALSE(account.phone.empty());
}

TEST_CASE("one MiB fits, one byte more is too large, and the failed state stays until a value is given") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  CHECK(comes_back(world, std::string(c::largest_value, 'x')));
  Account account;
  account.phone = std::string(c::largest_value + 1, 'x');
  CHECK_FALSE(account.phone.has_value());
  CHECK(account.phone.empty());
  const Account copy = account;
  for (const int why : {failure(copy.phone.ingested()), failure(c::bind<&Account::phone>(row, account.phone)),
                        failure(c::at_rest::blob(account.phone)), failure(c::at_rest::text(copy.phone)),
                        refusal(copy.phone, world.permit<AccountService>(person)),
                        failure(c::seal_for<&Account::phone>(row, std::string(c::largest_value + 1, 'x')))}) {
    CHECK(why == code(c::Errc::too_large));
  }
  const auto bound = c::bind<&Account::phone>(row, account.phone);
  CHECK(std::string_view(bound.error().where) == "phone");
  account.phone = "small";
  CHECK(account.phone.ingested());
  CHECK(c::bind<&Account::phone>(row, account.phone));
  c::Bytes huge(c::largest_value + 4096);
  huge[0] = std::byte{0xC1};
  huge[1] = huge[2] = std::byte{1};
  CHECK(failure(c::at_rest::from_blob<&Account::phone>(row, huge, account.phone)) == code(c::Errc::too_large));
}

TEST_CASE("every payload type comes back") {
  World w;
  CHECK((comes_back(w, true) && comes_back(w, false)));
  CHECK((comes_back(w, std::numeric_limits<std::int8_t>::min()) && comes_back(w, std::uint8_t{255})));
  CHECK((comes_back(w, std::int16_t{-2}) && comes_back(w, std::uint16_t{65535})));
  CHECK((comes_back(w, std::numeric_limits<std::int32_t>::min()) && comes_back(w, std::uint32_t{0})));
  CHECK((comes_back(w, std::numeric_limits<std::int64_t>::max()) &&
         comes_back(w, std::numeric_limits<std::uint64_t>::max())));
  CHECK((comes_back(w, 1.5F) && comes_back(w, -0.0) && comes_back(w, std::numeric_limits<double>::infinity())));
  CHECK((comes_back(w, Colour::blue) && comes_back(w, 'x')));
  CHECK(comes_back(w, std::vector<std::byte>{std::byte{0}, std::byte{255}}));
  CHECK(comes_back(w, std::vector<unsigned char>{0, 255}));
  CHECK(comes_back(w, std::basic_string<unsigned char>{0, 255, 7}));
  CHECK(comes_back(w, std::u8string{u8"无婷"}));
  CHECK((comes_back(w, std::optional<std::string>{}) && comes_back(w, std::optional<std::string>{""}) &&
         comes_back(w, std::optional<std::string>{"x"})));
  CHECK((comes_back(w, std::optional<std::int32_t>{0}) && comes_back(w, std::optional<std::int32_t>{})));
  CHECK((comes_back(w, std::vector<std::string>{}) && comes_back(w, std::vector<std::string>{""}) &&
         comes_back(w, std::vector<std::string>{"", "a", std::string("\0", 1)})));
  CHECK(comes_back(w, std::vector<std::optional<double>>{1.0, std::nullopt}));
  CHECK(comes_back(w, std::vector<std::vector<std::string>>{{}, {"a"}, {"b", "c"}}));
  CHECK(comes_back(w, std::array<std::int32_t, 3>{1, -2, 3}));
  CHECK((comes_back(w, Point{1, 2, "here"}) && comes_back(w, Point{0, -1, std::nullopt})));
  CHECK(comes_back(w, std::vector<Point>{{1, 2, ""}, {}}));
}

TEST_CASE("order and number of a list are authenticated with it") {
  World world;
  const auto person = world.person("u1");
  const auto row = world.row<Account>("row", person);
  auto one = c::seal_for<&Account::tags>(row, std::vector<std::string>{"ab", "c"});
  auto two = c::seal_for<&Account::tags>(row, std::vector<std::string>{"a", "bc"});
  REQUIRE((one && two));
  std::vector<std::string> seen;
  const auto permit = world.permit<AccountService>(person);
  REQUIRE(one->release(permit, c::sink<AccountService, "x">([&](const std::vector<std::string>& v) { seen = v; })));
  CHECK(seen == std::vector<std::string>{"ab", "c"});
}

TEST_CASE("encodings that no writer makes are malformed") {
  const auto decodes = [](std::string_view bytes, auto value) { return c::detail::decode(c::as_bytes(bytes), value); };
  using Strings = std::vector<std::string>;
  CHECK_FALSE(decodes(std::string_view("\1\0\0\0", 4), Strings{}));
  CHECK_FALSE(decodes(std::string_view("\1\0\0\0\5\0\0\0x", 9), Strings{}));
  CHECK_FALSE(decodes(std::string_view("\1\0\0\0\1\0\0\0xy", 10), Strings{}));
  CHECK_FALSE(decodes("\xFF\xFF\xFF\xFF", Strings{}));
  CHECK_FALSE(decodes(std::string_view("\xFF\xFF\xFF\x7F\0\0\0\0", 8), std::vector<std::uint64_t>{}));
  CHECK_FALSE(decodes("\2", false));
  CHECK_FALSE(decodes(std::string_view("\2x", 2), std::optional<std::uint8_t>{}));
  CHECK_FALSE(decodes("", std::int32_t{}));
  CHECK_FALSE(decodes("abc", std::int32_t{}));
  CHECK_FALSE(decodes("abcde", std::int32_t{}));
  CHECK_FALSE(decodes("", Point{}));
  CHECK_FALSE(decodes(std::string_view("\4\0", 2), Point{}));
  CHECK(decodes("abcd", std::int32_t{}));
}
