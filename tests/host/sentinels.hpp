// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Planted values, the shapes in which they may turn up, and a search for all of them at once.
namespace sentinels {

struct Sentinel {
  std::string name;
  std::string value;
};

struct Pattern {
  std::size_t sentinel;
  std::string_view encoding;
  std::string bytes;
};

inline constexpr std::size_t shortest_sentinel = 12;

inline std::string utf16le(std::string_view utf8) {
  std::string out;
  const auto unit = [&out](std::uint32_t value) {
    out += static_cast<char>(value & 0xFFU);
    out += static_cast<char>((value >> 8U) & 0xFFU);
  };
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i++]);
    const unsigned more = lead >= 0xF0U ? 3U : lead >= 0xE0U ? 2U : lead >= 0xC0U ? 1U : 0U;
    std::uint32_t point = more == 0U ? lead : lead & (0x3FU >> more);
    for (unsigned k = 0; k < more && i < utf8.size(); ++k) {
      point = (point << 6U) | (static_cast<unsigned char>(utf8[i++]) & 0x3FU);
    }
    if (point >= 0x10000U) {
      unit(0xD800U + ((point - 0x10000U) >> 10U));
      unit(0xDC00U + ((point - 0x10000U) & 0x3FFU));
    } else {
      unit(point);
    }
  }
  return out;
}

inline std::string hex(std::string_view bytes, std::string_view digits) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
  return out;
}

inline constexpr std::string_view base64_standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
inline constexpr std::string_view base64_url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The characters of a base64 text that depend on `bytes` alone, when these begin `before` bytes (0 to 2) into a group.
inline std::string base64(std::string_view bytes, std::size_t before, std::string_view alphabet) {
  const std::string padded = std::string(before, '\0') + std::string(bytes);
  const std::size_t first = before == 0 ? 0 : before + 1;
  const std::size_t whole = padded.size() * 8 / 6;
  std::string out;
  for (std::size_t at = first; at < whole; ++at) {
    const std::size_t byte = at * 6 / 8;
    const auto high = static_cast<unsigned char>(padded[byte]);
    const auto low =
        byte + 1 < padded.size() ? static_cast<unsigned char>(padded[byte + 1]) : static_cast<unsigned char>(0);
    const unsigned pair = (static_cast<unsigned>(high) << 8U) | low;
    out += alphabet[(pair >> (10U - at * 6U % 8U)) & 0x3FU];
  }
  return out;
}

inline std::vector<Pattern> patterns_of(const std::vector<Sentinel>& list) {
  std::vector<Pattern> out;
  const auto add = [&out](std::size_t index, std::string_view encoding, std::string bytes) {
    for (const Pattern& known : out) {
      if (known.sentinel == index && known.bytes == bytes) return;
    }
    out.push_back({index, encoding, std::move(bytes)});
  };
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string& value = list[i].value;
    add(i, "utf-8", value);
    add(i, "utf-16le", utf16le(value));
    add(i, "hex", hex(value, "0123456789abcdef"));
    add(i, "hex", hex(value, "0123456789ABCDEF"));
    for (const std::string_view alphabet : {base64_standard, base64_url_safe}) {
      add(i, "base64+0", base64(value, 0, alphabet));
      add(i, "base64+1", base64(value, 1, alphabet));
      add(i, "base64+2", base64(value, 2, alphabet));
    }
  }
  return out;
}

/// Finds every pattern in one pass: a table of 2^16 buckets over the first four bytes.
class Searcher {
 public:
  explicit Searcher(std::vector<Pattern> patterns) : patterns_(std::move(patterns)), buckets_(table_size) {
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      buckets_[bucket(patterns_[i].bytes.data())].push_back(i);
      longest_ = patterns_[i].bytes.size() > longest_ ? patterns_[i].bytes.size() : longest_;
    }
  }

  [[nodiscard]] const std::vector<Pattern>& patterns() const { return patterns_; }
  [[nodiscard]] std::size_t longest() const { return longest_; }

  /// Calls found(pattern, offset) for each match that ends behind `seen`, the bytes searched before.
  template <class Found>
  void search(std::string_view text, std::size_t seen, Found&& found) const {
    for (std::size_t at = 0; at + 4 <= text.size(); ++at) {
      for (const std::size_t index : buckets_[bucket(text.data() + at)]) {
        const std::string& bytes = patterns_[index].bytes;
        if (at + bytes.size() > seen && text.compare(at, bytes.size(), bytes) == 0) found(patterns_[index], at);
      }
    }
  }

 private:
  static constexpr std::size_t table_size = 1U << 16U;

  static std::size_t bucket(const char* bytes) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return (word * 2654435761U) >> 16U;
  }

  std::vector<Pattern> patterns_;
  std::vector<std::vector<std::size_t>> buckets_;
  std::size_t longest_ = 0;
};

/// Which sentinels of a list a run looks for, and what it wants: none of them, or all of them.
struct Selection {
  std::string list;
  std::vector<std::string> names;  // any of these in the name, all when empty
  std::vector<std::string> without;  // none of these
  bool expect_all = false;

  /// Takes one option with its value; false when it is not one of these.
  bool take(std::string_view option, const std::string& value) {
    if (option == "--list") {
      list = value;
    } else if (option == "--name") {
      names.push_back(value);
    } else if (option == "--without") {
      without.push_back(value);
    } else if (option == "--expect") {
      expect_all = value == "all";
      return value == "all" || value == "none";
    } else {
      return false;
    }
    return true;
  }

  [[nodiscard]] bool wants(std::string_view name) const {
    const auto among = [name](const std::vector<std::string>& parts) {
      for (const std::string& part : parts) {
        if (name.find(part) != std::string_view::npos) return true;
      }
      return false;
    };
    return (names.empty() || among(names)) && !among(without);
  }

  /// The selected sentinels; empty when the list cannot be read or has one that is too short to be unique.
  [[nodiscard]] std::vector<Sentinel> read() const {
    std::vector<Sentinel> out;
    std::ifstream in(list);
    for (std::string line; std::getline(in, line);) {
      const std::size_t tab = line.find('\t');
      if (line.empty() || line.front() == '#') continue;
      if (tab == std::string::npos || line.size() - tab - 1 < shortest_sentinel) return {};
      if (wants(line.substr(0, tab))) out.push_back({line.substr(0, tab), line.substr(tab + 1)});
    }
    return out;
  }
};

/// Exit codes of the tools: as wanted, not as wanted, no answer.
enum Verdict : int { as_wanted = 0, not_as_wanted = 1, no_answer = 2 };

}  // namespace sentinels
