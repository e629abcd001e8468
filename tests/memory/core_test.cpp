// SPDX-License-Identifier: Apache-2.0
// A process with keys in use and values given dies, and its core is searched. What counts is all writable memory that a
// core holds: heap, stacks, static data and anonymous mappings; the arena is the one place it must leave out.
#include "custody_catch.hpp"
#include "secrets.hpp"
#include "temp_dir.hpp"

#include <csignal>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace custody_test;

namespace {

/// The needles in a file, read in overlapping pieces.
std::uint32_t in_file(const std::string& path, const Needles& needles) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> bytes(1UL << 20);
  std::size_t kept = 0;
  std::uint32_t set = 0;
  while (in) {
    in.read(bytes.data() + kept, static_cast<std::streamsize>(bytes.size() - kept));
    const std::size_t got = kept + static_cast<std::size_t>(in.gcount());
    set |= needles.in(bytes.data(), got);
    kept = got < Needles::longest ? got : Needles::longest;
    std::memmove(bytes.data(), bytes.data() + got - kept, kept);
  }
  return set;
}

/// A child that lives through everything, holds two canaries, one of them in the arena, and then ends with a signal.
template <class Suite>
::pid_t live_and_stop(Needles& needles, int signal, const std::string& directory) {
  const ::pid_t child = ::fork();
  if (child != 0) return child;
  const ::rlimit any{RLIM_INFINITY, RLIM_INFINITY};
  if (::chdir(directory.c_str()) != 0 || (signal == SIGABRT && ::setrlimit(RLIMIT_CORE, &any) != 0)) ::_exit(100);
  std::signal(SIGABRT, SIG_DFL);
  ::kill(::getpid(),
         0);  // bound here: the lazy binding of a function saves registers, whatever they hold, on the stack
  const Canary on_the_heap(41);
  const Canary in_the_arena(42);
  const Canary plain(43);
  Ground<Suite> ground;
  const auto person = ground.person("u1");
  const auto row = ground.row(person);
  const auto permit = ground.template permit<AccountService>(person);
  if (!live_once(ground, row, permit, plain, 16)) ::_exit(101);
  remember_secrets(needles, ground, row);
  plain.remember(needles, "plaintext", 16);
  for (const std::size_t size : {16U, 100U, 193U, 600U, 2000U}) {
    if (!live_once(ground, row, permit, plain, size)) ::_exit(101);
  }
  Account account;
  account.phone = plain.text(100);
  auto key = std::move(*c::SecretKey::blank());
  in_the_arena.write(key.span().data(), c::SecretKey::size);
  auto* const block = static_cast<char*>(std::malloc(64));
  on_the_heap.write(block, 64);
  on_the_heap.remember(needles, "canary on the heap", 64);
  in_the_arena.remember(needles, "canary in the arena", 32);
  ::raise(signal);
  ::_exit(block == nullptr ? 102 : 103);
}

}  // namespace

TEMPLATE_TEST_CASE("what a core dump would hold of a process that stands still", "[core][fork]", c::XChaCha20Poly1305,
                   c::Aes256Gcm) {
  if (!TestType::available()) return;
  const TempDir folder;
  Needles needles;
  const ::pid_t child = live_and_stop<TestType>(needles, SIGSTOP, folder.path());
  int state = 0;
  REQUIRE(::waitpid(child, &state, WUNTRACED) == child);
  REQUIRE(WIFSTOPPED(state));
  const auto found = in_memory_of(child, needles);
  ::kill(child, SIGKILL);
  ::waitpid(child, &state, 0);
  CHECK(found == std::vector<std::string>{"canary on the heap in [heap]"});
}

TEMPLATE_TEST_CASE("a core dump holds what was planted on the heap, and no secret", "[core][fork]",
                   c::XChaCha20Poly1305, c::Aes256Gcm) {
  if (!TestType::available()) return;
  const std::string pattern = file_bytes("/proc/sys/kernel/core_pattern");
  if (pattern.empty() || pattern[0] == '|' || pattern.find('/') != std::string::npos) {
    WARN("cores go elsewhere here; the process that stands still is searched instead");
    return;
  }
  const TempDir folder;
  Needles needles;
  const ::pid_t child = live_and_stop<TestType>(needles, SIGABRT, folder.path());
  int state = 0;
  REQUIRE(::waitpid(child, &state, 0) == child);
  REQUIRE(WIFSIGNALED(state));
  std::uint32_t found = 0;
  std::size_t cores = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    found |= in_file(entry.path().string(), needles);
    ++cores;
  }
  if (cores == 0) {
    WARN("the kernel wrote no core; the process that stands still is searched instead");
    return;
  }
  CHECK(needles.names(found) == "canary on the heap");
}
