// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <custody/evidence/consent_ledger.hpp>

#include "custody_catch.hpp"
#include "people.hpp"

using namespace evidence_test;
using custody::AgeBand;
using custody::Consent;
using custody::ConsentLedger;
using custody::days;
using custody::LedgerVerb;
using custody::minutes;
using custody::Notice;
using custody::PurposeFacts;

namespace {

const Handle ann = handle(1);
const Handle bob = handle(2);
const Handle guardian = handle(77);

struct LedgerBench {
  FakeLedger store;
  custody::ManualClock clock{Instant{1'700'000'000'000}};
  ConsentLedger ledger{store, clock, Demo::purposes};
  Notice notice =
      *draft<Marketing, Email, Weekly, Shared, Push, Location>("1").guardian({"须知", "guardians"}).complete();

  LedgerBench() { REQUIRE(ledger.publish_notice(notice)); }

  /// "ok" or the sentence of the error.
  std::string standing(const PurposeFacts& purpose, const Handle& who = ann) {
    clock.advance(custody::Duration{1});
    const auto result = ledger.standing(who, purpose, clock.now());
    ConsentLedger fresh(store, clock, Demo::purposes);  // rebuilt from the lines, the same
    CHECK(fresh.publish_notice(notice));
    const auto again = fresh.standing(who, purpose, clock.now());
    CHECK(result.has_value() == again.has_value());
    CHECK((result || result.error().code == again.error().code));
    return result ? "ok" : text(result.error().code);
  }
  template <class Tag>
  void grant_plain() {
    REQUIRE(ledger.grant(ann, *Consent<Tag>::plain(notice)));
  }
  template <class Tag>
  void grant_separate() {
    REQUIRE(ledger.grant(ann, *Consent<Tag>::separate(notice)));
  }
};
std::string words(Errc code) { return text(code); }

}  // namespace

TEST_CASE("bases other than consent stand by themselves, unless the person objected", "[evidence]") {
  LedgerBench bench;
  for (const PurposeFacts* purpose : {&facts<Service>, &facts<RealName>, &facts<Rescue>, &facts<Public>}) {
    CAPTURE(purpose->id);
    CHECK(bench.standing(*purpose) == "ok");
    REQUIRE(bench.ledger.object(ann, purpose->id));
    CHECK(bench.standing(*purpose) == words(Errc::objected));
    CHECK(bench.standing(*purpose, bob) == "ok");
    REQUIRE(bench.ledger.lift_objection(ann, purpose->id));
    CHECK(bench.standing(*purpose) == "ok");
  }
}

TEST_CASE("a consent purpose follows what the person said last", "[evidence]") {
  struct Step {
    LedgerVerb verb;
    Errc reason;  ///< already_there stands for ok
  };
  const Errc ok = Errc::already_there;
  const std::vector<std::vector<Step>> stories = {
      {{LedgerVerb::grant, ok}, {LedgerVerb::withdraw, Errc::consent_withdrawn}, {LedgerVerb::grant, ok}},
      {{LedgerVerb::decline, Errc::no_consent}, {LedgerVerb::grant, ok}, {LedgerVerb::decline, Errc::no_consent}},
      {{LedgerVerb::withdraw, Errc::consent_withdrawn}, {LedgerVerb::decline, Errc::no_consent}},
      {{LedgerVerb::decline, Errc::no_consent}, {LedgerVerb::withdraw, Errc::consent_withdrawn}},
      {{LedgerVerb::grant, ok}, {LedgerVerb::object, Errc::objected}, {LedgerVerb::lift_objection, ok}},
      {{LedgerVerb::object, Errc::objected}, {LedgerVerb::grant, Errc::objected}, {LedgerVerb::lift_objection, ok}},
      {{LedgerVerb::grant, ok}, {LedgerVerb::restrict_, Errc::restricted}, {LedgerVerb::lift_restriction, ok}},
      {{LedgerVerb::grant, ok},
       {LedgerVerb::withdraw, Errc::consent_withdrawn},
       {LedgerVerb::withdraw, Errc::consent_withdrawn}},
  };
  for (const auto& story : stories) {
    LedgerBench bench;
    CHECK(bench.standing(facts<Push>) == words(Errc::no_consent));
    for (const Step& step : story) {
      const char* const id = facts<Push>.id;
      switch (step.verb) {
        case LedgerVerb::grant: bench.grant_plain<Push>(); break;
        case LedgerVerb::decline: REQUIRE(bench.ledger.decline(ann, id)); break;
        case LedgerVerb::withdraw: REQUIRE(bench.ledger.withdraw(ann, id)); break;
        case LedgerVerb::object: REQUIRE(bench.ledger.object(ann, id)); break;
        case LedgerVerb::lift_objection: REQUIRE(bench.ledger.lift_objection(ann, id)); break;
        case LedgerVerb::restrict_: REQUIRE(bench.ledger.restrict_use(ann)); break;
        default: REQUIRE(bench.ledger.lift_restriction(ann));
      }
      CHECK(bench.standing(facts<Push>) == (step.reason == ok ? "ok" : words(step.reason)));
      CHECK(bench.standing(facts<Push>, bob) == words(Errc::no_consent));
      CHECK(bench.standing(facts<Marketing>) ==
            words(step.reason == Errc::restricted ? Errc::restricted : Errc::no_consent));
    }
  }
}

