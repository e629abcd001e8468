// SPDX-License-Identifier: Apache-2.0
// find_sentinels --list FILE [--name PART]... [--without PART]... [--expect none|all] FILE...
// find_sentinels --self-test
//
// Reports which planted values occur in which file: utf-8, utf-16le, hex, base64 at the three alignments.
// Exit: 0 none found (with --expect all: every one found), 1 otherwise, 2 no answer: nothing to look for, or a file
// that is missing, unreadable or empty. Values are never printed, only their names.
#include "sentinels.hpp"

#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using sentinels::Pattern;
using sentinels::Searcher;
using sentinels::Sentinel;
using sentinels::Verdict;

constexpr std::size_t chunk_size = 1U << 20U;

struct Tally {
  std::size_t count = 0;
  std::size_t first = 0;
};

struct Report {
  std::map<std::pair<std::size_t, std::string_view>, Tally> hits;  // sentinel, encoding
  std::size_t bytes = 0;
};

bool scan(const std::string& path, const Searcher& searcher, Report& report) {
  std::ifstream in(path, std::ios::binary);
  std::string window;
  std::string chunk(chunk_size, '\0');
  while (in) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const auto got = static_cast<std::size_t>(in.gcount());
    const std::size_t seen = window.size();
    const std::size_t base = report.bytes - seen;
    window.append(chunk, 0, got);
    report.bytes += got;
    searcher.search(window, seen, [&](const Pattern& pattern, std::size_t at) {
      Tally& tally = report.hits[{pattern.sentinel, pattern.encoding}];
      if (tally.count++ == 0) tally.first = base + at;
    });
    if (window.size() >= searcher.longest()) window.erase(0, window.size() - searcher.longest() + 1);
  }
  return in.eof() && report.bytes > 0;
}

void print(const std::string& path, const std::vector<Sentinel>& list, const Report& report,
           std::set<std::size_t>& found) {
  std::size_t total = 0;
  std::set<std::size_t> here;
  for (const auto& [key, tally] : report.hits) {
    std::printf("FOUND %s in %s as %.*s: %zu times, first at %zu\n", list[key.first].name.c_str(), path.c_str(),
                static_cast<int>(key.second.size()), key.second.data(), tally.count, tally.first);
    total += tally.count;
    here.insert(key.first);
  }
  std::printf("%s: %zu bytes, %zu of %zu sentinels, %zu hits\n", path.c_str(), report.bytes, here.size(), list.size(),
              total);
  found.insert(here.begin(), here.end());
}

Verdict judge(const std::vector<Sentinel>& list, const std::set<std::size_t>& found, bool expect_all) {
  std::printf("total: %zu of %zu sentinels found\n", found.size(), list.size());
  if (!expect_all) return found.empty() ? Verdict::as_wanted : Verdict::not_as_wanted;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (found.count(i) == 0) std::printf("MISSING %s\n", list[i].name.c_str());
  }
  return found.size() == list.size() ? Verdict::as_wanted : Verdict::not_as_wanted;
}

int find(const sentinels::Selection& selection, const std::vector<std::string>& files) {
  const std::vector<Sentinel> list = selection.read();
  if (list.empty() || files.empty()) {
    std::fprintf(stderr, "find_sentinels: nothing to look for, or nowhere\n");
    return Verdict::no_answer;
  }
  const Searcher searcher(sentinels::patterns_of(list));
  std::set<std::size_t> found;
  for (const std::string& file : files) {
    Report report;
    if (!scan(file, searcher, report)) {
      std::fprintf(stderr, "find_sentinels: %s is missing, unreadable or empty\n", file.c_str());
      return Verdict::no_answer;
    }
    print(file, list, report, found);
  }
  return judge(list, found, selection.expect_all);
}

// Written apart from sentinels::base64, so that the two can disagree.
std::string encode_base64(std::string text, bool url_safe) {
  const std::string_view alphabet = url_safe ? sentinels::base64_url_safe : sentinels::base64_standard;
  const std::size_t missing = (3 - text.size() % 3) % 3;
  text.append(missing, '\0');
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = (group << 8U) | static_cast<unsigned char>(text[i + k]);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) out += alphabet[(group >> shift) & 0x3FU];
  }
  out.replace(out.size() - missing, missing, missing, '=');
  return out;
}

bool finds(const Searcher& searcher, std::string_view text, std::string_view encoding) {
  std::size_t count = 0;
  searcher.search(text, 0,
                  [&](const Pattern& pattern, std::size_t) { count += pattern.encoding == encoding ? 1U : 0U; });
  return count == 1;
}

int self_test() {
  // 3 and 4 byte characters, + and / in base64
  const std::string value = "\xE5\x93\xA8>>?\xF0\x9F\x94\x92~~SENTINEL-self-test-01";
  const Searcher searcher(sentinels::patterns_of({{"self.test", value}}));
  const std::string utf16("\xE8\x54>\0>\0?\0\x3D\xD8\x12\xDD~\0~\0S\0E\0N\0T\0I\0N\0E\0L\0", 32);
  int failures = 0;
  const auto check = [&failures](bool good, const char* what) {
    if (!good) std::printf("self-test failed: %s\n", what);
    failures += good ? 0 : 1;
  };
  check(finds(searcher, std::string("before").append(value).append("after"), "utf-8"), "utf-8");
  check(sentinels::utf16le(value).compare(0, utf16.size(), utf16) == 0, "utf-16le of this value");
  check(finds(searcher, std::string("x").append(sentinels::utf16le(value)).append("y"), "utf-16le"), "utf-16le");
  check(sentinels::hex("\x0F\xA5", "0123456789abcdef") == "0fa5", "hex of this value");
  check(finds(searcher, sentinels::hex(std::string("ab").append(value).append("c"), "0123456789ABCDEF"), "hex"), "hex");
  for (std::size_t before = 0; before < 6; ++before) {
    for (std::size_t after = 0; after < 3; ++after) {
      const std::string text = std::string(before, '\xFF').append(value).append(after, '\xFF');
      const std::string name = std::string("base64+").append(std::to_string(before % 3));
      check(finds(searcher, encode_base64(text, false), name), name.c_str());
      check(finds(searcher, encode_base64(text, true), name), "url-safe base64");
    }
  }
  check(!finds(searcher, value.substr(0, value.size() - 1).append("2"), "utf-8"), "another value");
  std::printf("self-test: %d failures\n", failures);
  return failures == 0 ? Verdict::as_wanted : Verdict::not_as_wanted;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && arguments.front() == "--self-test") return self_test();
  sentinels::Selection selection;
  std::vector<std::string> files;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].rfind("--", 0) != 0) {
      files.push_back(arguments[i]);
    } else if (i + 1 == arguments.size() || !selection.take(arguments[i], arguments[i + 1])) {
      std::fprintf(stderr, "find_sentinels: bad option %s\n", arguments[i].c_str());
      return Verdict::no_answer;
    } else {
      ++i;
    }
  }
  return find(selection, files);
}
