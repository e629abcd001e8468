// SPDX-License-Identifier: Apache-2.0
#include "input.hpp"

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <utility>

#include <nlohmann/json.hpp>

namespace chat {
namespace {

using nlohmann::json;

/// A line that cannot be used, with the reason: names of fields, never their values.
struct BadLine {
  std::string reason;
};

/// Longer lines are refused before they are parsed; it also bounds how deep a line can nest.
constexpr std::size_t longest_line = 16 * 1024;

void wipe_all(json& value) {
  if (value.is_string()) custody::wipe(value.get_ref<std::string&>());
  if (value.is_structured()) {
    for (json& part : value) wipe_all(part);
  }
}

/// A parsed line, which holds plain values until they are sealed: what is left of them is wiped with it.
struct ParsedLine {
  json value;
  explicit ParsedLine(const std::string& text) : value(json::parse(text, nullptr, false)) {}
  ParsedLine(const ParsedLine&) = delete;
  ParsedLine& operator=(const ParsedLine&) = delete;
  ~ParsedLine() { wipe_all(value); }
};

[[nodiscard]] std::string& text_of(json& line, const char* name) {
  const auto at = line.find(name);
  if (at == line.end() || !at->is_string()) throw BadLine{std::string(name) + " is missing or no text"};
  return at->get_ref<std::string&>();
}

/// Seals one value of the line and wipes the source; null and absent mean that the person did not give it.
template <class Field>
void take(json& line, const char* name, Field& field, std::size_t& values) {
  const auto at = line.find(name);
  if (at == line.end() || at->is_null()) return;
  field = at->is_structured() ? at->dump() : std::move(text_of(line, name));
  if (!field.ingested()) throw BadLine{std::string(name) + " cannot be sealed: " + text(field.ingested().error().code)};
  ++values;
}

[[nodiscard]] bool starts_with_any(std::string_view id, std::initializer_list<std::string_view> stems) {
  for (const std::string_view stem : stems) {
    if (id.starts_with(stem)) return true;
  }
  return false;
}

/// The product's purpose behind a name of the file's taxonomy; empty when the product has no such purpose, and then
/// nobody can be asked for it.
[[nodiscard]] std::string_view purpose_named(std::string_view taxonomy) {
  if (taxonomy.starts_with("personalize")) return PersonalisedPush::id.text;
  if (taxonomy.starts_with("marketing")) return Marketing::id.text;
  if (starts_with_any(taxonomy, {"functional.service.improve", "analytics"})) return Improve::id.text;
  return {};
}

[[nodiscard]] std::vector<std::string> purposes_in(const json& line, const char* name) {
  std::vector<std::string> found;
  const auto at = line.find(name);
  if (at == line.end()) return found;
  if (!at->is_array()) throw BadLine{std::string(name) + " is no list"};
  for (const json& each : *at) {
    if (!each.is_string()) throw BadLine{std::string(name) + " holds something that is no text"};
    const std::string_view id = purpose_named(each.get_ref<const std::string&>());
    if (!id.empty() && std::find(found.begin(), found.end(), id) == found.end()) found.emplace_back(id);
  }
  return found;
}

/// The age band on the first of January 2026, which is when the run begins.
[[nodiscard]] custody::AgeBand age_in(json& line) {
  const std::string& born = text_of(line, "birthday");
  if (born.size() < 10 || born[4] != '-' || born[7] != '-') throw BadLine{"birthday is no date"};
  for (const std::size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (born[i] < '0' || born[i] > '9') throw BadLine{"birthday is no date"};
  }
  const std::string_view date = std::string_view(born).substr(0, 10);
  if (date > "2012-01-01") return custody::AgeBand::under14;
  return date > "2008-01-01" ? custody::AgeBand::from14to17 : custody::AgeBand::adult;
}

[[nodiscard]] Applicant applicant_from(json& line) {
  if (!line.is_object()) throw BadLine{"no JSON object"};
  Applicant made;
  made.person.uid = text_of(line, "uid");
  if (made.person.uid->empty() || made.person.uid->size() > 64) throw BadLine{"uid is empty or longer than 64 bytes"};
  made.age = age_in(line);
  if (line.contains("guardian_uid") && line["guardian_uid"].is_string()) made.guardian = text_of(line, "guardian_uid");
  made.typed_phone = text_of(line, "phone");
  if (!custody::phone_e164::apply(made.typed_phone)) throw BadLine{"phone is no telephone number"};
  if (!custody::email_case::apply(text_of(line, "email"))) throw BadLine{"email is no e-mail address"};

  Person& person = made.person;
  take(line, "name", person.name, made.values);
  take(line, "birthday", person.birthday, made.values);
  take(line, "phone", person.phone, made.values);
  take(line, "id_number", person.id_number, made.values);
  take(line, "email", person.email, made.values);
  take(line, "address", person.address, made.values);
  take(line, "nickname", person.nickname, made.values);
  take(line, "bio", person.bio, made.values);
  take(line, "ip", person.ip, made.values);
  take(line, "device_id", person.device_id, made.values);
  take(line, "geo", person.geo, made.values);
  take(line, "face_template", person.face_template, made.values);

  for (const std::string& id : purposes_in(line, "grants")) {
    made.push = made.push || id == PersonalisedPush::id.text;
    made.improve = made.improve || id == Improve::id.text;
    made.marketing = made.marketing || id == Marketing::id.text;
  }
  made.objections = purposes_in(line, "objections");
  return made;
}

/// Calls `use(line, number)` for every line that is not empty and wipes it afterwards; a BadLine is told.
template <class Use>
[[nodiscard]] bool each_line(const std::string& path, const OnBadLine& on_bad_line, Use use) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    try {
      if (line.size() > longest_line) throw BadLine{"longer than 16 KiB"};
      use(line, number);
    } catch (const BadLine& bad) {
      on_bad_line(number, bad.reason);
    }
    custody::wipe(line);
  }
  return !file.bad();
}

}  // namespace

bool read_people(const std::string& path, const std::function<void(Applicant&)>& on_person,
                 const OnBadLine& on_bad_line) {
  return each_line(path, on_bad_line, [&](const std::string& text, std::size_t number) {
    ParsedLine line(text);
    if (line.value.is_discarded()) throw BadLine{"no JSON"};
    Applicant applicant = applicant_from(line.value);
    applicant.line = number;
    on_person(applicant);
    custody::wipe(applicant.typed_phone);
  });
}

bool read_messages(const std::string& path, const std::function<void(TextLine&)>& on_text,
                   const OnBadLine& on_bad_line) {
  return each_line(path, on_bad_line, [&](const std::string& text, std::size_t number) {
    if (number == 1 && text.starts_with("sender_id\t")) return;
    const std::size_t first = text.find('\t');
    const std::size_t second = first == std::string::npos ? first : text.find('\t', first + 1);
    if (second == std::string::npos) throw BadLine{"fewer than three columns"};
    if (text.find('\t', second + 1) != std::string::npos) throw BadLine{"more than three columns"};
    if (second + 1 == text.size()) throw BadLine{"an empty text"};
    TextLine read;
    read.line = number;
    read.body = custody::Incoming(std::string_view(text).substr(second + 1));
    if (!read.body.ingested()) throw BadLine{"the text cannot be sealed"};
    on_text(read);
  });
}

}  // namespace chat
