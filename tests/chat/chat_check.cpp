// SPDX-License-Identifier: Apache-2.0

// chat_check old_copy WORK_FOLDER: what an old copy of the files opens after an erasure.
// chat_check kill SERVICE SAMPLE_FOLDER WORK_FOLDER TIMES: kills the chat service at random times and looks at what is
// left.
#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <sstream>

#include <custody/data/cell.hpp>

#include "model.hpp"
#include "notices.hpp"
#include "process.hpp"
#include "residue.hpp"

namespace {

using namespace chat_test;
using custody::Errc;
using custody::Result;

template <class Value>
Value&& must(Result<Value>&& result, const char* what) {
  if (!result) give_up(std::string("FAILED: ") + what + ": " + text(result.error().code) + " " + result.error().where);
  return *std::move(result);
}
void must(Result<void> result, const char* what) {
  if (!result) give_up(std::string("FAILED: ") + what + ": " + text(result.error().code) + " " + result.error().where);
}

// An old copy
// -----------------------------------------------------------------------------------------------------------

/// Stands in for the log of a thief, who keeps none.
class NoWitness final : public custody::Witness {
 public:
  Result<void> record(std::span<const custody::Event>) noexcept override { return {}; }
};

/// What a thief with the root key can open of a pair of files, going round the vault and its log: per row, as
/// "person <name>" or "message <text>".
std::set<std::string> opened_by_thief(const fs::path& data, const fs::path& keys, const custody::RootKey& root) {
  using namespace custody::detail;
  auto store =
      must(custody::SqliteStore::open({data.string(), keys.string()}, "chat-service"), "opening the copies as a store");
  custody::VaultSettings settings;
  custody::ManualClock clock({1'800'000'000'000});
  settings.clock = &clock;
  VaultInside<custody::SqliteStore> inside(std::move(store), settings);
  NoWitness witness;
  RingConfig config;
  config.store = &inside.store.key_store();
  config.witness = &witness;
  config.clock = &clock;
  config.authority = nullptr;
  config.product = "chat-service";
  inside.core = must(RingEngine<>::open(config, root), "opening the keys");
  VaultRows<custody::SqliteStore> rows(inside);
  std::set<std::string> opened;
  const auto open_all = [&]<class Record>(std::type_identity<Record>, const custody::StoredRow& row) {
    auto place = rows.place_of(StoredRecord<Record>::facts(), row);
    if (!place) return;
    Record record;
    if (!read_cells(row, *place, custody::Instant{}, inside.calendar(), record)) return;
    each_guarded(record, [&]<class Facts>(std::type_identity<Facts>, const auto& member) {
      const Cell& cell = CellOffice::cell(member);
      if (!cell.sealed()) return;
      custody::detail::PlainBuffer plain;
      if (cell.open(type_of<std::remove_cvref_t<decltype(member)>>(), plain)) {
        opened.insert(std::string(custody::as_text(plain.view())));
      }
    });
  };
  std::uint64_t after = 0;
  for (;;) {
    auto page = must(inside.store.scan_rows(after, 500), "reading the rows");
    if (page.empty()) return opened;
    for (const custody::StoredRow& row : page) {
      if (row.record == StoredRecord<chat::Person>::facts().number) open_all(std::type_identity<chat::Person>{}, row);
      if (row.record == StoredRecord<chat::Message>::facts().number) open_all(std::type_identity<chat::Message>{}, row);
      if (row.record != person_record || row.owners.empty()) continue;
      auto person = inside.core->state_of(row.owners.front());
      if (!person) continue;
      if (auto uid = uid_in(inside.core, *person, row); uid) opened.insert(*uid);
    }
  }
}

chat::Person person_of(const std::string& name) {
  chat::Person person;
  person.uid = name;
  person.name = name + "-name";
  person.phone = std::string(name == "anna" ? "13900000001" : name == "ben" ? "13900000002" : "13900000003");
  person.email = name + "@example.org";
  person.nickname = name + "-nickname";
  return person;
}

void old_copy(const fs::path& work) {
  fs::remove_all(work);
  fs::create_directories(work);
  fs::permissions(work, fs::perms::owner_all);
  const auto root = must(custody::RootKey::create_key_file((work / "root.key").string()), "root key");
  custody::ManualClock clock({1'767'258'000'000});
  custody::VaultSettings settings;
  settings.clock = &clock;
  const custody::SqliteStore::Options files{(work / "chat.db").string(), (work / "chat.keys").string()};
  {
    auto vault = must(chat::Vault::open(files, root, settings), "vault");
    std::map<std::string, custody::Subject> who;
    for (const char* name : {"anna", "ben", "cleo"}) {
      who[name] = must(vault.enrol(name, custody::AgeBand::adult), "enrol");
      auto person = person_of(name);
      must(vault.put(person), "person");
    }
    const auto talk = [&](const char* from, const char* to, const char* id) {
      const custody::Subject both[] = {who[from], who[to]};
      chat::Message message;
      message.id = id;
      message.room = must(vault.converse(both), "conversation");
      message.sender = from;
      message.sent_at = clock.now().ms;
      message.body = std::string(from) + " to " + to;
      must(vault.put(message), "message");
    };
    talk("anna", "ben", "m1");
    talk("anna", "cleo", "m2");
    must(vault.close(), "close");
  }
  const fs::path old = work / "old";
  fs::create_directories(old);
  fs::permissions(old, fs::perms::owner_all);
  for (const char* file : {"chat.db", "chat.keys"}) fs::copy_file(work / file, old / file);
  {
    auto vault = must(chat::Vault::open(files, root, settings), "vault again");
    clock.advance(custody::minutes(1));
    for (const char* name : {"anna", "cleo"}) {
      const auto erased = must(vault.erase(must(vault.find(name), "find")), "erase");
      check(erased.keys_destroyed, "the keys are destroyed at once");
    }
    must(vault.close(), "close");
  }

  const auto copied = [&](const char* name, const fs::path& data, const fs::path& keys) {
    const fs::path folder = work / name;
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    fs::copy_file(data, folder / "chat.db");
    fs::copy_file(keys, folder / "chat.keys");
    fs::permissions(folder / "chat.keys", fs::perms::owner_read | fs::perms::owner_write);
    return folder;
  };
  const std::set<std::string> of_the_erased{"anna",          "anna-name",   "anna@example.org", "anna-nickname",
                                            "13900000001",   "cleo",        "cleo-name",        "cleo@example.org",
                                            "cleo-nickname", "13900000003", "anna to cleo"};
  const auto show = [&](const char* what, const std::set<std::string>& opened) {
    std::printf("%s opens %zu values:", what, opened.size());
    for (const std::string& each : opened) std::printf(" [%s]", each.c_str());
    std::printf("\n");
  };

  const fs::path mixed = copied("mixed", old / "chat.db", work / "chat.keys");
  const auto now = opened_by_thief(mixed / "chat.db", mixed / "chat.keys", root);
  show("an old copy of the data with today's keys", now);
  for (const std::string& each : of_the_erased)
    check(now.count(each) == 0, "old data and new keys open nothing of the erased");
  check(now.count("ben-name") == 1 && now.count("anna to ben") == 1,
        "what is Ben's is open to Ben's keys: the control");

  const fs::path both = copied("both", old / "chat.db", old / "chat.keys");
  const auto then = opened_by_thief(both / "chat.db", both / "chat.keys", root);
  show("an old copy of both files with the root key", then);
  for (const std::string& each : of_the_erased)
    check(then.count(each) == 1, "an old copy of both opens everything: the control");

  // the vault itself does not get that far: the signed head of the log in the key file is newer than the log
  const fs::path again = copied("again", old / "chat.db", work / "chat.keys");
  auto opened = chat::Vault::open({(again / "chat.db").string(), (again / "chat.keys").string()}, root, settings);
  std::printf("the vault over old data and today's keys: %s\n", opened ? "opens" : text(opened.error().code));
  check(!opened, "the vault refuses an old copy of the data");
}

// Killed
// ----------------------------------------------------------------------------------------------------------------

/// What the service acknowledged before it was killed.
struct Acked {
  std::int64_t clock = 0;
  std::set<std::string> persons, erased, restricted, withdrawn, left;
  struct Sent {
    std::size_t line;
    std::vector<std::string> members;
  };
  std::map<std::string, Sent> messages;
  bool swept = false;
  std::size_t lines = 0;

