// SPDX-License-Identifier: Apache-2.0
#include <custody/edges/lock.hpp>

#include <algorithm>

#include "support/temp_dir.hpp"
#include "world.hpp"

using namespace edges_test;

namespace {

template <class Phone, class... Options>
struct Phonebook : Retained<keep_for<calendar_days(30)>> {
  Phone phone;
  using custody_fields = Fields<record<"book", 1>, field<1, "phone", &Phonebook::phone, Category::phone, Options...>>;
};
using Plain = Personal<std::string, Service>;
using Wider = Personal<std::string, Service, Push>;
using Higher = Classified<Personal<std::string, Service>, Level::grade4>;
using Number = Personal<std::int64_t, Service>;

template <class Phone, class... Options>
std::string book() {
  return lock_text<Demo, Phonebook<Phone, Options...>>();
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}
std::string without(std::string text, const std::string& start) {
  const std::size_t at = text.find("\n" + start);
  REQUIRE(at != std::string::npos);
  return text.erase(at, text.find('\n', at + 1) - at);
}
bool finds(const LockReport& report, LockFault fault, const char* about) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const LockFinding& one) { return one.fault == fault && one.about == about; });
}
bool only(const LockReport& report, LockFault fault, const char* about) {
  return !report.ok && report.findings.size() == 1 && finds(report, fault, about);
}

const char* const base =
    "custody.lock 1\n"
    "product p\n"
    "purpose a contract\n"
    "purpose b consent\n"
    "record 1 account\n"
    "field 1.1 phone category=phone retention=collected,30d floor=0d index=% verifier=no\n"
    "revision 1.1/1 phone codec=bytes:00 level=grade3 sensitive=no purposes=a\n"
    "field 1.2 mail category=email retention=collected,30d floor=0d index=% verifier=no\n"
    "revision 1.2/1 old codec=bytes:00 level=grade3 sensitive=no purposes=a,b\n"
    "revision 1.2/2 mail codec=bytes:00 level=grade3 sensitive=no purposes=a\n"
    "record 2 login\n"
    "field 2.1 ip category=ip_address retention=collected,30d floor=0d index=% verifier=no\n"
    "revision 2.1/1 ip codec=bytes:00 level=grade3 sensitive=no purposes=a\n";

}  // namespace

TEST_CASE("the lock is canonical text", "[edges][lock]") {
  const std::string text = lock_text<Demo, Login, Account>();
  CHECK(text == lock_text<Demo, Account, Login>());
  CHECK(text.starts_with("custody.lock 1\n"));
  CHECK(text.find("\nproduct demo-im\npurpose account.service contract\npurpose analytics consent\n") !=
        std::string::npos);
  CHECK(text.find("\nrecord 1 account\nfield 1.1 phone category=phone retention=account_closed,15wd floor=0d "
                  "index=phone_e164 verifier=no\n"
                  "revision 1.1/1 phone codec=bytes:2f2ec0474f1c4fe4 level=grade3 sensitive=no "
                  "purposes=account.service,push.personalised\n"
                  "field 1.2 id_number ") != std::string::npos);
  CHECK(text.find("\nfield 1.9 ") < text.find("\nfield 1.10 "));  // by number, not by letter
  CHECK(text.find("\nrevision 1.4/1 birthday codec=i32:") != std::string::npos);
  CHECK(text.find("field 2.1 address category=ip_address retention=collected,200d floor=183d") != std::string::npos);
  CHECK(text.find(".11") == std::string::npos);  // public fields are in no envelope
  CHECK(check_lock(text, text).up_to_date);
  detail::FieldFacts shaped;
  shaped.normaliser = "phone_e164";
  CHECK(detail::index_words(shaped) == "phone_e164");
  shaped.index.bits = 20;
  CHECK(detail::index_words(shaped) == "phone_e164/20");
  shaped.index = {128, stretched::work};
  CHECK(detail::index_words(shaped) == "phone_e164/128/1x64KiB");
  CHECK(detail::lock_word("a b%\n,") == "a%20b%25%0a%2c");
  CHECK(detail::lock_word("") == "%");
  CHECK(detail::lock_word("昵称") == "昵称");
}

