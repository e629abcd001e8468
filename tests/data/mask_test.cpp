// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"
#include "world.hpp"

#include <fstream>

#include <custody/data/display.hpp>

using namespace custody_test;

static_assert(c::detail::is_mask<c::mask_phone> && !c::detail::is_mask<std::string>);

namespace {

std::size_t shown(const std::string& masked) {
  std::size_t count = 0;
  for (const char ch : masked) count += ch != '*' ? 1 : 0;
  return count;
}

std::string masked_by(const std::string& rule, const std::string& text) {
  if (rule == "name") return c::mask_name::apply(text);
  if (rule == "mobile_cn") return c::mask_phone::apply(text);
  if (rule == "id_cn_1_2") return c::mask_id_number::apply(text);
  if (rule == "id_cn_6_4") return c::mask_keep<6, 4>::apply(text);
  if (rule == "email") return c::mask_email::apply(text);
  if (rule == "address_last8") return c::mask_address::apply(text);
  return rule == "ipv4" ? c::mask_ipv4::apply(text) : "no such rule";
}

}  // namespace

TEST_CASE("masks count characters, not bytes") {
  CHECK(c::mask_name::apply("无婷婷") == "无**");
  CHECK(c::mask_name::apply("Brittany Runolfsson") == "B******************");
  CHECK(c::mask_phone::apply("15400059572") == "154****9572");
  CHECK(c::mask_phone::apply("+8615400059572") == "+86*******9572");
  CHECK(c::mask_id_number::apply("459999197310212864") == "4***************64");
  CHECK(c::mask_keep<6, 4>::apply("459999197310212864") == "459999********2864");
  CHECK(c::mask_email::apply("me4hce70@example.net") == "m*******@example.net");
  CHECK(c::mask_email::apply("无婷@example.net") == "无*@example.net");
  CHECK(c::mask_address::apply("云南省南阳市佴中心993号 套房 324") == "云南省南阳市佴中心993********");
  CHECK(c::mask_ipv4::apply("203.0.113.197") == "203.*.*.*");
  CHECK(c::mask_keep<1, 1>::apply("a\xF0\x9F\x98\x80z") == "a*z");
}

TEST_CASE("what is too short is hidden whole") {
  CHECK(c::mask_name::apply("无") == "*");
  CHECK(c::mask_name::apply("").empty());
  CHECK(c::mask_phone::apply("123456789") == "*********");
  CHECK(c::mask_id_number::apply("12345") == "*****");
  CHECK(c::mask_keep<3, 4>::apply("1234567") == "*******");
  CHECK(c::mask_keep<0, 0>::apply("abc") == "***");
  CHECK(c::mask_address::apply("1234567") == "*******");
  CHECK(c::mask_address::apply("12345678") == "********");
  CHECK(c::mask_email::apply("a@example.net") == "*************");
  CHECK(c::mask_email::apply("@example.net") == "************");
}

TEST_CASE("what is no such value is hidden whole") {
  CHECK(c::mask_email::apply("bob at example") == "**************");
  CHECK(c::mask_email::apply("bob@my secret") == "*************");
  CHECK(c::mask_email::apply("bob@x@example.net") == "b****@example.net");
  CHECK(c::mask_email::apply("bob@localhost") == "*************");
  CHECK(c::mask_email::apply("bob@.example.net") == "****************");
  CHECK(c::mask_email::apply("bob@example.net.") == "****************");
  for (const char* text :
       {"256.1.1.1", "1.2.3", "1.2.3.4.5", "1.2.3.", "01.2.3.4", "1.2.3.4 ", "::1", "a.b.c.d", "1..2.3"}) {
    CHECK(shown(c::mask_ipv4::apply(text)) == 0);
  }
}