TEST_CASE("a separate consent is asked on its own", "[evidence]") {
  LedgerBench bench;
  CHECK(bench.standing(facts<Location>) == words(Errc::no_consent));
  bench.grant_separate<Location>();
  CHECK(bench.standing(facts<Location>) == "ok");
  // A plain line can only come from elsewhere: a declaration that was changed later, an import.
  bench.store.rows.back().form = custody::ConsentForm::plain;
  bench.ledger.forget(ann);
  CHECK(bench.standing(facts<Location>) == words(Errc::separate_consent_missing));
}

TEST_CASE("what was said of a purpose covers the purposes below it", "[evidence]") {
  LedgerBench bench;
  SECTION("a grant") {
    bench.grant_plain<Marketing>();
    CHECK(bench.standing(facts<Email>) == "ok");
    CHECK(bench.standing(facts<Weekly>) == "ok");
    CHECK(bench.standing(facts<Push>) == words(Errc::no_consent));
    CHECK(bench.standing(facts<Shared>) == words(Errc::separate_consent_missing));
  }
  SECTION("a grant below does not reach up") {
    bench.grant_plain<Email>();
    CHECK(bench.standing(facts<Marketing>) == words(Errc::no_consent));
    CHECK(bench.standing(facts<Weekly>) == "ok");
  }
  SECTION("a withdrawal above ends the grants below") {
    bench.grant_plain<Email>();
    REQUIRE(bench.ledger.withdraw(ann, facts<Marketing>.id));
    CHECK(bench.standing(facts<Email>) == words(Errc::consent_withdrawn));
    bench.grant_plain<Email>();
    CHECK(bench.standing(facts<Email>) == "ok");
    CHECK(bench.standing(facts<Marketing>) == words(Errc::consent_withdrawn));
  }
  SECTION("a withdrawal below leaves the wider consent to the others") {
    bench.grant_plain<Marketing>();
    REQUIRE(bench.ledger.withdraw(ann, facts<Email>.id));
    CHECK(bench.standing(facts<Email>) == words(Errc::consent_withdrawn));
    CHECK(bench.standing(facts<Weekly>) == words(Errc::consent_withdrawn));
    CHECK(bench.standing(facts<Marketing>) == "ok");
  }
  SECTION("declining the wider question leaves a narrower consent") {
    bench.grant_plain<Email>();
    REQUIRE(bench.ledger.decline(ann, facts<Marketing>.id));
    CHECK(bench.standing(facts<Email>) == "ok");
  }
  SECTION("declining the narrower question limits a wider consent") {
    bench.grant_plain<Marketing>();
    REQUIRE(bench.ledger.decline(ann, facts<Email>.id));
    CHECK(bench.standing(facts<Email>) == words(Errc::no_consent));
    CHECK(bench.standing(facts<Weekly>) == words(Errc::no_consent));
    CHECK(bench.standing(facts<Marketing>) == "ok");
  }
  SECTION("an objection") {
    bench.grant_plain<Weekly>();
    REQUIRE(bench.ledger.object(ann, facts<Marketing>.id));
    CHECK(bench.standing(facts<Weekly>) == words(Errc::objected));
    REQUIRE(bench.ledger.object(ann, facts<Service>.id));
    CHECK(bench.standing(facts<Invoice>) == words(Errc::objected));
    REQUIRE(bench.ledger.object(ann, facts<Push>.id));
    CHECK(bench.standing(facts<RealName>) == "ok");
  }
}