TEST_CASE("declarations evolve under the lock", "[edges][lock]") {
  const std::string first = book<Plain>();
  CHECK(only(check_lock(first, book<Wider>()), LockFault::changed_declaration, "revision 1.1/1 (phone)"));
  CHECK(only(check_lock(first, book<Higher>()), LockFault::changed_declaration, "revision 1.1/1 (phone)"));
  CHECK(only(check_lock(first, book<Number>()), LockFault::changed_codec, "revision 1.1/1 (phone)"));

  const std::string second = book<Wider, formerly<"phone", Plain>>();
  const auto grown = check_lock(first, second);
  CHECK(grown.ok);
  CHECK(!grown.up_to_date);
  CHECK(grown.additions.size() == 1);
  CHECK(check_lock(first, book<Number, formerly<"phone", Plain>>()).ok);
  CHECK(check_lock(first, book<Plain, formerly<"phone", Plain>>()).ok);

  // The former declaration must be the one that was locked.
  CHECK(only(check_lock(first, book<Wider, formerly<"mobile", Plain>>()), LockFault::changed_name,
             "revision 1.1/1 (phone)"));
  CHECK(only(check_lock(first, book<Wider, formerly<"phone", Higher>>()), LockFault::changed_declaration,
             "revision 1.1/1 (phone)"));
  CHECK(only(check_lock(first, book<Wider, formerly<"phone", Number>>()), LockFault::changed_codec,
             "revision 1.1/1 (phone)"));

  const std::string third = book<Higher, formerly<"phone", Plain>, formerly<"phone", Wider>>();
  CHECK(check_lock(second, third).ok);
  CHECK(check_lock(first, third).ok);
  CHECK(!check_lock(second, book<Higher, formerly<"phone", Wider>, formerly<"phone", Plain>>()).ok);  // order
  CHECK(only(check_lock(third, second), LockFault::removed, "revision 1.1/3 (phone)"));  // a revision was dropped
  CHECK(!check_lock(second, first).ok);
  CHECK(!check_lock(second, book<Wider>()).ok);
}

TEST_CASE("what each change of a lock means", "[edges][lock]") {
  const std::string text = base;
  const auto now = [&](const char* from, const char* to) { return check_lock(text, changed(text, from, to)); };
  CHECK(check_lock(text, text).up_to_date);
  CHECK(only(now("product p", "product q"), LockFault::other_product, "product"));
  CHECK(only(now("purpose b consent", "purpose b contract"), LockFault::changed_basis, "purpose b"));
  CHECK(only(now("record 1 account", "record 1 person"), LockFault::changed_name, "record 1 (account)"));
  CHECK(only(now("revision 1.1/1 phone", "revision 1.1/1 mobile"), LockFault::changed_name, "revision 1.1/1 (phone)"));
  CHECK(only(now("1.1/1 phone codec=bytes:00", "1.1/1 phone codec=bytes:01"), LockFault::changed_codec,
             "revision 1.1/1 (phone)"));
  CHECK(only(now("1.1/1 phone codec=bytes:00 level=grade3", "1.1/1 phone codec=bytes:00 level=grade2"),
             LockFault::changed_declaration, "revision 1.1/1 (phone)"));
  CHECK(only(now("grade3 sensitive=no purposes=a,b", "grade3 sensitive=yes purposes=a,b"),
             LockFault::changed_declaration, "revision 1.2/1 (old)"));
  CHECK(only(now("purposes=a,b", "purposes=a"), LockFault::changed_declaration, "revision 1.2/1 (old)"));
  CHECK(only(check_lock(text, without(without(text, "field 1.1 "), "revision 1.1/1")), LockFault::removed,
             "field 1.1 (phone)"));
  CHECK(only(check_lock(text, without(without(without(text, "record 2"), "field 2.1"), "revision 2.1/1")),
             LockFault::removed, "record 2 (login)"));
  CHECK(only(check_lock(text, without(text, "purpose b")), LockFault::removed, "purpose b (consent)"));
  CHECK(only(check_lock(text, without(text, "revision 1.2/2")), LockFault::removed, "revision 1.2/2 (mail)"));

  const auto moved =
      check_lock(text, changed(changed(text, "field 1.1 ", "field 1.7 "), "revision 1.1/1", "revision 1.7/1"));
  CHECK(only(moved, LockFault::changed_number, "field 1.1 (phone)"));
  const auto renumbered =
      check_lock(text, changed(changed(changed(text, "record 2", "record 3"), "field 2.1", "field 3.1"),
                               "revision 2.1/1", "revision 3.1/1"));
  CHECK(only(renumbered, LockFault::changed_number, "record 2 (login)"));
}

TEST_CASE("adding is fine, but the lock must follow", "[edges][lock]") {
  const std::string text = base;
  const auto added = check_lock(text, text + "record 3 new\nfield 3.1 x category=bio\nrevision 3.1/1 x codec=c l p\n");
  CHECK(added.ok);
  CHECK(!added.up_to_date);
  CHECK(added.findings.empty());
  CHECK(added.additions.size() == 3);
  const auto longer = check_lock(text, changed(text, "retention=collected,30d", "retention=collected,60d"));
  CHECK(longer.ok);
  CHECK(!longer.up_to_date);
  CHECK(longer.changes.size() == 1);
  CHECK(only(check_lock(text, changed(text, "index=% verifier=no", "index=% verifier=yes")),
             LockFault::changed_verifier, "field 1.1 (phone)"));
}

