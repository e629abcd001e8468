// SPDX-License-Identifier: Apache-2.0

// From the notice to the account: what a person is told, asked, and asked for.
#include <algorithm>
#include <filesystem>

#include "service.hpp"
#include "social.hpp"

namespace chat {

namespace {

constexpr custody::Instant first_day{1767258000000};  // 2026-01-01T09:00:00Z
constexpr std::size_t members_at_once = 64;

[[nodiscard]] custody::Result<custody::RootKey> root_key(const std::string& path) {
  auto found = custody::RootKey::from_key_file(path);
  if (found || !(found.error() == custody::Errc::not_found)) return found;
  return custody::RootKey::create_key_file(path);
}

/// Makes a folder that only its owner may enter. False when something else is in the way.
[[nodiscard]] bool make_private(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  return !error && std::filesystem::is_directory(folder, error);
}

}  // namespace

std::optional<Service> Service::open(const Options& options, custody::ManualClock& clock) {
  namespace fs = std::filesystem;
  const fs::path folder = options.db;
  const fs::path data = folder / "chat.db";
  const fs::path keys = folder / "chat.keys";
  if (!make_private(folder) || !make_private(options.out)) {
    static_cast<void>(fail("the folder of --db or --out cannot be made"));
    return std::nullopt;
  }
  std::error_code error;
  if (options.again) {
    for (const fs::path& file : {data, keys}) {
      for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(file.string() + suffix, error);
    }
  }
  if (fs::exists(data, error) || fs::exists(keys, error)) {
    static_cast<void>(fail("there is a database of an earlier run; --again removes it and starts afresh"));
    return std::nullopt;
  }
  auto root = root_key(options.key.empty() ? (folder / "root.key").string() : options.key);
  if (!root) {
    static_cast<void>(fail("root key", root.error()));
    return std::nullopt;
  }
  clock.set(first_day);
  custody::VaultSettings settings;
  settings.clock = &clock;
  auto vault = Vault::open({.data = data.string(), .keys = keys.string()}, *root, settings);
  if (!vault) {
    static_cast<void>(fail("database", vault.error()));
    return std::nullopt;
  }
  Service made(options, clock, std::move(*vault));
  made.acks_.say("clock " + std::to_string(first_day.ms));
  return made;
}

bool Service::publish_notices() {
  auto written = write_notices();
  if (!written) return fail("notices", written.error());
  notices_ = std::move(*written);
  for (const custody::Notice* notice : {&notices_->service, &notices_->location, &notices_->face}) {
    if (auto published = vault_.publish(*notice); !published) return fail("notices", published.error());
  }
  return true;
}

/// Registers the people of the file in two passes, since a guardian may stand behind the child in it.
class Service::Registration {
 public:
  explicit Registration(Service& service) : service_(service), batch_(service.vault_, service.acks_) {}

  [[nodiscard]] bool run() {
    Sum& people = service_.tally_.people;
    const OnBadLine tell = [&](std::size_t line, std::string_view reason) {
      ++people.given;
      ++people.refused["the line is malformed"];
      std::fprintf(stderr, "%s:%zu: %.*s\n", service_.options_.people.c_str(), line, static_cast<int>(reason.size()),
                   reason.data());
    };
    const bool read = read_people(
                          service_.options_.people, [&](Applicant& each) { first_look(each); }, tell) &&
                      read_people(
                          service_.options_.people, [&](Applicant& each) { second_look(each); },
                          [](std::size_t, std::string_view) {});
    if (!read) return fail("the people file cannot be read");
    if (done_) done_ = batch_.commit();
    return done_ ? true : fail("registration", done_.error());
  }

 private:
  void first_look(Applicant& applicant) {
    Sum& people = service_.tally_.people;
    ++people.given;
    const auto [at, fresh] = service_.places_.try_emplace(applicant.person.uid.get(), service_.members_.size());
    if (!fresh) {
      ++people.refused["the user id is taken"];
      return;
    }
    service_.members_.push_back({at->first, applicant.line, {}});
    service_.tally_.values.given += applicant.values;
    if (applicant.age != custody::AgeBand::under14) enter(applicant, {});
    progress_.step();
  }

