// SPDX-License-Identifier: Apache-2.0
#include <custody/edges/json_wire.hpp>
#include <custody/edges/manifest.hpp>

#include "world.hpp"

using namespace edges_test;
using nlohmann::json;

namespace {

struct Inner {
  int a = 0;
};
/// Members that nobody can count, and a field with a past.
class Opaque : public Retained<keep_after_use<calendar_days(30)>> {
 public:
  Personal<std::string, Service> code;
  Public<int> seen;
  Inner rest;
  struct Legacy {};
  using custody_fields = Fields<
      record<"opaque", 5>, unchecked_layout<Legacy>, key<&Opaque::seen>, owner<&Opaque::seen>, migrating<&Opaque::rest>,
      field<3, "code", &Opaque::code, Category::device_id, formerly<"token", Personal<std::string, Service, Push>>>>;

 private:
  [[maybe_unused]] int hidden_ = 0;
};

const json* by(const json& list, const char* key, const json& value) {
  for (const json& one : list) {
    if (one.contains(key) && one[key] == value) return &one;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("the manifest is what the types say", "[edges][manifest]") {
  const json made = manifest<Demo, Login, Opaque, Account>();
  CHECK(made["format"] == "custody.manifest.1");
  CHECK(made["product"] == "demo-im");
  CHECK(made["region"] == "CN");
  REQUIRE(made["purposes"].size() == Demo::purpose_count);
  const json* push = by(made["purposes"], "data_use", "push.personalised");
  REQUIRE(push != nullptr);
  CHECK((*push)["legal_basis"] == "consent");
  CHECK((*push)["consent_required"] == true);
  CHECK((*push)["core"] == false);
  CHECK((*push)["notice"]["zh"] == "个性化推送");
  CHECK((*by(made["purposes"], "data_use", "analytics"))["parent"] == "push.personalised");
  CHECK((*by(made["purposes"], "data_use", "account.service"))["core"] == true);

  REQUIRE(made["records"].size() == 3);
  CHECK(made["records"][0]["number"] == 1);
  CHECK(made["records"][1]["number"] == 2);
  CHECK(made["records"][2]["number"] == 5);
  const json& account = made["records"][0];
  CHECK(account["fields"].size() == detail::shape_of<Account>::guarded_count);
  CHECK(account["public_members"] == 3);
  CHECK(account["migrating_members"] == 1);
  CHECK(account["unchecked_layout"] == false);
  for (std::size_t i = 1; i < account["fields"].size(); ++i) {
    CHECK(account["fields"][i - 1]["number"] < account["fields"][i]["number"]);
  }
  CHECK(made["totals"] == json({{"records", 3},
                                {"guarded_fields", 12},
                                {"sensitive_fields", 1},
                                {"migrating_members", 2},
                                {"unchecked_records", 1}}));
}

TEST_CASE("a field in the manifest", "[edges][manifest]") {
  const json made = manifest<Demo, Login, Opaque, Account>(SuiteId::aes256_gcm);
  const json& phone = made["records"][0]["fields"][0];
  CHECK(phone["name"] == "phone");
  CHECK(phone["category"] ==
        json({{"id", "phone"}, {"zh", "手机号码"}, {"en", "phone number"}, {"necessary_for_im", true}}));
  CHECK(phone["data_categories"] == json({"phone"}));
  CHECK(phone["data_uses"] == json({"account.service", "push.personalised"}));
  CHECK(phone["level"] == "grade3");
  CHECK(phone["sensitive"] == false);
  CHECK(phone["sealed"]["index"] == "phone_e164");
  CHECK(phone["sealed"]["suite"] == "AES-256-GCM");
  CHECK(phone["retention"]["start"] == "account_closed");
  CHECK(phone["retention"]["ceiling"] == json({{"count", 15}, {"unit", "working_days"}}));
  CHECK(phone["retention"]["zh"] == "在账号存续期间保存，账号注销后 15 个工作日内删除");
  const json& id_number = made["records"][0]["fields"][1];
  CHECK(id_number["sensitive"] == true);
  CHECK(id_number["level"] == "grade4");
  CHECK(id_number["retention"]["en"] == "erased as soon as the check is done");
  CHECK(made["records"][1]["fields"][0]["retention"]["floor"] == json({{"count", 183}, {"unit", "days"}}));

  const json& opaque = made["records"][2];
  CHECK(opaque["unchecked_layout"] == true);
  CHECK(opaque["migrating_members"] == 1);
  CHECK(opaque["public_members"] == 1);
  REQUIRE(opaque["fields"][0]["formerly"].size() == 1);
  CHECK(opaque["fields"][0]["formerly"][0]["name"] == "token");
  CHECK(opaque["fields"][0]["formerly"][0]["data_uses"] == json({"account.service", "push.personalised"}));
}

TEST_CASE("a password is listed as a verifier", "[edges][manifest]") {
  const json made = manifest<Demo, Secret>();
  CHECK(made["records"][0]["fields"][0]["sealed"]["verifier_only"] == true);
}

TEST_CASE("the order of the inventory is not the linker's", "[edges][manifest]") {
  static detail::Outlet one{"channel", "m", "x", Level::grade1, nullptr};
  static detail::Outlet two{"channel", "z", "x", Level::grade1, nullptr};
  static detail::Outlet three{"channel", "a", "x", Level::grade1, nullptr};
  const detail::OutletEntry entries[] = {detail::OutletEntry(one), detail::OutletEntry(two),
                                         detail::OutletEntry(three)};
  static_cast<void>(entries);
  const auto all = detail::sorted_outlets();
  CHECK(all.size() >= 3);
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(!detail::outlet_before(*all[i], *all[i - 1]));
}

TEST_CASE("the manifest lists every sink and channel of the program", "[edges][manifest]") {
  World w;
  Account a;
  json object;
  REQUIRE(
      wire::write<Service>(object, "phone", a.phone, w.permit<Service>(w.alice), Peer{}));  // makes the instantiation
  CHECK(w.seen(w.permit<Service>(w.alice), a.phone) == text(Errc::unset));
  const json made = manifest<Demo, Account>();
  const json expected_channel = {
      {"kind", "channel"}, {"name", "peer-link"}, {"data_use", "account.service"}, {"highest_level", "grade4"}};
  const json expected_sink = {
      {"kind", "sink"}, {"name", "test"}, {"data_use", "account.service"}, {"highest_level", "grade4"}};
  const json& outlets = made["outlets"];
  CHECK(std::find(outlets.begin(), outlets.end(), expected_channel) != outlets.end());
  CHECK(std::find(outlets.begin(), outlets.end(), expected_sink) != outlets.end());
  CHECK(std::is_sorted(outlets.begin(), outlets.end(), [](const json& x, const json& y) {
    return std::tuple(x["kind"], x["name"], x["data_use"]) < std::tuple(y["kind"], y["name"], y["data_use"]);
  }));
}

struct OtherNumber : Retained<keep_for<calendar_days(1)>> {
  Personal<std::string, Service> a;
  using custody_fields = Fields<record<"other", 1>, field<1, "a", &OtherNumber::a, Category::email>>;
};
struct OtherName : Retained<keep_for<calendar_days(1)>> {
  Personal<std::string, Service> a;
  using custody_fields = Fields<record<"account", 77>, field<1, "a", &OtherName::a, Category::email>>;
};
static_assert(detail::records_differ<Account, Login>());
static_assert(!detail::records_differ<Account, OtherNumber>());  // F3
static_assert(!detail::records_differ<Account, OtherName>());
using Smaller = Product<"smaller", Region::CN, Service, Push>;
static_assert(detail::purposes_listed<Demo, Account>());
static_assert(!detail::purposes_listed<Smaller, Account>());  // P3: real_name.verify
