// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace custody_test {

/// How a run ended that was to be killed.
enum class Killed {
  there,       ///< it was killed where it should be
  finished,    ///< it ended before
  impossible,  ///< this machine does not let one process watch another
};

/// Runs `work` in a forked child and kills it at its `border`-th system-call border from the start of the work: calls are
/// stopped at their entry, with nothing done, and at their exit.
template <class Work>
[[nodiscard]] Killed killed_at(int border, Work work) {
  const ::pid_t child = ::fork();
  if (child < 0) return Killed::impossible;
  if (child == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(99);
    ::raise(SIGSTOP);
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) return Killed::impossible;
  for (int seen = 0; seen != border; ++seen) {
    if (::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) != 0) break;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? Killed::finished : Killed::impossible;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return Killed::there;
}

}  // namespace custody_test
