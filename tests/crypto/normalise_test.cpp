// SPDX-License-Identifier: Apache-2.0
#include <custody/crypto/normalise.hpp>
#include <custody/crypto/normalise_identity.hpp>

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

TEST_CASE("extensions and other additions are no part of a telephone number", "[normalise]") {
  for (const char* text :
       {"13800138000x12", "13800138000 ext. 12", "13800138000;ext=12", "13800138000#12", "13800138000,12",
        "13800138000p12", "13800138000 转 12", "13800138000*", "13800138000 / w"}) {
    CAPTURE(text);
    CHECK(through<phone_e164>(text) == "refused");
  }
}

TEST_CASE("an e-mail address may keep the case of its mailbox", "[normalise]") {
  CHECK(through<email_domain_case>("  Li.Lei@Example.COM\r\n") == "Li.Lei@example.com");
  CHECK(through<email_domain_case>("LI@X-1.EXAMPLE") != through<email_domain_case>("li@x-1.example"));
  CHECK(through<email_domain_case>("Li@XN--FSQU00A.XN--0ZWM56D") == "Li@xn--fsqu00a.xn--0zwm56d");
  CHECK(through<email_domain_case>("王@example.cn") == "王@example.cn");
  CHECK(through<email_domain_case>("a@b") == "a@b");
  const std::string label(63, 'D');
  CHECK(through<email_domain_case>(std::string(64, 'A') + "@" + label + ".CN").starts_with("AAAA"));
  for (const std::string& text : {std::string(),
                                  std::string("@"),
                                  std::string("a@"),
                                  std::string("@b.cn"),
                                  std::string("ab"),
                                  std::string("a b@c.cn"),
                                  std::string("a@b c.cn"),
                                  std::string("\"a b\"@c.cn"),
                                  std::string("\"a\"@c.cn"),
                                  std::string("a@例子.中国"),
                                  std::string("a@ｅxample.cn"),
                                  std::string("a＠b.cn"),
                                  std::string("a@b..cn"),
                                  std::string("a@.cn"),
                                  std::string("a@b.cn."),
                                  std::string("a@-b.cn"),
                                  std::string("a@b-.cn"),
                                  std::string("a@b.cn-"),
                                  std::string("a@[192.0.2.1]"),
                                  std::string("a@b_c.cn"),
                                  std::string("a@b@c.cn"),
                                  std::string("a@b.cn\0", 7),
                                  std::string("a\x7f@b.cn"),
                                  std::string(65, 'a') + "@b.cn",
                                  "a@" + label + "d.cn",
                                  std::string(60, 'a') + "@" + label + "." + label + "." + label + ".cnn"}) {
    CAPTURE(text);
    CHECK(through<email_domain_case>(text) == "refused");
  }
}

TEST_CASE("spellings of one identity number meet", "[normalise]") {
  for (const char* text : {"99999919850200009X", "99999919850200009x", " 999999 19850200 009X ",
                           "９９９９９９１９８５０２００００９Ｘ", "９９９９９９１９８５０２００００９ｘ",
                           "999999\xE3\x80\x80"
                           "19850200\xC2\xA0"
                           "009x"}) {
    CAPTURE(text);
    CHECK(through<cn_identity>(text) == "99999919850200009X");
  }
  CHECK(through<cn_identity>("999999198502280036") == "999999198502280036");
  CHECK(through<cn_identity>("999999850228003") == "999999198502280036");  // the 15 digits of old
  CHECK(through<cn_identity>("９９９９９９ ８５０２２８ ００３") == "999999198502280036");
}

TEST_CASE("a wrong identity number is refused", "[normalise]") {
  const std::string good = "999999198502280036";
  for (std::size_t at = 0; at != good.size(); ++at) {  // every wrong digit, and every swap of unlike neighbours
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string bad = good;
      bad[at] = digit;
      CAPTURE(bad);
      CHECK((through<cn_identity>(bad) == "refused") == (bad != good));
    }
    if (at == 0 || good[at] == good[at - 1]) continue;
    std::string swapped = good;
    std::swap(swapped[at], swapped[at - 1]);
    CAPTURE(swapped);
    CHECK(through<cn_identity>(swapped) == "refused");
  }
  for (const char* text :
       {"", "X", "99999919850228003", "9999991985022800360", "99999919850228003X", "9999991985022800X6",
        "99999985022800X", "099999198502280031", "099999850228003", "99999985022899X", "999999850228996",
        "999999850228999", "999999-19850228-0036", "99999919850228003\xD0\xA5", "99999919850200009Ⅹ",
        "99999919850228003\xEF\xBC", "\xEF", "\xE3\x80", "999999198502280036999999198502280036"}) {
    CAPTURE(text);
    CHECK(through<cn_identity>(text) == "refused");
  }
  CHECK(through<cn_identity>("999999850228995") != "refused");
  CHECK(cn_identity::apply("1").error() == Errc::malformed);
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
  CHECK(std::string_view(email_domain_case::name) == "email_domain_case");
  CHECK(std::string_view(cn_identity::name) == "cn_identity");
  CHECK(std::string_view(exact::name) == "exact");
}
