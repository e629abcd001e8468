// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <type_traits>

#include <custody/evidence/consent.hpp>

#include "custody_catch.hpp"
#include "people.hpp"

using namespace evidence_test;
using custody::Category;
using custody::Consent;
using custody::Notice;
using custody::NoticeDraft;

namespace {
template <class Draft>
concept Completes = requires(const Draft& draft) { draft.complete(); };
template <class Tag>
concept TakesPlain = requires(const Notice& notice) { Consent<Tag>::plain(notice); };
template <class Tag>
concept TakesSeparate = requires(const Notice& notice) { Consent<Tag>::separate(notice); };
template <class Tag, class Draft>
concept TakesDraft = requires(const Draft& draft) { Consent<Tag>::plain(draft); } || requires(const Draft& draft) {
  Consent<Tag>::separate(draft);
} || requires(const Draft& draft) { Consent<Tag>::guardian(draft, Handle{}); };

// Each statement is needed; the last two only where they apply.
static_assert(Completes<NoticeDraft<63>>);
static_assert(!Completes<NoticeDraft<63 - 1>> && !Completes<NoticeDraft<63 - 2>> && !Completes<NoticeDraft<63 - 4>>);
static_assert(!Completes<NoticeDraft<63 - 8>> && !Completes<NoticeDraft<63 - 16>> && !Completes<NoticeDraft<63 - 32>>);
static_assert(!Completes<NoticeDraft<63 + 256>> && Completes<NoticeDraft<63 + 256 + 64>>);

static_assert(TakesPlain<Push> && !TakesPlain<Location> && TakesSeparate<Push> && TakesSeparate<Location>);
static_assert(!TakesDraft<Push, NoticeDraft<63>> && !TakesDraft<Location, NoticeDraft<1>>);
static_assert(!std::is_default_constructible_v<Consent<Push>> && !std::is_default_constructible_v<Notice>);
static_assert(!std::is_constructible_v<Notice, custody::detail::NoticeParts>);
static_assert(!std::is_constructible_v<NoticeDraft<63>, custody::detail::NoticeParts>);
static_assert(!std::is_constructible_v<Consent<Push>, custody::detail::ConsentTerms>);
}  // namespace

TEST_CASE("a complete notice says everything in both languages", "[evidence]") {
  const Notice notice = *draft<Push, Location>("2026-05")
                             .kinds<Category::precise_location>()
                             .why({"必要性", "necessity"}, {"影响", "effect"})
                             .guardian({"监护人须知", "guardians, read this"})
                             .complete();
  CHECK(notice.version() == "2026-05");
  CHECK(notice.covers("push.personalised"));
  CHECK_FALSE(notice.covers("push"));
  CHECK(notice.speaks_to_guardians());
  CHECK(notice.category_list() == "phone,precise_location");
  const std::string en = notice.text_en();
  for (const char* part : {"Demo Ltd", "privacy@demo.example", "personal push", "location.share", "sent to you",
                           "phone number, precise location", "one year", "in the settings", "necessity", "effect",
                           "guardians, read this"}) {
    CAPTURE(part);
    CHECK(en.find(part) != std::string::npos);
  }
  const std::string zh = notice.text_zh();
  for (const char* part : {"Demo Ltd", "个性化推送", "手机号码、精确位置", "必要性", "影响", "监护人须知"}) {
    CAPTURE(part);
    CHECK(zh.find(part) != std::string::npos);
  }
}

TEST_CASE("the hash covers every word, the terms hash what a consent stands on", "[evidence]") {
  const auto terms = [](const Notice& notice) { return *notice.terms_hash("push.personalised"); };
  const Notice base = *draft<Push>("1").complete();
  CHECK((*draft<Push>("1").complete()).hash() == base.hash());
  CHECK(base.hash() == custody::sha256(base.canonical()));
  CHECK(base.terms_hash("location.share").error() == Errc::not_found);

  const Notice same_terms[] = {
      *draft<Push>("2").complete(),
      *draft<Push>("1").handler("Demo Ltd", "other@demo.example").complete(),
      *draft<Push>("1").handler("Demo GmbH", "privacy@demo.example").complete(),
      *draft<Push>("1").retention({"一年", "two years"}).complete(),
      *draft<Push>("1").rights({"设置", "in the settings"}).complete(),
      *draft<Push>("1").guardian({"须知", "guardians"}).complete(),
      *draft<Push>("1").why({"必要", "necessary"}, {"影响", "effect"}).complete(),
      *draft<Push, Location>("1").complete(),
  };
  for (const Notice& other : same_terms) {
    CHECK(other.hash() != base.hash());
    CHECK(terms(other) == terms(base));
  }
  const Notice other_terms[] = {
      *draft<Push>("1").manner({"发送", "sent to you!"}).complete(),
      *draft<Push>("1").manner({"发送！", "sent to you"}).complete(),
      *draft<Push>("1").kinds<Category::email>().complete(),
  };
  for (const Notice& other : other_terms) {
    CHECK(other.hash() != base.hash());
    CHECK(terms(other) != terms(base));
  }
  CHECK(terms(*draft<Push>("1").kinds<Category::phone>().complete()) == terms(base));  // a kind said twice
}