TEST_CASE("retired is for good", "[edges][lock]") {
  const std::string text = base;
  const std::string retired = changed(text, "field 1.1 ", "removed field 1.1 ");
  const std::string gone = without(without(text, "field 1.1 "), "revision 1.1/1");
  CHECK(check_lock(retired, gone).up_to_date);
  CHECK(only(check_lock(retired, text), LockFault::reused, "field 1.1"));
  const std::string updated = updated_lock(retired, gone);
  CHECK(updated ==
        gone + "removed field 1.1 phone category=phone retention=collected,30d floor=0d index=% verifier=no\n");
  CHECK(check_lock(updated, gone).up_to_date);
  CHECK(only(check_lock(updated, text), LockFault::reused, "field 1.1"));
  CHECK(updated_lock(updated, gone) == updated);
  CHECK(updated_lock(updated, text).empty());

  const std::string no_login = without(without(without(text, "record 2"), "field 2.1"), "revision 2.1/1");
  CHECK(check_lock(changed(text, "record 2", "removed record 2"), no_login).up_to_date);
  CHECK(only(check_lock(changed(text, "record 2", "removed record 2"), text), LockFault::reused, "record 2"));
  CHECK(check_lock(changed(text, "purpose b", "removed purpose b"), without(text, "purpose b")).up_to_date);
  CHECK(only(check_lock(changed(text, "purpose b", "removed purpose b"), text), LockFault::reused, "purpose b"));
  // A revision goes with its field, never alone: its number would be given to another declaration.
  CHECK(!check_lock(changed(text, "revision 1.2/2", "removed revision 1.2/2"), without(text, "revision 1.2/2")).ok);
}

TEST_CASE("a lock that cannot be read allows nothing", "[edges][lock]") {
  const std::string text = base;
  for (const std::string& bad :
       {std::string(), std::string("\n"), std::string("custody.lock 2\nproduct p\n"), std::string("custody.lock 1\n"),
        std::string("custody.lock 1\npurpose a contract\n"), text + "nonsense\n", text + "field 1.9\n",
        text + "product p\n", text + "<<<<<<< HEAD\n", text + "purpose b consent\n",
        text + "removed purpose b consent\n", text + "removed product p\n"}) {
    INFO(bad.substr(bad.size() > 30 ? bad.size() - 30 : 0));
    const auto report = check_lock(bad, text);
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].fault == LockFault::malformed);
    CHECK(!report.ok);
    CHECK(updated_lock(bad, text).empty());
  }
  CHECK(check_lock(text, "").findings[0].fault == LockFault::malformed);
  CHECK(check_lock(text + "\n# a remark\n\n", text).up_to_date);
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(check_lock(windows, text).up_to_date);
  CHECK(check_lock(text.substr(0, text.size() - 1), text).up_to_date);
  for (const auto fault :
       {LockFault::malformed, LockFault::other_product, LockFault::changed_basis, LockFault::changed_name,
        LockFault::changed_number, LockFault::changed_codec, LockFault::changed_declaration,
        LockFault::changed_verifier, LockFault::removed, LockFault::reused}) {
    CHECK(std::string_view(custody::text(fault)).find("Fix: ") != std::string_view::npos);
  }
}

TEST_CASE("the lock program", "[edges][lock]") {
  const custody_test::TempDir place;
  const std::string file = place / "custody.lock";
  const auto run = [&](auto main_of, const char* verb) {
    const char* const arguments[] = {"program", verb, file.c_str()};
    return main_of(3, arguments);
  };
  const auto first = [](int n, const char* const* a) { return lock_main<Demo, Phonebook<Plain>>(n, a); };
  const auto widened = [](int n, const char* const* a) { return lock_main<Demo, Phonebook<Wider>>(n, a); };
  const auto formerly_plain = [](int n, const char* const* a) {
    return lock_main<Demo, Phonebook<Wider, formerly<"phone", Plain>>>(n, a);
  };
  CHECK(run(first, "--check") == 1);  // there is none yet
  CHECK(run(first, "--update") == 0);
  CHECK(custody_test::file_bytes(file) == book<Plain>());
  CHECK(run(first, "--check") == 0);
  CHECK(run(widened, "--check") == 1);
  CHECK(run(widened, "--update") == 1);
  CHECK(custody_test::file_bytes(file) == book<Plain>());
  CHECK(run(formerly_plain, "--check") == 1);  // allowed, but behind
  CHECK(run(formerly_plain, "--update") == 0);
  CHECK(run(formerly_plain, "--check") == 0);
  custody_test::write_file(file, "");
  CHECK(run(first, "--update") == 1);  // a lock that was emptied is no new start
  CHECK(run(first, "--other") == 2);
  const char* const alone[] = {"program"};
  CHECK(first(1, alone) == 2);
  custody_test::write_file(file, std::string(2 << 20, 'x'));
  CHECK(run(first, "--check") == 1);
  CHECK(run(first, "--update") == 1);
  const char* const nowhere[] = {"program", "--update", "/nonexistent/custody.lock"};
  CHECK(first(3, nowhere) == 1);
}