TEST_CASE("a notice changed in words that are not its terms leaves consents alone", "[evidence]") {
  LedgerBench bench;
  bench.grant_plain<Push>();
  const Notice old = bench.notice;
  bench.notice = *draft<Push>("2").handler("Demo Ltd", "new@demo.example").rights({"a", "b"}).complete();
  REQUIRE(bench.ledger.publish_notice(bench.notice));
  CHECK(bench.standing(facts<Push>) == "ok");
  CHECK(bench.ledger.grant(ann, *Consent<Push>::plain(old)));
}

TEST_CASE("a notice changed in purpose, manner or kind ends the consents before it", "[evidence]") {
  LedgerBench bench;
  bench.grant_plain<Push>();
  const Notice old = bench.notice;
  const bool manner = GENERATE(true, false);
  bench.notice = manner ? *draft<Push>("2").manner({"a", "b"}).complete()
                        : *draft<Push>("2").kinds<custody::Category::email>().complete();
  REQUIRE(bench.ledger.publish_notice(bench.notice));
  CHECK(bench.standing(facts<Push>) == words(Errc::consent_outdated));
  CHECK(bench.ledger.grant(ann, *Consent<Push>::plain(old)).error() == Errc::consent_outdated);
  SECTION("asked again and refused: the old notice does not bring the consent back") {
    REQUIRE(bench.ledger.decline(ann, facts<Push>.id));
    CHECK(bench.standing(facts<Push>) == words(Errc::no_consent));
    bench.notice = old;
    REQUIRE(bench.ledger.publish_notice(old));
    CHECK(bench.standing(facts<Push>) == words(Errc::no_consent));
  }
  SECTION("asked again and granted") {
    bench.grant_plain<Push>();
    CHECK(bench.standing(facts<Push>) == "ok");
  }
}

TEST_CASE("without a published notice no consent stands", "[evidence]") {
  LedgerBench bench;
  bench.grant_plain<Push>();
  ConsentLedger silent(bench.store, bench.clock, Demo::purposes);
  CHECK(silent.standing(ann, facts<Push>, bench.clock.now()).error() == Errc::consent_outdated);
  CHECK(silent.grant(ann, *Consent<Push>::plain(bench.notice)).error() == Errc::consent_outdated);
}

TEST_CASE("a store that keeps only the notice's hash still judges by it", "[evidence]") {
  LedgerBench bench;
  bench.grant_plain<Push>();
  bench.store.rows.back().terms_hash.clear();
  bench.ledger.forget(ann);
  CHECK(bench.standing(facts<Push>) == "ok");
  bench.notice = *draft<Push>("2").complete();
  REQUIRE(bench.ledger.publish_notice(bench.notice));
  CHECK(bench.standing(facts<Push>) == words(Errc::consent_outdated));
}

