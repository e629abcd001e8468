// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <custody/crypto/secret.hpp>
#include <custody/words/bytes.hpp>

namespace test {

inline custody::Bytes unhex(std::string_view text) {
  const auto digit = [](char c) -> unsigned { return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10); };
  custody::Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::byte>(digit(text[i]) * 16 + digit(text[i + 1])));
  return out;
}
inline std::string hex(custody::ByteView bytes) {
  std::string out;
  for (const std::byte b : bytes) {
    out += "0123456789abcdef"[std::to_integer<unsigned>(b) / 16];
    out += "0123456789abcdef"[std::to_integer<unsigned>(b) % 16];
  }
  return out;
}
inline custody::SecretKey key_of(std::string_view hex) { return std::move(*custody::SecretKey::copy_of(unhex(hex))); }
inline custody::SecretKey key_of(unsigned char fill) {
  return std::move(*custody::SecretKey::copy_of(custody::Bytes(32, static_cast<std::byte>(fill))));
}
inline std::string text_of(custody::ByteView bytes) { return std::string(custody::as_text(bytes)); }

/// Bytes that depend on their place, so that no two parts of a test buffer are alike.
inline custody::Bytes pattern(std::size_t size, unsigned seed = 1) {
  custody::Bytes out(size);
  unsigned state = seed * 2654435761U + 1;
  for (std::byte& b : out) {
    state = state * 1664525U + 1013904223U;
    b = static_cast<std::byte>(state >> 24);
  }
  return out;
}

/// What getrandom(2) and madvise(2) do in this program: random_test.cpp stands in for them.
struct Randomness {
  std::atomic<int> mode{0};    ///< 0 the kernel, 1 fails, 2 is interrupted every other time and short, 3 is stuck
  std::atomic<int> calls{0};
  std::atomic<bool> no_clearing{false};  ///< madvise(2) knows no MADV_WIPEONFORK
};
Randomness& randomness();

/// Lets the kernel fail for a scope.
struct NoRandomness {
  NoRandomness() { randomness().mode = 1; }
  NoRandomness(const NoRandomness&) = delete;
  NoRandomness& operator=(const NoRandomness&) = delete;
  ~NoRandomness() { randomness().mode = 0; }
};

/// Runs `body` in a forked child and gives its exit code, or -1 when a signal ended it.
template <class Body>
int in_child(Body body) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    for (const int crash : {SIGSEGV, SIGBUS, SIGABRT}) std::signal(crash, SIG_DFL);  // no report from the child
    ::_exit(body());
  }
  int state = 0;
  ::waitpid(child, &state, 0);
  return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

}  // namespace test
