// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include <custody/edges/lock_check.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// A lock is text of at most a few thousand lines; a file beyond this is none.
inline constexpr std::size_t largest_lock = std::size_t{1} << 20;

/// Errors: not_found, storage_failed, too_large.
[[nodiscard]] inline Result<std::string> read_lock_file(const char* path) {
  std::FILE* const file = std::fopen(path, "rb");
  if (file == nullptr) return Errc::not_found;
  std::string text;
  char buffer[4096];
  std::size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, file)) != 0 && text.size() <= largest_lock)
    text.append(buffer, got);
  const bool failed = std::ferror(file) != 0;
  static_cast<void>(std::fclose(file));
  if (failed) return Errc::storage_failed;
  if (text.size() > largest_lock) return Errc::too_large;
  return text;
}

/// Replaces the file at once, so that an interrupted update leaves the old one. Errors: storage_failed.
[[nodiscard]] inline Result<void> write_lock_file(const char* path, std::string_view text) {
  const std::string fresh = std::string(path) + ".new";
  std::FILE* const file = std::fopen(fresh.c_str(), "wb");
  if (file == nullptr) return Errc::storage_failed;
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed || std::rename(fresh.c_str(), path) != 0) {
    static_cast<void>(std::remove(fresh.c_str()));
    return Errc::storage_failed;
  }
  return {};
}

inline void print_report(const LockReport& report) {
  for (const LockFinding& finding : report.findings) {
    static_cast<void>(
        std::fprintf(stderr, "custody.lock: %s: %s.\n", finding.about.c_str(), custody::text(finding.fault)));
  }
  for (const std::string& line : report.additions)
    static_cast<void>(std::fprintf(stderr, "custody.lock: new: %s\n", line.c_str()));
  for (const std::string& line : report.changes)
    static_cast<void>(std::fprintf(stderr, "custody.lock: now: %s\n", line.c_str()));
}

[[nodiscard]] inline int check_lock_file(const std::string& now, const char* path) {
  auto committed = read_lock_file(path);
  if (!committed) {
    static_cast<void>(
        std::fprintf(stderr, "custody.lock: %s: %s.%s\n", path, custody::text(committed.error().code),
                     committed.error() == Errc::not_found ? " Fix: make it with --update and commit it." : ""));
    return 1;
  }
  const LockReport report = check_lock(*committed, now);
  print_report(report);
  if (report.ok && !report.up_to_date) {
    static_cast<void>(
        std::fprintf(stderr, "custody.lock: %s is behind the types. Fix: run the update and commit the file.\n", path));
  }
  return report.up_to_date ? 0 : 1;
}

[[nodiscard]] inline int update_lock_file(const std::string& now, const char* path) {
  auto committed = read_lock_file(path);
  if (!committed && !(committed.error() == Errc::not_found)) {
    static_cast<void>(std::fprintf(stderr, "custody.lock: %s: %s.\n", path, custody::text(committed.error().code)));
    return 1;
  }
  if (committed) {
    const LockReport report = check_lock(*committed, now);
    print_report(report);
    if (!report.ok) return 1;
  }
  if (write_lock_file(path, committed ? updated_lock(*committed, now) : now)) return 0;
  static_cast<void>(std::fprintf(stderr, "custody.lock: %s cannot be written.\n", path));
  return 1;
}

[[nodiscard]] inline int run_lock(const std::string& now, int argc, const char* const* argv) {
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (argc == 2 && verb == "--print") {
    return std::fwrite(now.data(), 1, now.size(), stdout) == now.size() && std::fflush(stdout) == 0 ? 0 : 1;
  }
  if (argc == 3 && verb == "--check") return check_lock_file(now, argv[2]);
  if (argc == 3 && verb == "--update") return update_lock_file(now, argv[2]);
  static_cast<void>(std::fputs("usage: --print | --check FILE | --update FILE\n", stderr));
  return 2;
}

}  // namespace custody::inline v0::detail