TEST_CASE("invalid UTF-8 is hidden whole, byte for byte") {
  const char* broken[] = {"\xFF\xFE\x31\x32\x33\x34\x35\x36\x37\x38\x39\x30",
                          "15400059572\xC3",
                          "\xC0\xAF"
                          "5400059572",
                          "\xED\xA0\x80"
                          "15400059572",
                          "\xF5\x80\x80\x80"
                          "15400059572",
                          "1540005\x80"
                          "9572",
                          "\xE0\x80\xAF"
                          "15400059572",
                          "\xF4\x90\x80\x80"
                          "15400059572"};
  for (const std::string text : broken) {
    CAPTURE(text);
    CHECK(c::mask_phone::apply(text) == std::string(text.size(), '*'));
    CHECK(shown(c::mask_name::apply(text)) == 0);
    CHECK(shown(c::mask_address::apply(text)) == 0);
    CHECK(shown(c::mask_email::apply(text + "@example.net")) == 0);
    CHECK(shown(c::mask_ipv4::apply(text)) == 0);
  }
}

TEST_CASE("no input of any length makes a mask show more than it does for its own kind") {
  for (std::size_t size = 0; size != 40; ++size) {
    const std::string text(size, 'x');
    CHECK(shown(c::mask_phone::apply(text)) <= 7);
    CHECK(shown(c::mask_name::apply(text)) <= 1);
    CHECK(shown(c::mask_id_number::apply(text)) <= 3);
    CHECK(shown(c::mask_keep<2, 3>::apply(text)) <= 5);
    CHECK(shown(c::mask_address::apply(text)) <= (size < 8 ? 0 : size - 8));
    CHECK(c::mask_phone::apply(text).size() == size);
  }
}

TEST_CASE("masks agree with the shared examples") {
  std::ifstream in(test_data() + "/masking.tsv");
  if (test_data().empty() || !in) return;
  std::string line;
  std::size_t rows = 0;
  for (std::getline(in, line); std::getline(in, line); ++rows) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    CAPTURE(line);
    CHECK(masked_by(line.substr(0, first), line.substr(first + 1, second - first - 1)) == line.substr(second + 1));
  }
  CHECK(rows > 50);
}

TEST_CASE("show releases the masked form only, into the evidence under the mask's name") {
  World world;
  const auto person = world.person("u1");
  Account account;
  account.phone = "15400059572";
  const auto permit = world.permit<CustomerSupport>(person, support);
  CHECK(failure(c::show<c::mask_phone>(permit, account.phone)) == code(c::Errc::not_bound));
  REQUIRE(c::bind<&Account::phone>(world.row<Account>("row", person), account.phone));
  const auto masked = c::show<c::mask_phone>(permit, account.phone);
  REQUIRE(masked);
  CHECK(*masked == "154****9572");
  const auto line = world.witness.last();
  CHECK(line.verb == c::Verb::release);
  CHECK(line.granted);
  CHECK(line.place == "mask.phone");
  CHECK(line.field == "phone");
  CHECK(line.role == "support");
  CHECK(c::show<c::mask_keep<2, 0>>(permit, account.phone));
  CHECK(world.witness.last().place == "mask.keep.2.0");
  CHECK(std::string(c::mask_keep<12, 34>::custody_name) == "mask.keep.12.34");

  CHECK(failure(c::show<c::mask_phone>(world.permit<CustomerSupport>(world.person("u2")), account.phone)) ==
        code(c::Errc::wrong_subject));
  world.witness.failing = true;
  CHECK(failure(c::show<c::mask_phone>(permit, account.phone)) == code(c::Errc::evidence_unwritable));
  world.witness.failing = false;
  REQUIRE(world.ring().withdraw(person));
  CHECK(failure(c::show<c::mask_phone>(permit, account.phone)) == code(c::Errc::permit_withdrawn));

  bool listed = false;
  for (const auto* outlet = c::detail::outlets(); outlet != nullptr; outlet = outlet->next) {
    listed = listed || (std::string_view(outlet->kind) == "mask" && std::string_view(outlet->name) == "mask.phone" &&
                        std::string_view(outlet->purpose) == "customer.support");
  }
  CHECK(listed);
}
