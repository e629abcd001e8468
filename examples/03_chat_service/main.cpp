// SPDX-License-Identifier: Apache-2.0

// The chat service: people are told, asked and registered; they write to each other; some say no, leave, are erased;
// time passes. Everything personal is sealed from the moment it is read. Ends with a table, and a page that says what
// was kept, used, refused and destroyed, and whether the log of it can be believed.
//
// Exit codes: 0 done; 1 cannot go on; 2 wrong arguments; 3 the run shows nothing (nothing refused, a sum that does not
// add up, a log that does not verify). A malformed line of a file is told with its number, counted as refused, and
// passed over.
#include <charconv>
#include <cstdio>
#include <fstream>
#include <string_view>

#include <unistd.h>

#include <custody/edges/privacy_notice.hpp>

#include "report.hpp"
#include "service.hpp"

#ifndef CHAT_SAMPLE_DIR
#define CHAT_SAMPLE_DIR "."
#endif

namespace chat {

void Acknowledgements::say(std::string_view line) const {
  if (fd_ < 0) return;
  std::string out(line);
  out += '\n';
  static_cast<void>(!::write(fd_, out.data(), out.size()));  // a reader that went away changes nothing
}

bool fail(std::string_view stage, custody::Error error) {
  std::fprintf(stderr, "%.*s: %s%s%s\n", static_cast<int>(stage.size()), stage.data(), text(error.code),
               *error.where == '\0' ? "" : ": ", error.where);
  return false;
}
bool fail(std::string_view words) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(words.size()), words.data());
  return false;
}

namespace {

constexpr const char* usage = R"(usage: chat_service [--people FILE --messages FILE] [options]
  --people FILE    people, one JSON object a line        (default: the sample)
  --messages FILE  sender <tab> time <tab> text, a line each, a header line first
  --db FOLDER      the database and its keys             (default: chat-demo/db)
  --out FOLDER     the report page and privacy notices   (default: chat-demo/out)
  --key FILE       the root key, made when there is none (default: root.key beside the database; a product keeps it
                   somewhere else)
  --limit N        send N messages, the file round and round; default: every line once
  --seed N         who writes to whom, and the answers that the people file does not hold (default: 1)
  --again          remove the database of an earlier run first; without it the program does not touch one
  --ack-fd N       write a line to this descriptor for each operation once it is on disk
)";

template <class Number>
[[nodiscard]] bool read_number(std::string_view text, Number& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && !text.empty();
}

[[nodiscard]] bool read_arguments(int count, char** words, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--again") {
      options.again = true;
      continue;
    }
    if (i + 1 == count) return false;
    const std::string_view value = words[++i];
    if (word == "--people")
      options.people = value;
    else if (word == "--messages")
      options.messages = value;
    else if (word == "--db")
      options.db = value;
    else if (word == "--out")
      options.out = value;
    else if (word == "--key")
      options.key = value;
    else if (word == "--limit") {
      if (!read_number(value, options.limit)) return false;
    } else if (word == "--seed") {
      if (!read_number(value, options.seed)) return false;
    } else if (word == "--ack-fd") {
      if (!read_number(value, options.ack_fd) || options.ack_fd < 0) return false;
    } else
      return false;
  }
  return options.people.empty() == options.messages.empty();
}

[[nodiscard]] bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file.good() || fail("cannot write " + path);
}

[[nodiscard]] bool write_pages(const Service& service) {
  const std::string& out = service.options().out;
  const custody::NoticeParty party{.handler = "Example Chat Ltd. / 示例聊天有限公司",
                                   .contact = "privacy@chat.example",
                                   .effective_date = "2026-01-01",
                                   .rights_channel = "privacy@chat.example"};
  return write_file(out + "/report.html", report_page(service)) &&
         write_file(out + "/privacy-notice.zh.html",
                    custody::privacy_notice_html<Product, Person, SignIn, Message>(party, custody::Language::zh)) &&
         write_file(out + "/privacy-notice.en.html",
                    custody::privacy_notice_html<Product, Person, SignIn, Message>(party, custody::Language::en));
}

/// The life of the service, stage by stage.
[[nodiscard]] bool live(Service& service) {
  return service.publish_notices() && service.register_people() && service.check_identities() &&
         service.sign_people_in() && service.exchange_messages() && service.deliver() && service.push() &&
         service.answer_tickets() && service.withdraw() && service.export_one() && service.second_day() &&
         service.one_friend_leaves() && service.erase_some() && service.half_a_year_later() && service.read_evidence();
}

[[nodiscard]] int run(int count, char** words) {
  Options options;
  if (!read_arguments(count, words, options)) {
    std::fputs(usage, stderr);
    return 2;
  }
  if (options.people.empty()) {
    options.people = CHAT_SAMPLE_DIR "/sample_people.jsonl";
    options.messages = CHAT_SAMPLE_DIR "/sample_messages.tsv";
  }
  custody::ManualClock clock({0});
  auto service = Service::open(options, clock);
  if (!service || !live(*service) || !write_pages(*service) || !service->close()) return 1;
  print_table(*service);
  std::printf("report 报告: %s/report.html\n", options.out.c_str());
  return convincing(*service) ? 0 : 3;
}

}  // namespace
}  // namespace chat

int main(int count, char** words) { return chat::run(count, words); }