  explicit Acked(const std::string& all) {
    std::size_t from = 0;
    for (std::size_t end = all.find('\n'); end != std::string::npos; end = all.find('\n', from)) {
      take(all.substr(from, end - from));
      from = end + 1;
    }
  }

 private:
  void take(const std::string& line) {
    std::istringstream words(line);
    std::string verb, name;
    words >> verb >> name;
    ++lines;
    if (verb == "clock") clock = std::stoll(name);
    if (verb == "person") persons.insert(name);
    if (verb == "erased") erased.insert(name);
    if (verb == "restricted") restricted.insert(name);
    if (verb == "withdrawn") withdrawn.insert(name);
    if (verb == "left") left.insert(name);
    if (verb == "swept") swept = true;
    if (verb != "message") return;
    Sent sent{static_cast<std::size_t>(std::stoul(name)), {}};
    std::string id;
    words >> id;
    for (std::string member; words >> member;) sent.members.push_back(member);
    messages[id] = std::move(sent);
  }
};

/// Opens what a killed service left and compares it with what it had acknowledged.
class Inspection {
 public:
  Inspection(const fs::path& folder, const Acked& acked, const std::map<std::string, std::string>& emails,
             const std::unordered_map<std::size_t, std::string>& texts)
      : acked_(acked),
        emails_(emails),
        texts_(texts),
        clock_({acked.clock + custody::hours(1).ms}),
        vault_(open(folder)) {}

