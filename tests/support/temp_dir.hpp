// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/wait.h>
#include <unistd.h>

namespace custody_test {

/// A new directory of mode 0700, in TMPDIR or /tmp unless a base is given, that goes with what is in it at the end of the
/// scope.
class TempDir {
 public:
  explicit TempDir(const char* base = std::getenv("TMPDIR")) : path_(base != nullptr ? base : "/tmp") {
    path_.append("/custody-").append(6, 'X');  // six that mkdtemp(3) replaces
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

/// All bytes of a file; empty when there is none.
[[nodiscard]] inline std::string file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
inline void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
/// Whether any file in a directory, at any depth, holds these bytes.
[[nodiscard]] inline bool any_file_holds(const std::string& directory, std::string_view bytes) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file() && file_bytes(entry.path().string()).find(bytes) != std::string::npos) return true;
  }
  return false;
}

/// Runs something in a forked child; its number, below 200, or 200 when the child died otherwise.
template <class Work>
[[nodiscard]] int in_child(Work work) {
  const ::pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 200;
  return WEXITSTATUS(status);
}

}  // namespace custody_test