TEST_CASE("purposes outside the product are refused everywhere", "[evidence]") {
  LedgerBench bench;
  CHECK(bench.ledger.standing(ann, facts<Foreign>, bench.clock.now()).error() == Errc::not_found);
  CHECK(bench.ledger.publish_notice(*draft<Push, Foreign>("2").complete()).error() == Errc::not_found);
  CHECK(bench.ledger.grant(ann, *Consent<Foreign>::plain(*draft<Foreign>("1").complete())).error() == Errc::not_found);
  CHECK(bench.ledger.decline(ann, "foreign").error() == Errc::not_found);
  CHECK(bench.ledger.withdraw(ann, "").error() == Errc::not_found);
  CHECK(bench.ledger.may_ask(ann, "foreign").error() == Errc::not_found);
  CHECK(bench.ledger.withdraw(Handle{}, facts<Push>.id).error() == Errc::malformed);
  CHECK(bench.store.rows.empty());
}

TEST_CASE("under 14 nothing but a duty of law is served without a guardian", "[evidence]") {
  LedgerBench bench;
  REQUIRE(bench.ledger.set_age(ann, AgeBand::under14));
  for (const PurposeFacts& purpose : Demo::purposes) {
    CAPTURE(purpose.id);
    const bool duty = purpose.basis == custody::Basis::legal_duty;
    CHECK(bench.standing(purpose) == (duty ? "ok" : words(Errc::guardian_missing)));
  }
  CHECK(bench.ledger.grant(ann, *Consent<Push>::plain(bench.notice)).error() == Errc::guardian_missing);
  CHECK(bench.ledger.grant(ann, *Consent<Push>::guardian(bench.notice, guardian)).error() == Errc::guardian_missing);
  CHECK(bench.ledger.set_age(ann, AgeBand::under14, ann).error() == Errc::guardian_missing);
  REQUIRE(bench.ledger.set_age(ann, AgeBand::under14, guardian));
  CHECK(bench.standing(facts<Service>) == "ok");
  CHECK(bench.standing(facts<Push>) == words(Errc::no_consent));
  CHECK(bench.ledger.grant(ann, *Consent<Push>::plain(bench.notice)).error() == Errc::guardian_missing);
  CHECK(bench.ledger.grant(ann, *Consent<Push>::guardian(bench.notice, bob)).error() == Errc::guardian_missing);
  REQUIRE(bench.ledger.grant(ann, *Consent<Push>::guardian(bench.notice, guardian)));
  REQUIRE(bench.ledger.grant(ann, *Consent<Location>::guardian(bench.notice, guardian)));
  CHECK(bench.standing(facts<Push>) == "ok");
  CHECK(bench.standing(facts<Location>) == "ok");
  REQUIRE(bench.ledger.withdraw(ann, facts<Push>.id));
  CHECK(bench.standing(facts<Push>) == words(Errc::consent_withdrawn));
}

TEST_CASE("turning 14, and being found to be younger, changes whose word counts", "[evidence]") {
  LedgerBench bench;
  SECTION("older") {
    REQUIRE(bench.ledger.set_age(ann, AgeBand::under14, guardian));
    REQUIRE(bench.ledger.grant(ann, *Consent<Push>::guardian(bench.notice, guardian)));
    REQUIRE(bench.ledger.set_age(ann, AgeBand::from14to17));
    CHECK(bench.standing(facts<Push>) == words(Errc::no_consent));
    CHECK(bench.ledger.grant(ann, *Consent<Push>::guardian(bench.notice, guardian)).error() == Errc::no_consent);
    bench.grant_plain<Push>();
    CHECK(bench.standing(facts<Push>) == "ok");
  }
  SECTION("younger") {
    bench.grant_plain<Push>();
    REQUIRE(bench.ledger.set_age(ann, AgeBand::under14, guardian));
    CHECK(bench.standing(facts<Push>) == words(Errc::guardian_missing));
    CHECK(bench.standing(facts<Service>) == "ok");
  }
  CHECK(bench.ledger.set_age(ann, static_cast<AgeBand>(9)).error() == Errc::malformed);
}

TEST_CASE("restricted data serves no purpose at all", "[evidence]") {
  LedgerBench bench;
  REQUIRE(bench.ledger.restrict_use(ann));
  for (const PurposeFacts& purpose : Demo::purposes) CHECK(bench.standing(purpose) == words(Errc::restricted));
  CHECK(bench.standing(facts<Service>, bob) == "ok");
  REQUIRE(bench.ledger.lift_restriction(ann));
  CHECK(bench.standing(facts<Service>) == "ok");
}

