// SPDX-License-Identifier: Apache-2.0

// chat_test CASE SERVICE SAMPLE_FOLDER WORK_FOLDER [DATA_FOLDER]: runs the chat service and looks at what it leaves
// behind.
#include <sqlite3.h>

#include <functional>
#include <map>

#include "process.hpp"
#include "residue.hpp"

namespace {

using namespace chat_test;

struct Setting {
  std::string service;
  fs::path sample;
  fs::path work;
  fs::path data;
};

[[nodiscard]] std::vector<std::string> files(const fs::path& people, const fs::path& messages) {
  return {"--people", people.string(), "--messages", messages.string()};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// The lines of a table that begin with a label, as numbers: given, kept, refused.
[[nodiscard]] std::vector<long> numbers_of(const std::string& out, const std::string& label) {
  std::vector<long> numbers;
  const std::size_t at = ("\n" + out).find("\n" + label);
  if (at == std::string::npos) give_up("no line " + label + " in:\n" + out);
  const std::string line = out.substr(at, out.find('\n', at) - at);
  for (std::size_t i = label.size(); i < line.size();) {
    const bool starts = line[i] >= '0' && line[i] <= '9' && line[i - 1] == ' ';
    if (!starts) {
      ++i;
      continue;
    }
    numbers.push_back(std::strtol(line.c_str() + i, nullptr, 10));
    while (i < line.size() && line[i] != ' ') ++i;
  }
  return numbers;
}

void check_sums(const Ran& ran, long people, long messages) {
  for (const char* label : {"people", "personal values", "sign-ins", "messages", "deliveries", "personalised pushes"}) {
    const auto sum = numbers_of(ran.out, label);
    check(sum.size() == 3 && sum[0] == sum[1] + sum[2], std::string("the sum of ") + label + " adds up");
  }
  check(numbers_of(ran.out, "people")[0] == people, "every person is counted");
  check(numbers_of(ran.out, "messages")[0] == messages, "every message is counted");
}

/// The values of files that occur under a folder, less what a run over empty files writes too.
[[nodiscard]] std::set<std::string> left_behind(const Setting& with, const fs::path& folder,
                                                const std::set<std::string>& values) {
  const fs::path empty = with.work / "empty";
  write(with.work / "none", "");
  static_cast<void>(run_service(with.service, empty, files(with.work / "none", with.work / "none")));
  const residue::Search search(values);
  std::size_t bytes = 0;
  const auto always = search.look_under(empty, bytes);
  bytes = 0;
  std::set<std::string> found = search.look_under(folder, bytes);
  for (const std::string& each : always) found.erase(each);
  std::printf(
      "looked for %zu values in 11 forms in %zu bytes: %zu found; %zu left out because an empty run writes them\n",
      search.size(), bytes, found.size(), always.size());
  return found;
}

void check_nothing_left(const Setting& with, const fs::path& folder, const std::set<std::string>& values) {
  const std::set<std::string> left = left_behind(with, folder, values);
  for (const std::string& each : left) std::printf("FOUND %s\n", each.c_str());
  check(left.empty(), "no personal value is in any file");
}

/// The same search over a database without custody must find every value in every form, or it proves nothing.
void check_search_finds(const fs::path& folder, const std::set<std::string>& values) {
  fs::remove_all(folder);
  fs::create_directories(folder);
  ::sqlite3* db = nullptr;
  check(::sqlite3_open((folder / "plain.db").c_str(), &db) == SQLITE_OK, "the plain database opens");
  ::sqlite3_exec(db, "CREATE TABLE plain(value BLOB); BEGIN", nullptr, nullptr, nullptr);
  ::sqlite3_stmt* insert = nullptr;
  ::sqlite3_prepare_v2(db, "INSERT INTO plain VALUES(?)", -1, &insert, nullptr);
  const auto put = [&](const std::string& bytes) {
    ::sqlite3_bind_blob(insert, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_TRANSIENT);
    ::sqlite3_step(insert);
    ::sqlite3_reset(insert);
  };
  // each form by turns, so that every form is looked for
  std::size_t turn = 0;
  std::size_t wanted = 0;
  for (const std::string& value : values) {
    if (value.size() < residue::shortest) continue;
    ++wanted;
    switch (turn++ % 8) {
      case 0: put(value); break;
      case 1: put(residue::utf16(value, false)); break;
      case 2: put(residue::utf16(value, true)); break;
      case 3: put(residue::hex(value, "0123456789abcdef")); break;
      case 4: put(residue::hex(value, "0123456789ABCDEF")); break;
      case 5: put(residue::base64(value, false)); break;
      case 6: put(residue::base64("x" + value + "yz", true)); break;
      default: put(residue::base64("xx" + value + "y", false)); break;
    }
  }
  ::sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr);
  ::sqlite3_finalize(insert);
  ::sqlite3_close(db);
  std::size_t bytes = 0;
  const std::set<std::string> found = residue::Search(values).look_under(folder, bytes);
  std::printf("control: %zu of %zu values found in a database without custody\n", found.size(), wanted);
  for (const std::string& value : values) {
    if (value.size() >= residue::shortest && found.count(value) == 0) std::printf("MISSED %s\n", value.c_str());
  }
  check(found.size() == wanted, "the search finds every value in a database without custody");
}

void sample(const Setting& with) {
  const Ran ran = run_service(with.service, with.work / "run", {});
  check(ran.code == 0, "the sample runs: " + ran.err);
  check(ran.err.empty(), "nothing is said on the error stream when it is no terminal: " + ran.err);
  check_sums(ran, 40, 300);
  const std::string page = slurp(with.work / "run/out/report.html");
  check(page.find("</html>") != std::string::npos, "the page is there and whole");
  for (const char* part : {"http://", "https://", "<script", "src=", "@import", "url("}) {
    check(page.find(part) == std::string::npos, std::string("the page loads nothing: ") + part);
  }
  for (const char* part : {"id=sums", "id=held", "id=notice", "id=used", "id=refused", "id=destroyed", "id=log"}) {
    check(page.find(part) != std::string::npos, std::string("the page has ") + part);
  }
  check(page.find("log intact") != std::string::npos, "the page says that the log is intact");
  std::set<std::string> values = residue::values_of_people(with.sample / "sample_people.jsonl");
  values.merge(residue::values_of_messages(with.sample / "sample_messages.tsv"));
  check_nothing_left(with, with.work / "run/out", values);

  const Ran second = run_service(with.service, with.work / "twice", {});
  check(second.out.substr(0, second.out.find("report")) == ran.out.substr(0, ran.out.find("report")),
        "two runs count the same");
  const std::vector<std::string> over{with.service, "--db", (with.work / "run/db").string(), "--out",
                                      (with.work / "run/out").string()};
  check(wait_for(start(over, with.work / "over")) == 1, "an existing database is not touched");
}

void malformed(const Setting& with) {
  const std::string good = slurp(with.sample / "sample_people.jsonl");
  const std::size_t end = good.find('\n', good.find('\n') + 1) + 1;
  const std::string deep = "{\"uid\":\"deep\",\"x\":" + std::string(7000, '[') + std::string(7000, ']') + "}";
  write(with.work / "people.jsonl",
        good.substr(0, end) + "no json\n" + "[1,2]\n" + "{\"uid\":7}\n" + "{\"uid\":\"a\",\"birthday\":\"soon\"}\n" +
            deep + "\n" + std::string(20'000, 'x') + "\n" + "{\"uid\":\"b\",\"name\":\"\xff\xfe\"}\n" +
            "{\"uid\":\"c\",\"birthday\":\"1990-01-01\",\"phone\":\"none\",\"email\":\"x@y\"}\n" + good.substr(end) +
            good.substr(0, end));
  write(with.work / "messages.tsv",
        "sender_id\ttimestamp\ttext\nonly one column\na\tb\nw\t\tgood\na\tb\tc\td\nw\t\t\n" + std::string(20'000, 'y') +
            "\n");
  const Ran ran =
      run_service(with.service, with.work / "run", files(with.work / "people.jsonl", with.work / "messages.tsv"));
  check(ran.code == 0, "the run goes on: " + ran.err);
  check_sums(ran, 50, 6);
  for (int line = 3; line <= 10; ++line) {
    check(ran.err.find("people.jsonl:" + std::to_string(line) + ": ") != std::string::npos,
          "the message names line " + std::to_string(line) + " of the people: " + ran.err);
  }
  check(ran.err.find("people.jsonl:11: ") == std::string::npos, "good lines are not blamed: " + ran.err);
  for (const int line : {2, 3, 5, 6, 7}) {
    check(ran.err.find("messages.tsv:" + std::to_string(line) + ": ") != std::string::npos,
          "the message names line " + std::to_string(line) + " of the messages: " + ran.err);
  }
  check(ran.out.find("the user id is taken") != std::string::npos, "a repeated person is refused by that reason");

  const Ran missing =
      run_service(with.service, with.work / "missing", files(with.work / "nowhere", with.work / "nowhere"));
  check(missing.code == 1 && !missing.err.empty(), "a missing file stops the run with words");
  const Ran wrong = run_service(with.service, with.work / "wrong", {"--limit", "many"});
  check(wrong.code == 2, "wrong arguments are told");
}

void refuses_nothing(const Setting& with) {
  write(with.work / "none", "");
  const Ran ran = run_service(with.service, with.work / "run", files(with.work / "none", with.work / "none"));
  check(ran.code == 3, "a run that refused nothing fails");
  check(ran.err.find("refused nothing") != std::string::npos, "and says so: " + ran.err);
}

void residue_case(const Setting& with) {
  fs::remove_all(with.work);
  fs::create_directories(with.work);
  const fs::path people = with.work / "people.jsonl";
  const fs::path messages = with.work / "messages.tsv";
  fs::copy_file(with.sample / "sample_people.jsonl", people);
  fs::copy_file(with.sample / "sample_messages.tsv", messages);
  residue::add_canaries(people, messages, 12);
  std::set<std::string> values = residue::values_of_people(people);
  values.merge(residue::values_of_messages(messages));
  const Ran ran = run_service(with.service, with.work / "run", files(people, messages));
  check(ran.code == 0, "the run succeeds: " + ran.err);
  check_nothing_left(with, with.work / "run", values);
  check_search_finds(with.work / "control", values);
}

void shared_data(const Setting& with) {
  if (with.data.empty()) {
    std::printf("skipped: no data folder\n");
    std::exit(77);
  }
  for (const std::string language : {"zh", "en"}) {
    const fs::path people = with.data / ("users." + language + ".jsonl");
    const fs::path messages = with.data / ("messages." + language + ".tsv");
    const auto began = std::chrono::steady_clock::now();
    const Ran ran = run_service(with.service, with.work / language, files(people, messages));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    check(ran.code == 0, language + " runs: " + ran.err);
    check_sums(ran, 2000, 5000);
    std::printf("%s: %.1f s\n%s\n", language.c_str(), took.count(), ran.out.c_str());
    std::set<std::string> values = residue::values_of_people(people);
    values.merge(residue::values_of_messages(messages));
    check_nothing_left(with, with.work / language, values);
    check_search_finds(with.work / "control", values);
  }
}

}  // namespace

int main(int count, char** words) {
  const std::map<std::string, std::function<void(const Setting&)>> cases{{"sample", sample},
                                                                         {"malformed", malformed},
                                                                         {"refuses_nothing", refuses_nothing},
                                                                         {"residue", residue_case},
                                                                         {"shared_data", shared_data}};
  const auto wanted = count < 5 ? cases.end() : cases.find(words[1]);
  if (wanted == cases.end()) give_up("usage: chat_test CASE SERVICE SAMPLE_FOLDER WORK_FOLDER [DATA_FOLDER]");
  wanted->second({words[2], words[3], words[4], count > 5 ? words[5] : ""});
  std::printf("%s: good\n", words[1]);
}