  void second_look(Applicant& applicant) {
    if (applicant.age != custody::AgeBand::under14) return;
    if (service_.members_[service_.places_.find(applicant.person.uid.get())->second].line != applicant.line) return;
    const auto guardian = service_.places_.find(applicant.guardian);
    enter(applicant,
          guardian == service_.places_.end() ? custody::Subject() : service_.members_[guardian->second].subject);
  }

  /// Registers one person, in a batch where the vault will not refuse: a refusal would undo the others'.
  void enter(Applicant& applicant, const custody::Subject& guardian) {
    if (!done_) return;
    const bool alone = applicant.age == custody::AgeBand::under14 && !guardian;
    if (alone || batch_.size() == members_at_once) done_ = batch_.commit();
    if (done_ && !alone) done_ = batch_.begin();
    if (done_) done_ = alone ? turn_away(applicant) : take_in(applicant, guardian);
  }

  [[nodiscard]] custody::Result<void> take_in(Applicant& applicant, const custody::Subject& guardian) {
    Person& person = applicant.person;
    auto who = service_.vault_.enrol(person.uid.get(), applicant.age, guardian);
    if (!who) return who.error();
    auto left_out = ask(applicant, *who, guardian);
    if (!left_out) return left_out.error();
    if (auto stored = service_.vault_.put(person); !stored) return stored;
    service_.members_[service_.places_.find(person.uid.get())->second].subject = *who;
    ++service_.tally_.people.kept;
    service_.tally_.values.kept += applicant.values - *left_out;
    batch_.acknowledge("person " + person.uid.get());
    return {};
  }

  /// A child without a guardian: the vault takes nothing of the child's, and the handle it was given is destroyed.
  [[nodiscard]] custody::Result<void> turn_away(Applicant& applicant) {
    auto who = service_.vault_.enrol(applicant.person.uid.get(), applicant.age);
    if (!who) return who.error();
    auto stored = service_.vault_.put(applicant.person);
    if (stored) return custody::Error{custody::Errc::guardian_missing, "a child without a guardian was registered"};
    ++service_.tally_.people.refused[text(stored.error().code)];
    service_.tally_.values.refused["of a person who could not register"] += applicant.values;
    if (auto erased = service_.vault_.erase(*who); !erased) return erased.error();
    return {};
  }

  /// Asks every question; leaves out the fields that only an unanswered question would allow. Gives their number.
  [[nodiscard]] custody::Result<std::size_t> ask(Applicant& applicant, const custody::Subject& who,
                                                 const custody::Subject& guardian) {
    const Notices& notices = *service_.notices_;
    Person& person = applicant.person;
    if (guardian) ++service_.tally_.guardians_answered;
    // the file holds no answers to the two separate questions: three in four say yes
    const std::uint64_t drawn_answer = drawn(service_.options_.seed, applicant.line, 7);
    auto push = answer<PersonalisedPush>(applicant, who, guardian, notices.service, applicant.push);
    auto improve = answer<Improve>(applicant, who, guardian, notices.service, applicant.improve);
    auto marketing = answer<Marketing>(applicant, who, guardian, notices.service, applicant.marketing);
    auto location = answer<LocationShare>(applicant, who, guardian, notices.location, drawn_answer % 4 != 0);
    if (!push) return push.error();
    if (!improve) return improve.error();
    if (!marketing) return marketing.error();
    if (!location) return location.error();
    std::size_t left_out = leave_out(person.address, *marketing, "no consent to marketing: address") +
                           leave_out(person.geo, *location, "no separate consent: position");
    if (person.face_template.has_value()) {
      auto face = answer<FaceLogin>(applicant, who, guardian, notices.face, drawn_answer / 4 % 4 != 0);
      if (!face) return face.error();
      left_out += leave_out(person.face_template, *face, "no separate consent: face");
    }
    return left_out;
  }

