// SPDX-License-Identifier: Apache-2.0
#pragma once

// Looks for personal values in files, in every form in which a program may have let them slip: as they are, in UTF-16,
// in hex, and in base64 at each of the three places they can have in a longer text.
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>

namespace residue {

namespace fs = std::filesystem;

constexpr std::size_t shortest = 8;  ///< of the values, in UTF-8
constexpr std::size_t head_size = 6;  ///< of every form: three Chinese characters are nine bytes, and six in UTF-16

inline std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string utf16(std::string_view text, bool big) {
  std::string out;
  const auto unit = [&](std::uint32_t u) {
    const char high = static_cast<char>(u >> 8U);
    const char low = static_cast<char>(u & 0xFFU);
    out += big ? high : low;
    out += big ? low : high;
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    std::uint32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
      point = point << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    i += length;
    if (point < 0x10000) {
      unit(point);
    } else {
      unit(0xD800 + ((point - 0x10000) >> 10U));
      unit(0xDC00 + ((point - 0x10000) & 0x3FFU));
    }
  }
  return out;
}

inline std::string hex(std::string_view text, const char* digits) {
  std::string out;
  for (const char c : text) {
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

inline std::string base64(std::string_view text, bool url) {
  const std::string_view alphabet = url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                                        : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (held += 8; held >= 6;) {
      held -= 6;
      out += alphabet[bits >> static_cast<unsigned>(held) & 63U];
    }
  }
  if (held != 0) out += alphabet[bits << static_cast<unsigned>(6 - held) & 63U];
  return out;
}

/// The characters of a text's base64 that do not depend on what stands around it, when `before` bytes of a group of
/// three stand in front.
inline std::string base64_inside(std::string_view text, std::size_t before, bool url) {
  const std::string all = base64(std::string(before, '\0') + std::string(text), url);
  const std::size_t first = before == 0 ? 0 : before + 1;
  const std::size_t whole = (before + text.size()) * 8 / 6;
  return all.substr(first, whole - first);
}

/// Every form of one value.
inline std::vector<std::string> forms_of(std::string_view value) {
  std::vector<std::string> forms{std::string(value), utf16(value, false), utf16(value, true),
                                 hex(value, "0123456789abcdef"), hex(value, "0123456789ABCDEF")};
  for (std::size_t before = 0; before != 3; ++before) {
    for (const bool url : {false, true}) forms.push_back(base64_inside(value, before, url));
  }
  return forms;
}

/// Finds any of many strings in one pass over a text.
class Search {
 public:
  explicit Search(const std::set<std::string>& values) : seen_(std::size_t{1} << 22U) {
    for (const std::string& value : values) {
      if (value.size() < shortest) continue;
      values_.push_back(value);
      for (std::string& form : forms_of(value)) {
        const std::uint64_t head = head_of(form.data());
        seen_[slot(head)] = true;
        by_head_[head].push_back({std::move(form), values_.size() - 1});
      }
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

  /// Adds the values that occur in a text, in whatever form.
  void look(std::string_view text, std::set<std::string>& found) const {
    for (std::size_t i = 0; i + head_size <= text.size(); ++i) {
      const std::uint64_t head = head_of(text.data() + i);
      if (!seen_[slot(head)]) continue;
      const auto at = by_head_.find(head);
      if (at == by_head_.end()) continue;
      for (const Form& form : at->second) {
        if (text.substr(i, form.bytes.size()) == form.bytes) found.insert(values_[form.value]);
      }
    }
  }
  /// The values that occur in any file under a folder, or in its name.
  [[nodiscard]] std::set<std::string> look_under(const fs::path& folder, std::size_t& bytes) const {
    std::set<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      look(entry.path().filename().string(), found);
      if (!entry.is_regular_file()) continue;
      const std::string text = read_file(entry.path());
      bytes += text.size();
      look(text, found);
    }
    return found;
  }

 private:
  struct Form {
    std::string bytes;
    std::size_t value;
  };
  [[nodiscard]] static std::uint64_t head_of(const char* text) noexcept {
    std::uint64_t head = 0;
    std::memcpy(&head, text, head_size);
    return head;
  }
  [[nodiscard]] static std::size_t slot(std::uint64_t head) noexcept {
    return static_cast<std::size_t>((head * 0x9E3779B97F4A7C15ULL) >> 42U);
  }
  std::vector<bool> seen_;
  std::unordered_map<std::uint64_t, std::vector<Form>> by_head_;
  std::vector<std::string> values_;
};

/// The strings inside a json value, and its own text when it is a structure.
inline void collect(const nlohmann::json& value, std::set<std::string>& out) {
  if (value.is_string()) out.insert(value.get<std::string>());
  if (value.is_number()) out.insert(value.dump());
  if (!value.is_structured()) return;
  out.insert(value.dump());
  for (const nlohmann::json& part : value) collect(part, out);
}

/// Every personal value of a people file.
inline std::set<std::string> values_of_people(const fs::path& path) {
  std::set<std::string> values;
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json person = nlohmann::json::parse(line, nullptr, false);
    if (!person.is_object()) continue;
    for (const char* field : {"uid", "name", "birthday", "phone", "id_number", "email", "address", "nickname", "bio",
                              "ip", "device_id", "geo", "face_template"}) {
      if (person.contains(field)) collect(person[field], values);
    }
    if (person.contains("phone") && person["phone"].is_string())
      values.insert("+86" + person["phone"].get<std::string>());
  }
  return values;
}

/// Every text of a messages file, by its line number.
inline std::unordered_map<std::size_t, std::string> texts_of(const fs::path& path) {
  std::unordered_map<std::size_t, std::string> texts;
  std::ifstream file(path, std::ios::binary);
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    if (++number == 1) continue;
    const std::size_t tab = line.rfind('\t');
    if (tab != std::string::npos) texts[number] = line.substr(tab + 1);
  }
  return texts;
}
inline std::set<std::string> values_of_messages(const fs::path& path) {
  std::set<std::string> values;
  for (const auto& [line, text] : texts_of(path)) values.insert(text);
  return values;
}

/// Sixteen bytes that occur nowhere else, for a field of a canary.
inline std::string canary(std::uint64_t& state) {
  std::string out;
  while (out.size() != 16) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    out += "abcdefghijkmnpqrstuvwxyz23456789"[state >> 59U];
  }
  return out;
}

/// Appends canary people and canary messages to files: each field holds sixteen unique bytes.
inline void add_canaries(const fs::path& people, const fs::path& messages, int count) {
  std::uint64_t state = 77;
  std::ofstream out(people, std::ios::binary | std::ios::app);
  for (int i = 0; i != count; ++i) {
    nlohmann::json person;
    for (const char* field : {"name", "id_number", "nickname", "bio", "ip", "device_id", "face_template"}) {
      person[field] = canary(state);
    }
    person["uid"] = canary(state);
    person["birthday"] = "1980-02-03" + canary(state).substr(0, 6);
    person["phone"] = "(154) " + std::to_string(1000 + i) + "-" + std::to_string(10000 + (state >> 50U));
    person["email"] = canary(state).substr(0, 8) + "@ab.test";
    person["address"] = {{"street", canary(state)}};
    person["geo"] = {{"lat", canary(state)}, {"lon", canary(state)}};
    person["grants"] = {"personalize.system", "functional.service.improve", "marketing.communications.email"};
    out << person.dump() << '\n';
  }
  std::ofstream texts(messages, std::ios::binary | std::ios::app);
  for (int i = 0; i != 4 * count; ++i) texts << "canary\t\t" << canary(state) << '\n';
}

}  // namespace residue