  void run() {
    std::size_t missing = 0;
    for (const std::string& uid : acked_.persons) {
      if (acked_.erased.count(uid) != 0 || acked_.restricted.count(uid) != 0)
        must_be_closed(uid);
      else if (!there(uid))
        ++missing;
    }
    // the one whose erasure was under way may be gone already, though nobody was told yet
    check(missing <= (acked_.left.empty() ? 0U : 1U),
          "every acknowledged person is there: " + std::to_string(missing) + " missing");
    for (const std::string& uid : acked_.withdrawn) {
      auto who = vault_.find(uid);
      check(!who || !vault_.permit<chat::PersonalisedPush>(*who, chat::push_gateway), "a withdrawal survives");
    }
    const bool half_a_year = acked_.clock > 1'767'258'000'000 + custody::days(180).ms;
    for (const auto& [id, sent] : acked_.messages) {
      if (!half_a_year) message_there(id, sent, missing);
    }
    must(vault_.sweep(), "a sweep");
    must(vault_.audit().verify(), "the log verifies");
    must(vault_.close(), "close");
  }

 private:
  [[nodiscard]] chat::Vault open(const fs::path& folder) {
    fs::create_directories(folder / "db");
    fs::permissions(folder / "db", fs::perms::owner_all);
    const std::string key = (folder / "db/root.key").string();
    auto root = custody::RootKey::from_key_file(key);
    if (!root) {
      check(acked_.lines == 0, "the root key is there once anything was acknowledged");
      root = custody::RootKey::create_key_file(key);
    }
    custody::VaultSettings settings;
    settings.clock = &clock_;
    auto vault = must(chat::Vault::open({(folder / "db/chat.db").string(), (folder / "db/chat.keys").string()},
                                        must(std::move(root), "root key"), settings),
                      "reopening");
    const auto notices = must(chat::write_notices(), "notices");
    for (const custody::Notice* notice : {&notices.service, &notices.location, &notices.face}) {
      must(vault.publish(*notice), "notice");
    }
    return vault;
  }

  [[nodiscard]] bool there(const std::string& uid) {
    auto who = vault_.find(uid);
    auto person = vault_.get<chat::Person>(uid);
    if (!who || !person) return false;
    auto permit = vault_.permit<chat::AccountService>(*who, chat::server);
    if (!permit) return false;
    std::string seen;
    auto read = person->email.release(
        *permit, custody::sink<chat::AccountService, "test">([&](std::string_view v) { seen = v; }));
    if (!read) return false;
    check(seen == emails_.at(uid), "an acknowledged value is what it was");
    return true;
  }

  /// Nothing erased is back.
  void must_be_closed(const std::string& uid) {
    auto who = vault_.find(uid);
    auto person = vault_.get<chat::Person>(uid);
    if (acked_.erased.count(uid) != 0) check(!who && !person, "an erased person is gone");
    if (!who || !person) return;
    auto permit = vault_.permit<chat::AccountService>(*who, chat::server);
    check(!permit ||
              !person->email.release(*permit, custody::sink<chat::AccountService, "test">([](std::string_view) {})),
          "a restricted person's data is closed");
  }

  void message_there(const std::string& id, const Acked::Sent& sent, std::size_t missing) {
    auto message = vault_.get<chat::Message>(id);
    std::size_t living = 0;
    for (const std::string& uid : sent.members) {
      auto who = vault_.find(uid);
      if (!who) continue;
      ++living;
      auto permit = vault_.permit<chat::MessageDelivery>(*who, chat::server);
      if (!permit || !message) continue;
      std::string seen;
      auto read = message->body.release(*permit, custody::sink<chat::MessageDelivery, "test", chat::Level::grade4>(
                                                     [&](std::string_view text) { seen = text; }));
      if (!read) continue;
      check(seen == texts_.at(sent.line), "an acknowledged message is what it was");
      return;
    }
    const bool nobody = living <= acked_.left.size() + acked_.restricted.size() + missing;
    check(nobody, "an acknowledged message is there: " + id);
  }