  /// Writes an answer, and an objection if there is one, into the ledger. Gives whether the purpose may be served.
  template <class Tag>
  [[nodiscard]] custody::Result<bool> answer(const Applicant& applicant, const custody::Subject& who,
                                             const custody::Subject& guardian, const custody::Notice& notice,
                                             bool yes) {
    if (yes) {
      auto consent = [&]() -> custody::Result<custody::Consent<Tag>> {
        if (guardian) return custody::Consent<Tag>::guardian(notice, guardian.handle());
        if constexpr (custody::Consent<Tag>::wants_separate)
          return custody::Consent<Tag>::separate(notice);
        else
          return custody::Consent<Tag>::plain(notice);
      }();
      if (!consent) return consent.error();
      if (auto granted = service_.vault_.template grant<Tag>(who, *consent); !granted) return granted.error();
      ++service_.tally_.consents;
    } else {
      if (auto declined = service_.vault_.template decline<Tag>(who); !declined) return declined.error();
      ++service_.tally_.declines;
    }
    const auto& objections = applicant.objections;
    if (std::find(objections.begin(), objections.end(), Tag::id.text) == objections.end()) return yes;
    if (auto objected = service_.vault_.template object<Tag>(who); !objected) return objected.error();
    ++service_.tally_.objections;
    return false;
  }

  template <class Field>
  [[nodiscard]] std::size_t leave_out(Field& field, bool agreed, const char* reason) {
    if (agreed || !field.has_value()) return 0;
    field.reset();
    ++service_.tally_.values.refused[reason];
    return 1;
  }

  Service& service_;
  Batch batch_;
  custody::Result<void> done_;
  Progress progress_{"registration 注册", 0};
};

bool Service::register_people() { return Registration(*this).run(); }

custody::Result<void> Service::check_identity(const Member& member) {
  auto person = vault_.get<Person>(member.uid);
  if (!person) return person.error();
  if (!person->id_number.has_value()) return {};
  auto permit = vault_.permit<RealNameVerify>(member.subject, identity_check);
  if (!permit) return permit.error();
  // here the product asks the identity service; this one only looks whether there is something to ask about
  auto ask = custody::sink<RealNameVerify, "identity-service", Level::grade4>(
      [](std::string_view value) { return !value.empty(); });
  auto name = person->name.release(*permit, ask);
  if (!name) return name.error();
  auto number = person->id_number.release(*permit, ask);
  if (!number) return number.error();
  ++tally_.identities_checked;
  return {};
}

bool Service::check_identities() {
  Progress progress("identity check 核验身份", members_.size());
  Batch batch(vault_, acks_);
  for (std::size_t from = 0; from < members_.size(); from += members_at_once) {
    const std::size_t end = std::min(from + members_at_once, members_.size());
    for (std::size_t i = from; i != end; ++i) {
      progress.step();
      if (!members_[i].subject) continue;
      if (auto checked = check_identity(members_[i]); !checked) return fail("identity check", checked.error());
    }
    auto done = batch.begin();
    for (std::size_t i = from; done && i != end; ++i) {
      if (members_[i].subject) done = vault_.checked<&Person::id_number>(members_[i].uid);
    }
    if (done) done = batch.commit();
    if (!done) return fail("identity check", done.error());
  }
  return true;
}

custody::Result<void> Service::sign_in(Applicant& applicant, Member& member) {
  ++tally_.sign_ins.given;
  auto found = vault_.find_by<&Person::phone>(applicant.typed_phone);
  if (!found) return found.error();
  const bool known =
      std::any_of(found->begin(), found->end(), [&](const Person& each) { return each.uid == member.uid; });
  if (!known) {
    ++tally_.sign_ins.refused["no account has this number"];
    return {};
  }
  SignIn line;
  line.id = std::string("s").append(std::to_string(applicant.line));
  line.uid = member.uid;
  line.ip = std::move(applicant.person.ip);
  if (auto stored = vault_.put(line); !stored) return stored;
  member.signed_in = true;
  ++tally_.sign_ins.kept;
  acks_.say("signed-in " + member.uid);
  return {};
}

bool Service::sign_people_in() {
  Progress progress("sign-in 登录", members_.size() / 5);
  custody::Result<void> done;
  const bool read = read_people(
      options_.people,
      [&](Applicant& applicant) {
        const std::size_t place = places_.find(applicant.person.uid.get())->second;
        if (!done || place % 5 != 1 || members_[place].line != applicant.line) return;
        done = sign_in(applicant, members_[place]);
        progress.step();
      },
      [](std::size_t, std::string_view) {});
  if (!read) return fail("the people file cannot be read");
  return done ? true : fail("sign-in", done.error());
}

}  // namespace chat
