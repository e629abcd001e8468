// SPDX-License-Identifier: Apache-2.0
// Stands in for getrandom(2) and madvise(2) in the whole program, libsodium included.
#include "crypto/support.hpp"

#include <cerrno>

#include <sys/mman.h>
#include <sys/syscall.h>

namespace test {

Randomness& randomness() {
  static Randomness state;
  return state;
}

}  // namespace test

extern "C" __attribute__((visibility("default"))) ssize_t getrandom(void* out, size_t length, unsigned flags) {
  test::Randomness& state = test::randomness();
  const int call = ++state.calls;
  if (state.mode == 1) {
    errno = EIO;
    return -1;
  }
  if (state.mode == 2 && call % 2 == 0) {
    errno = EINTR;
    return -1;
  }
  if (state.mode == 2 && length > 5) length = 5;
  if (state.mode == 3) {
    for (size_t i = 0; i != length; ++i) static_cast<unsigned char*>(out)[i] = static_cast<unsigned char>(i * 7 + 1);
    return static_cast<ssize_t>(length);
  }
  return static_cast<ssize_t>(::syscall(SYS_getrandom, out, length, flags));
}

extern "C" __attribute__((visibility("default"))) int madvise(void* memory, size_t length, int advice) noexcept {
  if (advice == MADV_WIPEONFORK && test::randomness().no_clearing) {
    errno = EINVAL;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_madvise, memory, length, advice));
}
