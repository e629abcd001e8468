// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <custody/evidence/leaf.hpp>

#include "custody_catch.hpp"
#include "fakes.hpp"

using namespace evidence_test;
using custody::decode_leaf;
using custody::encode_leaf;

namespace {
std::string hex(ByteView bytes) {
  std::string out;
  for (const std::byte each : bytes) {
    out += "0123456789abcdef"[std::to_integer<unsigned>(each >> 4)];
    out += "0123456789abcdef"[std::to_integer<unsigned>(each & std::byte{15})];
  }
  return out;
}
}  // namespace

TEST_CASE("a leaf has one frozen form", "[evidence]") {
  Event event = common_event(0x0201);
  event.at = {0x0102030405060708};
  event.purpose = "ab";
  event.role = "c";
  event.actor = event.record = event.field = event.place = "";
  CHECK(hex(*encode_leaf(event)) ==
        "0102010003"
        "01020000000000000000000000000001"
        "0807060504030201"
        "026162016300000000");
  event.purpose = "a";
  event.role = "bc";
  CHECK(hex(*encode_leaf(event)).substr(58) == "016102626300000000");
}

TEST_CASE("a leaf reads back as it was written", "[evidence]") {
  Event event = common_event(3);
  event.granted = GENERATE(true, false);
  event.reason = Errc::consent_withdrawn;
  event.at = {GENERATE(std::int64_t{-5}, std::int64_t{0}, std::int64_t{1'700'000'000'000})};
  const auto leaf = encode_leaf(event);
  const auto back = decode_leaf(*leaf);
  REQUIRE(back);
  CHECK(back->verb == event.verb);
  CHECK(back->granted == event.granted);
  CHECK((event.granted || back->reason == event.reason));
  CHECK(back->subject == event.subject);
  CHECK(back->at == event.at);
  CHECK(back->level == event.level);
  CHECK(back->purpose == event.purpose);
  CHECK(back->role == event.role);
  CHECK(back->actor == event.actor);
  CHECK(back->record == event.record);
  CHECK(back->field == event.field);
  CHECK(back->place == event.place);
  CHECK(*encode_leaf(*back) == *leaf);
}

TEST_CASE("every verb, level and reason survives", "[evidence]") {
  Event event = common_event(1);
  for (unsigned verb = 1; verb <= 18; ++verb) {
    event.verb = static_cast<Verb>(verb);
    CHECK(decode_leaf(*encode_leaf(event)));
  }
  event.granted = false;
  for (unsigned reason = 0; reason <= static_cast<unsigned>(Errc::in_use); ++reason) {
    event.reason = static_cast<Errc>(reason);
    CHECK(decode_leaf(*encode_leaf(event))->reason == event.reason);
  }
}

TEST_CASE("names may be 255 bytes long and no longer", "[evidence]") {
  Event event = common_event(1);
  const std::string fits(255, 'x');
  const std::string long_name(256, 'x');
  event.actor = fits;
  CHECK(decode_leaf(*encode_leaf(event))->actor == fits);
  event.actor = long_name;
  CHECK(encode_leaf(event).error() == Errc::too_large);
}

TEST_CASE("what is no canonical leaf is refused", "[evidence]") {
  const Bytes good = *encode_leaf(common_event(1));
  for (std::size_t cut = 0; cut != good.size(); ++cut) CHECK_FALSE(decode_leaf(ByteView(good).first(cut)));
  Bytes longer = good;
  longer.push_back(std::byte{0});
  CHECK_FALSE(decode_leaf(longer));
  const auto with = [&](std::size_t at, unsigned value) {
    Bytes bad = good;
    bad[at] = static_cast<std::byte>(value);
    return decode_leaf(bad).has_value();
  };
  CHECK_FALSE(with(0, 2));    // version
  CHECK_FALSE(with(1, 0));    // verb
  CHECK_FALSE(with(1, 200));
  CHECK_FALSE(with(2, 2));    // granted
  CHECK_FALSE(with(3, 1));    // a reason although granted
  CHECK_FALSE(with(4, 0));    // level
  CHECK_FALSE(with(4, 7));
  Bytes refused = good;
  refused[2] = std::byte{0};
  refused[3] = std::byte{250};
  CHECK_FALSE(decode_leaf(refused));
}
