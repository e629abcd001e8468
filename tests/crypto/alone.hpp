// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "custody_catch.hpp"

namespace test {

/// For what happens once in a process: a hidden case, [.alone], run in a new process of this program.
inline constexpr int went_well = 42;  // not what a program ends with that found no such case

/// Whether the case with this name came to its end well; call conclude() there.
inline bool runs_alone(std::string name) {
  std::string program = "/proc/self/exe";
  std::string sign = "CUSTODY_TEST_ALONE=1";
  char* const arguments[] = {program.data(), name.data(), nullptr};
  char* const environment[] = {sign.data(), nullptr};
  ::pid_t child = 0;
  int state = -1;
  if (::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environment) != 0) return false;
  return ::waitpid(child, &state, 0) == child && WIFEXITED(state) && WEXITSTATUS(state) == went_well;
}
inline bool alone() { return std::getenv("CUSTODY_TEST_ALONE") != nullptr; }
inline void conclude(bool good) {
  CHECK(good);
  if (alone()) ::_exit(good ? went_well : 1);
}

}  // namespace test