TEST_CASE("words between parts cannot move", "[evidence]") {
  const auto one = draft<Push>("1").handler("ab", "c").complete();
  const auto two = draft<Push>("1").handler("a", "bc").complete();
  CHECK(one->hash() != two->hash());
}

TEST_CASE("an empty statement is no statement", "[evidence]") {
  const auto fails = [](const auto& with, const char* where) {
    const auto notice = with.complete();
    REQUIRE_FALSE(notice);
    CHECK(notice.error() == Errc::unset);
    CHECK(std::string(notice.error().where) == where);
  };
  fails(draft<Push>(""), "version");
  fails(draft<Push>("1").handler("", "c"), "handler");
  fails(draft<Push>("1").handler("h", ""), "contact");
  fails(draft<Push>("1").manner({"", "x"}), "manner");
  fails(draft<Push>("1").manner({"x", ""}), "manner");
  fails(draft<Push>("1").retention({"", ""}), "retention");
  fails(draft<Push>("1").rights({"x", ""}), "rights");
  fails(draft<Push>("1").guardian({"x", ""}), "guardian");
  fails(draft<Push>("1").why({"x", ""}, {"x", "x"}), "necessity");
  fails(draft<Push>("1").why({"x", "x"}, {"", "x"}), "effect");
}

TEST_CASE("kinds known only at run time are checked at run time", "[evidence]") {
  const auto bare = [] {
    return Notice::draft("1")
        .handler("h", "c")
        .purposes<Push>()
        .manner({"a", "b"})
        .retention({"a", "b"})
        .rights({"a", "b"});
  };
  const Category plain[] = {Category::email, Category::phone, Category::email};
  const Category sensitive[] = {Category::id_number};
  const Category invented[] = {static_cast<Category>(200)};
  CHECK(bare().kinds(plain).complete()->category_list() == "phone,email");
  CHECK(bare().kinds(std::span<const Category>{}).complete().error() == Errc::unset);
  CHECK(bare().kinds(sensitive).complete().error() == Errc::unset);
  CHECK(std::string(bare().kinds(sensitive).complete().error().where) == "necessity");
  CHECK(bare().kinds(sensitive).why({"a", "b"}, {"a", "b"}).complete());
  CHECK(bare().kinds(invented).complete().error() == Errc::malformed);
}

TEST_CASE("a consent is to a purpose of its notice", "[evidence]") {
  const Notice notice = *draft<Push>("7").complete();
  const auto consent = Consent<Push>::plain(notice);
  REQUIRE(consent);
  CHECK(std::string(consent->terms().purpose) == "push.personalised");
  CHECK(consent->terms().form == custody::ConsentForm::plain);
  CHECK(consent->terms().notice == "7");
  CHECK(consent->terms().notice_hash == notice.hash());
  CHECK(consent->terms().categories == "phone");
  CHECK(Consent<Push>::separate(notice)->terms().form == custody::ConsentForm::separate);
  CHECK(Consent<Location>::separate(notice).error() == Errc::consent_outdated);
  CHECK(Consent<Marketing>::plain(notice).error() == Errc::consent_outdated);
}

TEST_CASE("a guardian must have been spoken to, and be somebody", "[evidence]") {
  const Notice notice = *draft<Push>("1").complete();
  const Notice spoken = *draft<Push>("1").guardian({"须知", "guardians"}).complete();
  CHECK(Consent<Push>::guardian(notice, handle(9)).error() == Errc::guardian_missing);
  CHECK(Consent<Push>::guardian(spoken, Handle{}).error() == Errc::guardian_missing);
  CHECK(Consent<Push>::guardian(spoken, handle(9))->terms().guardian == handle(9));
}