TEST_CASE("nobody is asked again soon after a refusal", "[evidence]") {
  LedgerBench bench;
  const char* const push = facts<Push>.id;
  CHECK(bench.ledger.may_ask(ann, push));
  SECTION("a decline") { REQUIRE(bench.ledger.decline(ann, push)); }
  SECTION("a withdrawal") {
    bench.grant_plain<Push>();
    REQUIRE(bench.ledger.withdraw(ann, push));
  }
  CHECK((bench.store.rows.empty() || bench.ledger.may_ask(ann, push).error() == Errc::asked_too_soon));
  if (bench.store.rows.empty()) return;
  CHECK(bench.ledger.may_ask(bob, push));
  CHECK(bench.ledger.may_ask(ann, facts<Location>.id));
  bench.clock.advance(custody::Duration{days(30).ms - 1});
  CHECK(bench.ledger.may_ask(ann, push).error() == Errc::asked_too_soon);
  bench.clock.advance(custody::Duration{1});
  CHECK(bench.ledger.may_ask(ann, push));
  bench.clock.advance(custody::Duration{-days(60).ms});
  CHECK(bench.ledger.may_ask(ann, push).error() == Errc::asked_too_soon);  // the clock went back
}

TEST_CASE("a person may consent by their own initiative at any time", "[evidence]") {
  LedgerBench bench;
  REQUIRE(bench.ledger.decline(ann, facts<Push>.id));
  bench.grant_plain<Push>();
  CHECK(bench.standing(facts<Push>) == "ok");
  CHECK(bench.ledger.may_ask(ann, facts<Push>.id));  // the refusal is over
}

TEST_CASE("a refusal of the wider question covers the narrower ones", "[evidence]") {
  LedgerBench bench;
  REQUIRE(bench.ledger.decline(ann, facts<Email>.id));
  CHECK(bench.ledger.may_ask(ann, facts<Weekly>.id).error() == Errc::asked_too_soon);
  CHECK(bench.ledger.may_ask(ann, facts<Marketing>.id));
  REQUIRE(bench.ledger.object(ann, facts<Marketing>.id));
  CHECK(bench.ledger.may_ask(ann, facts<Weekly>.id).error() == Errc::objected);
  bench.clock.advance(days(100));
  CHECK(bench.ledger.may_ask(ann, facts<Weekly>.id).error() == Errc::objected);
}

TEST_CASE("a line says all that a dispute needs", "[evidence]") {
  LedgerBench bench;
  bench.grant_separate<Location>();
  const auto lines = *bench.ledger.lines_of(ann);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].subject == ann);
  CHECK(lines[0].verb == LedgerVerb::grant);
  CHECK(lines[0].purpose == "location.share");
  CHECK(lines[0].form == custody::ConsentForm::separate);
  CHECK(lines[0].notice == "1");
  CHECK(custody::as_text(lines[0].notice_hash) == custody::as_text(bench.notice.hash()));
  CHECK(lines[0].categories == "phone");
  CHECK(lines[0].at == bench.clock.now());
  CHECK(lines[0].line == 1);
}

TEST_CASE("a change that cannot be stored changes nothing", "[evidence]") {
  LedgerBench bench;
  bench.grant_plain<Push>();
  bench.store.refuse = true;
  CHECK(bench.ledger.withdraw(ann, facts<Push>.id).error() == Errc::disk_full);
  CHECK(bench.standing(facts<Push>) == "ok");
  bench.store.refuse = false;
  bench.store.lie = true;
  CHECK(bench.ledger.withdraw(ann, facts<Push>.id).error() == Errc::storage_failed);
  bench.store.lie = false;
  CHECK(bench.standing(facts<Push>) == words(Errc::consent_withdrawn));  // it was stored after all: the store decides
}

