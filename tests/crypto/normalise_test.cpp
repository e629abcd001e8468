// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/normalise.hpp>

#include <string>

#include "crypto/support.hpp"
#include "custody_catch.hpp"

using namespace custody;

namespace {

template <class Normaliser>
std::string through(std::string_view text) {
  const auto out = Normaliser::apply(text);
  return out ? test::text_of(out->view()) : std::string("refused");
}

}  // namespace

TEST_CASE("spellings of one telephone number meet", "[normalise]") {
  for (const char* text :
       {"+8613800138000", "008613800138000", "13800138000", "+86 138-0013-8000", "0086 138 0013 8000", "8613800138000",
        "(+86) 138.0013.8000", "+86\t138/0013/8000", "＋８６ １３８００１３８０００", "１３８－００１３－８０００",
        "138\xE3\x80\x80"
        "0013\xC2\xA0"
        "8000",
        "+86 (0)138 0013 8000",
        "138\xE2\x80\x91"
        "00138000"}) {
    CAPTURE(text);
    CHECK(through<phone_e164>(text) == "+8613800138000");
  }
  CHECK(through<phone_e164>("010-12345678") == "+861012345678");
  CHECK(through<phone_e164>("+86 10 12345678") == "+861012345678");
  CHECK(through<phone_e164>("10086") == "+8610086");
  CHECK(through<phone_e164>("+1 (650) 253-0000") == "+16502530000");
  CHECK(through<phone_e164>("001 650 253 0000") == "+16502530000");
  CHECK(through<phone_of<"1">>("650 253 0000") == "+16502530000");
  CHECK(through<phone_of<"44">>("020 7946 0000") == "+442079460000");
  CHECK(through<phone_of<"44">>("+86 138 0013 8000") == "+8613800138000");
}

TEST_CASE("what is no telephone number is refused", "[normalise]") {
  for (const char* text :
       {"", "+", "00", "12", "+86+13800138000", "138001380o0", "tel:13800138000", "+0123456789", "13800138000138000",
        "1380013800013800138000138001380013800", "\xE3\x80", "\xFF\xFE\xFD", "138\xEF\xBC", "०१२३४५६७८९"}) {
    CAPTURE(text);
    CHECK(through<phone_e164>(text) == "refused");
  }
  CHECK(phone_e164::apply("x").error() == Errc::malformed);
  CHECK(through<phone_e164>(std::string_view("13800138000\0", 12)) == "refused");
}

TEST_CASE("e-mail addresses lose case and outer space", "[normalise]") {
  CHECK(through<email_case>("  Li.Lei@Example.COM\r\n") == "li.lei@example.com");
  CHECK(through<email_case>("王@例子.中国") == "王@例子.中国");
  for (const char* text : {"", "@", "a@", "@b", "ab", "a b@c", "a@b c", "a@b\tc"}) {
    CAPTURE(text);
    CHECK(through<email_case>(text) == "refused");
  }
  CHECK(through<email_case>(std::string(250, 'a') + "@b.cn") == "refused");
}

TEST_CASE("exact changes nothing, and names are distinct", "[normalise]") {
  CHECK(through<exact>(" A b ") == " A b ");
  CHECK(through<exact>("").empty());
  CHECK(std::string_view(phone_e164::name) == "phone_e164");
  CHECK(std::string_view(phone_of<"1">::name) == "phone_of.1");
  CHECK(std::string_view(email_case::name) == "email_case");
}
