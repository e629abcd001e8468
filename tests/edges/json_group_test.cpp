// SPDX-License-Identifier: Apache-2.0
// Fields that are sealed together, in documents at rest: each stands there as a group of its own.
#include <custody/data/group.hpp>
#include <custody/edges/json_at_rest.hpp>

#include "world.hpp"

using namespace edges_test;
using nlohmann::json;

namespace {

struct Card : Retained<account_life, erase_within<working_days(15)>> {
  Public<std::string> uid;
  Personal<std::string, Service> name;
  Classified<Personal<std::string, Service>, Level::grade4> address;
  Personal<std::string, Service> motto;
  Personal<std::string, Service> alone;
  using custody_fields =
      Fields<record<"card", 31>, key<&Card::uid>, owner<&Card::uid>, field<3, "name", &Card::name, Category::nickname>,
             field<1, "address", &Card::address, Category::bio>, field<2, "motto", &Card::motto, Category::bio>,
             field<4, "alone", &Card::alone, Category::bio>,
             sealed_together<&Card::name, &Card::address, &Card::motto>>;
};

struct Sealed {
  Sealed() {
    made.uid = "alice";
    made.name = "Li Lei";
    made.address = "Lane 7";
    made.motto = "";
    made.alone = "alone";
    REQUIRE(bind_record(row, made));
    REQUIRE(at_rest::write_record(document, made));
    group = *at_rest::group<&Card::name>(made);
  }
  World w;
  Binding row = *w.ring->binding<Card>("row", w.alice, 5);
  Permit<Service> permit = w.permit<Service>(w.alice);
  Card made;
  json document;
  Bytes group;
};

Bytes bytes_of(const json& text) { return *base64url_decode(text.get<std::string>().substr(4)); }

}  // namespace

TEST_CASE("a record with a group goes into a document and comes back", "[edges][at_rest][group]") {
  Sealed with;
  std::size_t total = 0;
  for (const char* member : {"name", "address", "motto"}) {
    const Bytes own = bytes_of(with.document[member]);
    CHECK(detail::member_count_of(own) == 1);
    CHECK(detail::same_bytes(ByteView(own).first(30), ByteView(with.group).first(30)));
    total += own.size() - 30;
  }
  CHECK(total + 30 == with.group.size());
  CHECK(bytes_of(with.document["alone"])[0] == std::byte{0xC1});

  Card back;
  REQUIRE(at_rest::read_record(json::parse(with.document.dump(), nullptr, false), with.row, back));
  CHECK(with.w.seen(with.permit, back.name) == "Li Lei");
  CHECK(with.w.seen(with.permit, back.address) == "Lane 7");
  CHECK(with.w.seen(with.permit, back.motto).empty());
  CHECK(with.w.seen(with.permit, back.alone) == "alone");
  json again;
  REQUIRE(at_rest::write_record(again, back));
  CHECK(again.dump() == with.document.dump());
  REQUIRE(bind_record(with.row, back));  // one group again
  const Bytes group = *at_rest::group<&Card::name>(back);
  CHECK(detail::member_count_of(group) == 3);
  CHECK(*at_rest::group<&Card::motto>(back) == group);
  CHECK_FALSE(detail::same_bytes(ByteView(group).first(30), ByteView(with.group).first(30)));
  CHECK(with.w.seen(with.permit, back.address) == "Lane 7");

  json sparse;
  back.address.reset();
  back.motto.reset();
  REQUIRE(bind_record(with.row, back));
  REQUIRE(at_rest::write_record(sparse, back));
  CHECK(sparse["address"].is_null());
  CHECK(bytes_of(sparse["name"])[0] == std::byte{0xC1});
}

TEST_CASE("a document with members in each other's place, of another row or a whole group", "[edges][at_rest][group]") {
  Sealed with;
  Card back;
  back.name = "before";
  const auto reads = [&](const json& document) { return at_rest::read_record(document, with.row, back); };
  for (const auto& [key, from] :
       {std::pair("name", "motto"), std::pair("motto", "address"), std::pair("alone", "name")}) {
    json swapped = with.document;
    swapped[key] = with.document[from];
    const auto done = reads(swapped);
    REQUIRE(!done);
    CHECK(done.error() == Errc::foreign_envelope);
    CHECK(done.error().where == std::string_view(key));
    CHECK(with.w.seen(with.permit, back.name) != "Li Lei");
    CHECK_FALSE(back.address.has_value());
  }
  json single = with.document;  // an envelope of one field in a member's place
  single["name"] = with.document["alone"];
  REQUIRE(reads(single));
  CHECK(with.w.seen(with.permit, back.name) == text(Errc::tampered));

  json whole = with.document;  // a column that holds the whole group gives each field its own
  for (const char* member : {"name", "address", "motto"}) whole[member] = detail::to_text_form(with.group);
  REQUIRE(reads(whole));
  CHECK(with.w.seen(with.permit, back.name) == "Li Lei");
  json again;
  REQUIRE(at_rest::write_record(again, back));
  CHECK(again.dump() == with.document.dump());

  for (std::size_t cut = 1; cut != 40; ++cut) {
    Bytes shorter = bytes_of(with.document["name"]);
    shorter.resize(shorter.size() - cut);
    json bad = with.document;
    bad["name"] = detail::to_text_form(shorter);
    const auto done = reads(bad);
    REQUIRE(!done);
    CHECK((done.error() == Errc::malformed || done.error() == Errc::truncated));
  }
  Card other;
  REQUIRE(at_rest::read_record(with.document, *with.w.ring->binding<Card>("other", with.w.alice, 5), other));
  CHECK(with.w.seen(with.permit, other.name) == text(Errc::tampered));
  REQUIRE(at_rest::read_record(with.document, *with.w.ring->binding<Card>("row", with.w.alice, 6), other));
  CHECK(with.w.seen(with.permit, other.address) == text(Errc::tampered));
  CHECK(with.w.seen(with.permit, other.name) == "Li Lei");
  Card mixed = with.made;  // members of two rows are no record
  Card elsewhere;
  elsewhere.motto = "x";
  REQUIRE(bind<&Card::motto>(*with.w.ring->binding<Card>("other", with.w.alice, 5), elsewhere.motto));
  mixed.motto = elsewhere.motto;
  json none;
  CHECK(at_rest::write_record(none, mixed).error() == Errc::foreign_envelope);
}

TEST_CASE("the largest value of a group fits a document", "[edges][at_rest][group]") {
  Sealed with;
  with.made.name = std::string(largest_value, 'x');
  REQUIRE(bind_record(with.row, with.made));
  json document;
  REQUIRE(at_rest::write_record(document, with.made));
  Card back;
  REQUIRE(at_rest::read_record(document, with.row, back));
  CHECK(with.w.seen(with.permit, back.name) == std::string(largest_value, 'x'));
}