TEST_CASE("another process's words are seen within the cache's time, or at once when told", "[evidence]") {
  LedgerBench bench;
  ConsentLedger other(bench.store, bench.clock, Demo::purposes);
  bench.grant_plain<Push>();
  const auto ask = [&] { return bench.ledger.standing(ann, facts<Push>, bench.clock.now()); };
  CHECK(ask());
  REQUIRE(other.withdraw(ann, facts<Push>.id));
  SECTION("time") { bench.clock.advance(custody::Duration{100}); }
  SECTION("told") { bench.ledger.forget(ann); }
  SECTION("the clock went back") { bench.clock.advance(custody::Duration{-1}); }
  CHECK(ask().error() == Errc::consent_withdrawn);
}

TEST_CASE("the cache answers, and is bounded", "[evidence]") {
  LedgerBench bench;
  const auto ask = [&](ConsentLedger& ledger, unsigned n) {
    CHECK(ledger.standing(handle(n), facts<Service>, bench.clock.now()));
  };
  ask(bench.ledger, 1);
  const std::size_t reads = bench.store.reads;
  for (int i = 0; i != 10; ++i) ask(bench.ledger, 1);
  CHECK(bench.store.reads == reads);
  ConsentLedger small(bench.store, bench.clock, Demo::purposes, {.cached_persons = 16});
  for (unsigned n = 0; n != 64; n += 16) ask(small, n);  // one shard, room for two
  const std::size_t before = bench.store.reads;
  ask(small, 0);
  CHECK(bench.store.reads == before + 1);
}

TEST_CASE("an old copy of the ledger, or a clock set back, is found", "[evidence]") {
  LedgerBench bench;
  bench.grant_plain<Push>();
  REQUIRE(bench.ledger.withdraw(ann, facts<Push>.id));
  const auto ask = [&](std::uint64_t epoch) {
    bench.ledger.forget(ann);
    return bench.ledger.standing(ann, facts<Service>, bench.clock.now(), epoch);
  };
  CHECK(ask(2));
  bench.store.rows.pop_back();
  CHECK(ask(2).error() == Errc::tampered);
  CHECK(ask(1));
  bench.clock.advance(custody::Duration{-minutes(5).ms});
  CHECK(ask(1));
  bench.clock.advance(custody::Duration{-1});
  CHECK(ask(1).error() == Errc::clock_set_back);
}

TEST_CASE("sealed lines cannot be made, changed, moved or taken out by hand", "[evidence]") {
  LedgerBench bench;
  ConsentLedger ledger(bench.store, bench.clock, Demo::purposes, {}, secret());
  REQUIRE(ledger.publish_notice(bench.notice));
  REQUIRE(ledger.set_age(ann, AgeBand::adult));
  REQUIRE(ledger.grant(ann, *Consent<Push>::plain(bench.notice)));
  REQUIRE(ledger.withdraw(ann, facts<Push>.id));
  REQUIRE(ledger.grant(bob, *Consent<Push>::plain(bench.notice)));
  auto& rows = bench.store.rows;
  const auto good = rows;
  const auto ask = [&] {
    ledger.forget(ann);
    const auto result = ledger.standing(ann, facts<Service>, bench.clock.now());
    CHECK(ledger.lines_of(ann).has_value() == result.has_value());
    rows = good;
    return result ? Errc::already_there : result.error().code;
  };
  CHECK(ask() == Errc::already_there);
  const auto change = [&](auto edit) {
    edit(rows[1]);
    return ask();
  };
  CHECK(change([](auto& row) { row.verb = LedgerVerb::lift_objection; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.purpose = "marketing"; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.form = custody::ConsentForm::separate; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.notice = "2"; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.notice_hash[3] ^= std::byte{1}; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.terms_hash[3] ^= std::byte{1}; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.categories = ""; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.age_band = 1; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.guardian = guardian; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.at = {row.at.ms + 1}; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.line = 3; }) == Errc::tampered);
  CHECK(change([](auto& row) { row.seal.clear(); }) == Errc::tampered);
  rows.push_back(rows[1]);  // the old grant once more, behind the withdrawal
  CHECK(ask() == Errc::tampered);
  rows.erase(rows.begin() + 1);
  CHECK(ask() == Errc::tampered);
  std::swap(rows[1], rows[2]);
  CHECK(ask() == Errc::tampered);
  rows[3].subject = ann;  // bob's grant made ann's
  CHECK(ask() == Errc::tampered);
  ConsentLedger wrong(bench.store, bench.clock, Demo::purposes, {}, secret(2));
  CHECK(wrong.standing(ann, facts<Service>, bench.clock.now()).error() == Errc::tampered);
  CHECK(wrong.withdraw(ann, facts<Push>.id).error() == Errc::tampered);
}