  const Acked& acked_;
  const std::map<std::string, std::string>& emails_;
  const std::unordered_map<std::size_t, std::string>& texts_;
  custody::ManualClock clock_;
  chat::Vault vault_;
};

struct Killed {
  std::string acks;
  double took = 0;
  bool finished = false;
};

/// When to kill: so long after the start, or so long after so many acknowledgements.
struct When {
  double seconds = 0;
  std::size_t lines = 0;
};

/// Runs the service and kills it; reads what it acknowledges all the while.
Killed run_and_kill(const std::string& service, const fs::path& folder, const fs::path& people,
                    const fs::path& messages, std::optional<When> when) {
  fs::remove_all(folder);
  int ends[2];
  check(::pipe(ends) == 0, "a pipe");
  ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  const auto began = std::chrono::steady_clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  std::optional<double> after;
  if (when && when->lines == 0) after = when->seconds;
  const pid_t child = start({service, "--people", people.string(), "--messages", messages.string(), "--db",
                             (folder / "db").string(), "--out", (folder / "out").string(), "--ack-fd", "3"},
                            folder, ends[1]);
  ::close(ends[1]);
  Killed killed;
  bool sent = false;
  for (;;) {
    const double left = after && !sent ? *after - passed() : 0.5;
    if (after && !sent && left <= 0) {
      ::kill(child, SIGKILL);
      sent = true;
      continue;
    }
    ::pollfd wait{ends[0], POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(left * 1000) + 1) <= 0) continue;
    char buffer[4096];
    const ::ssize_t got = ::read(ends[0], buffer, sizeof buffer);
    if (got <= 0) break;
    killed.acks.append(buffer, static_cast<std::size_t>(got));
    const auto lines = static_cast<std::size_t>(std::count(killed.acks.begin(), killed.acks.end(), '\n'));
    if (when && !after && lines >= when->lines) after = passed() + when->seconds;
  }
  ::close(ends[0]);
  killed.finished = wait_for(child) == 0;
  killed.took = passed();
  return killed;
}

void kill_many(const std::string& service, const fs::path& sample, const fs::path& work, int times) {
  fs::remove_all(work);
  fs::create_directories(work);
  const fs::path people = work / "people.jsonl";
  const fs::path messages = work / "messages.tsv";
  fs::copy_file(sample / "sample_people.jsonl", people);
  fs::copy_file(sample / "sample_messages.tsv", messages);
  residue::add_canaries(people, messages, 60);  // so that there is more to interrupt, and more persons to erase
  std::map<std::string, std::string> emails;
  std::ifstream lines(people);
  for (std::string line; std::getline(lines, line);) {
    const auto person = nlohmann::json::parse(line);
    emails[person["uid"]] = person["email"];
  }
  const auto texts = residue::texts_of(messages);
  std::set<std::string> values = residue::values_of_people(people);
  values.merge(residue::values_of_messages(messages));
  const residue::Search search(values);

  const fs::path run = work / "run";
  const Killed whole = run_and_kill(service, run, people, messages, std::nullopt);
  check(whole.finished, "an undisturbed run succeeds: " + slurp(run / "stderr.txt"));
  Inspection(run, Acked(whole.acks), emails, texts).run();

  std::mt19937_64 random(20260101);
  int killed_early = 0;
  std::map<std::string, int> last;
  for (int i = 0; i != times; ++i) {
    // by turns at a random time, and shortly after a random acknowledgement: the stages differ much in length
    When when{whole.took * static_cast<double>(random() % 10'000) / 10'000, 0};
    if (i % 2 == 1) when = {static_cast<double>(random() % 100) / 1000, 1 + random() % Acked(whole.acks).lines};
    const Killed killed = run_and_kill(service, run, people, messages, when);
    killed_early += killed.finished ? 0 : 1;
    const Acked acked(killed.acks);
    std::size_t bytes = 0;
    check(search.look_under(run, bytes).empty(), "no personal value is in what a killed run leaves");
    std::printf("killed after %.2f s of %.2f: %zu acknowledged, %zu persons, %zu messages, %zu erased%s\n", killed.took,
                whole.took, acked.lines, acked.persons.size(), acked.messages.size(), acked.erased.size(),
                killed.finished ? " (done)" : "");
    std::fflush(stdout);
    Inspection(run, acked, emails, texts).run();
  }
  std::printf("%d of %d runs were killed before their end\n", killed_early, times);
  check(killed_early * 2 > times, "most runs were interrupted");
}

}  // namespace

int main(int count, char** words) {
  const std::string wanted = count > 1 ? words[1] : "";
  if (wanted == "old_copy" && count == 3)
    old_copy(words[2]);
  else if (wanted == "kill" && count == 6)
    kill_many(words[2], words[3], words[4], std::atoi(words[5]));
  else
    give_up("usage: chat_check old_copy WORK | chat_check kill SERVICE SAMPLE WORK TIMES");
  std::printf("%s: good\n", wanted.c_str());
}
