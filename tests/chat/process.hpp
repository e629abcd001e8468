// SPDX-License-Identifier: Apache-2.0
#pragma once

// Starts the chat service as a program of its own.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace chat_test {

namespace fs = std::filesystem;

[[noreturn]] inline void give_up(const std::string& words) {
  std::fprintf(stderr, "%s\n", words.c_str());
  std::exit(1);
}
inline void check(bool good, const std::string& words) {
  if (!good) give_up("FAILED: " + words);
}

inline std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What a run left: the exit code (128 + signal), its words, and where its files are.
struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

/// A child that writes its words into a folder; `ack` becomes descriptor 3 when given.
inline pid_t start(const std::vector<std::string>& words, const fs::path& folder, int ack = -1) {
  fs::create_directories(folder);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open((folder / "stdout.txt").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err = ::open((folder / "stderr.txt").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(out, 1);
  ::dup2(err, 2);
  if (ack >= 0 && ack != 3) ::dup2(ack, 3);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  std::_Exit(127);
}

inline int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Runs the service to its end; its files lie in folder/db and folder/out.
inline Ran run_service(const std::string& service, const fs::path& folder, std::vector<std::string> more) {
  fs::remove_all(folder);
  std::vector<std::string> words{service, "--db", (folder / "db").string(), "--out", (folder / "out").string()};
  for (std::string& word : more) words.push_back(std::move(word));
  Ran ran;
  ran.code = wait_for(start(words, folder));
  ran.out = slurp(folder / "stdout.txt");
  ran.err = slurp(folder / "stderr.txt");
  return ran;
}

}  // namespace chat_test