TEST_CASE("lines that mean nothing stop everything about the person", "[evidence]") {
  LedgerBench bench;
  bench.grant_plain<Push>();
  auto& row = bench.store.rows[0];
  SECTION("verb") { row.verb = static_cast<LedgerVerb>(99); }
  SECTION("hash") { row.terms_hash.resize(5); }
  SECTION("age") {
    row.verb = LedgerVerb::age;
    row.age_band = 9;
  }
  CHECK((bench.ledger.forget(ann), bench.standing(facts<Service>)) == words(Errc::malformed));
}

TEST_CASE("a purpose that the product dropped only counts as a line", "[evidence]") {
  LedgerBench bench;
  bench.grant_plain<Push>();
  bench.store.rows[0].purpose = "dropped";
  bench.ledger.forget(ann);
  CHECK(bench.standing(facts<Push>) == words(Errc::no_consent));
}

TEST_CASE("two processes that write at once both get their line in", "[evidence]") {
  static const Notice* notice = nullptr;
  static custody::ManualClock* clock = nullptr;
  LedgerBench bench;
  notice = &bench.notice;
  clock = &bench.clock;
  // Between reading and appending another process appends line 1.
  struct Late final : custody::LedgerStore {
    FakeLedger& real;
    bool done = false;
    explicit Late(FakeLedger& to) : real(to) {}
    Result<void> append_ledger(std::span<const custody::LedgerRow> rows) override {
      if (!std::exchange(done, true)) {
        ConsentLedger other(real, *clock, Demo::purposes, {}, secret());
        CHECK(other.object(ann, "directory"));
      }
      return real.append_ledger(rows);
    }
    Result<std::vector<custody::LedgerRow>> ledger_of(const Handle& who) override { return real.ledger_of(who); }
  } late{bench.store};
  ConsentLedger ledger(late, bench.clock, Demo::purposes, {}, secret());
  REQUIRE(ledger.publish_notice(*notice));
  REQUIRE(ledger.grant(ann, *Consent<Push>::plain(*notice)));
  CHECK(bench.store.rows.size() == 2);
  CHECK(ledger.standing(ann, facts<Push>, bench.clock.now()));
  CHECK(ledger.standing(ann, facts<Public>, bench.clock.now()).error() == Errc::objected);
}

TEST_CASE("many threads speak for many people", "[evidence]") {
  LedgerBench bench;
  std::atomic<unsigned> wrong{0};
  std::vector<std::thread> crowd;
  for (unsigned t = 0; t != 4; ++t) {
    crowd.emplace_back([&, t] {
      const Handle own = handle(100 + t);
      for (unsigned i = 0; i != 100; ++i) {
        if (!bench.ledger.grant(own, *Consent<Push>::plain(bench.notice))) ++wrong;
        if (!bench.ledger.standing(own, facts<Push>, bench.clock.now())) ++wrong;
        if (!bench.ledger.withdraw(own, facts<Push>.id)) ++wrong;
        if (bench.ledger.standing(own, facts<Push>, bench.clock.now())) ++wrong;
        if (!bench.ledger.decline(ann, facts<Push>.id)) ++wrong;  // everybody at once
      }
    });
  }
  for (auto& one : crowd) one.join();
  CHECK(wrong == 0);
  CHECK(bench.ledger.lines_of(ann)->size() == 400);
  CHECK(bench.ledger.lines_of(ann)->back().line == 400);
}
