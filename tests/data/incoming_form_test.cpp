// SPDX-License-Identifier: Apache-2.0
#include "custody_catch.hpp"
#include "world.hpp"

#include <custody/data/incoming_form.hpp>

using namespace custody_test;

namespace {

struct Taken {
  World world;
  c::Subject person = world.person("u1");
  c::Permit<AccountService> permit = world.permit<AccountService>(person);
  Account account;

  std::string phone() {
    if (!c::bind<&Account::phone>(world.row<Account>("r", person), account.phone)) return "<unbound>";
    return released(account.phone, permit);
  }
  std::string form(std::string_view body, std::string_view name = "phone") {
    account.phone.reset();
    auto done = c::take_form(c::Incoming(body), name, account.phone);
    return done ? phone() : std::string("<") + c::text(done.error().code) + ">";
  }
  std::string header(std::string_view block, std::string_view name = "X-Phone") {
    account.phone.reset();
    auto done = c::take_header(c::Incoming(block), name, account.phone);
    return done ? phone() : std::string("<") + c::text(done.error().code) + ">";
  }
};
const std::string malformed = "<the input is malformed>";
const std::string missing = "<not found>";

}  // namespace

TEST_CASE("a form feeds a field") {
  Taken t;
  CHECK(t.form("phone=15400059572") == "15400059572");
  CHECK(t.form("a=1&phone=154%2000+x&b=2") == "154 00 x");
  CHECK(t.form("phone=%E6%97%A0%e5%a9%b7") == "无婷");
  CHECK(t.form("%70hone=1") == "1");
  CHECK(t.form("phone=a=b=c") == "a=b=c");
  CHECK(t.form("phone=%00%26") == std::string("\0&", 2));
  CHECK(t.form("&&phone=1&&") == "1");
  CHECK(t.form("phone=").empty());
  CHECK(t.account.phone.has_value());
  CHECK(t.form("phone").empty());
  CHECK(t.form("x=%zz&phone=7") == "7");  // another value's escapes are not ours to judge
}

TEST_CASE("a broken form is refused, and the field keeps what it had") {
  Taken t;
  CHECK(t.form("") == missing);
  CHECK(t.form("&") == missing);
  CHECK(t.form("phones=1&phon=2&Phone=3") == missing);
  CHECK(t.form("phone=%") == malformed);
  CHECK(t.form("phone=%4") == malformed);
  CHECK(t.form("phone=%zz") == malformed);
  CHECK(t.form("%4=1&phone=1") == malformed);
  CHECK(t.form("phone=1&phone=2") == malformed);
  CHECK(t.form("phone=1&%70hone=2") == malformed);
  Account account;
  account.phone = "kept";
  const auto done = c::take_form(c::Incoming("a=1&phone=%zz"), "phone", account.phone);
  REQUIRE_FALSE(done);
  CHECK(done.error().at == 4);
  CHECK(std::string_view(done.error().where) == "form");
  CHECK(account.phone.has_value());
}

TEST_CASE("numbers, passwords and public members come out of a form too") {
  Taken t;
  const c::Incoming body("birthday=-86400000&uid=u%2D1&password=hunter%202&bad=12a&zero=012&big=9223372036854775808");
  REQUIRE(c::take_form(body, "birthday", t.account.birthday));
  REQUIRE(c::take_form(body, "uid", t.account.uid));
  CHECK(t.account.uid == "u-1");
  REQUIRE(c::take_form(body, "password", t.account.password));
  const auto row = t.world.row<Account>("r", t.person);
  REQUIRE(c::bind<&Account::birthday>(row, t.account.birthday));
  std::int64_t seen = 0;
  REQUIRE(t.account.birthday.release(t.permit, c::sink<AccountService, "test">([&](std::int64_t v) { seen = v; })));
  CHECK(seen == -86400000);
  REQUIRE(c::bind<&Account::password>(row, t.account.password));
  CHECK(*t.account.password.matches(t.permit, "hunter 2"));
  for (const char* name : {"bad", "zero", "big", "uid"}) {
    CHECK(failure(c::take_form(body, name, t.account.birthday)) == code(c::Errc::malformed));
  }
}

TEST_CASE("header values feed fields") {
  Taken t;
  CHECK(t.header("Host: example.net\r\nx-phone: \t15400059572 \r\n\r\nX-Phone: body") == "15400059572");
  CHECK(t.header("X-Phone:1") == "1");
  CHECK(t.header("X-Phone:").empty());
  CHECK(t.header("X-Phone: a:b\n") == "a:b");
  CHECK(t.header("Host: x\r\n\r\nX-Phone: body") == missing);
  CHECK(t.header("") == missing);
  CHECK(t.header("X-Phone: 1\r\nX-PHONE: 2\r\n") == malformed);
  CHECK(t.header("X-Phone : 1\r\n") == malformed);
  CHECK(t.header("X-Phone: 1\r\n folded\r\n") == malformed);
  CHECK(t.header("Host: x\r\n X-Phone: 1\r\n") == malformed);
  CHECK(t.header(": 1\r\n") == malformed);
  CHECK(t.header("no colon\r\nX-Phone: 1") == malformed);
  CHECK(t.header("X-Phone: 1\r2\r\n") == malformed);
}
