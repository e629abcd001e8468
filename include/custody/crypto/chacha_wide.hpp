// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace custody::inline v0::detail {

// ChaCha20's key stream (RFC 8439, 2.3 and 2.4) for messages of a few hundred bytes, where libsodium computes block by
// block or always 256 bytes: two blocks lie side by side in one vector, and up to three such pairs are worked on at once.
// Additions, rotations and exclusive ors alone: no branch and no address depends on a secret.
#if defined(__x86_64__)

#define CUSTODY_DETAIL_AVX2 __attribute__((target("avx2")))

/// The same row of two ChaCha blocks.
using TwoRows = std::uint32_t __attribute__((vector_size(32)));
using TwoRowsBytes = unsigned char __attribute__((vector_size(32)));

/// Whether this machine runs chacha_pairs.
[[nodiscard]] inline bool wide_available() noexcept { return static_cast<int>(__builtin_cpu_supports("avx2")) != 0; }

#define CUSTODY_DETAIL_ROTATE(rows, count) ((rows) << (count) | (rows) >> (32 - (count)))
// Whole bytes are moved, which is one instruction.
#define CUSTODY_DETAIL_ROTATE_16(rows)                                                                               \
  reinterpret_cast<TwoRows>(__builtin_shufflevector(                                                                 \
      reinterpret_cast<TwoRowsBytes>(rows), reinterpret_cast<TwoRowsBytes>(rows), 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, \
      9, 14, 15, 12, 13, 18, 19, 16, 17, 22, 23, 20, 21, 26, 27, 24, 25, 30, 31, 28, 29))
#define CUSTODY_DETAIL_ROTATE_8(rows)                                                                               \
  reinterpret_cast<TwoRows>(__builtin_shufflevector(                                                                \
      reinterpret_cast<TwoRowsBytes>(rows), reinterpret_cast<TwoRowsBytes>(rows), 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, \
      10, 15, 12, 13, 14, 19, 16, 17, 18, 23, 20, 21, 22, 27, 24, 25, 26, 31, 28, 29, 30))
#define CUSTODY_DETAIL_TURN(rows, one, two, three, four) \
  (rows) = __builtin_shufflevector((rows), (rows), one, two, three, four, (one) + 4, (two) + 4, (three) + 4, (four) + 4)

/// A quarter round on each column of every pair.
#define CUSTODY_DETAIL_QUARTER_ROUNDS()                           \
  _Pragma("GCC unroll 3") for (unsigned i = 0; i != Pairs; ++i) { \
    a[i] += b[i];                                                 \
    d[i] = CUSTODY_DETAIL_ROTATE_16(d[i] ^ a[i]);                 \
    c[i] += d[i];                                                 \
    const TwoRows upper = b[i] ^ c[i];                            \
    b[i] = CUSTODY_DETAIL_ROTATE(upper, 12);                      \
    a[i] += b[i];                                                 \
    d[i] = CUSTODY_DETAIL_ROTATE_8(d[i] ^ a[i]);                  \
    c[i] += d[i];                                                 \
    const TwoRows lower = b[i] ^ c[i];                            \
    b[i] = CUSTODY_DETAIL_ROTATE(lower, 7);                       \
  }

/// Writes the blocks 0 to 2 * Pairs - 1. The frame is left as it is: the caller clears the stack below its own.
template <unsigned Pairs>
CUSTODY_DETAIL_AVX2 __attribute__((noinline)) void chacha_pairs(unsigned char* out, const std::byte* nonce,
                                                                const std::byte* key) noexcept {
  static_assert(Pairs >= 1 && Pairs <= 3);
  std::uint32_t k[8];
  std::uint32_t n[3];
  std::memcpy(k, key, sizeof k);
  std::memcpy(n, nonce, sizeof n);
  const TwoRows a0 = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  const TwoRows b0 = {k[0], k[1], k[2], k[3], k[0], k[1], k[2], k[3]};
  const TwoRows c0 = {k[4], k[5], k[6], k[7], k[4], k[5], k[6], k[7]};
  const TwoRows step = {2, 0, 0, 0, 2, 0, 0, 0};
  TwoRows a[Pairs];
  TwoRows b[Pairs];
  TwoRows c[Pairs];
  TwoRows d[Pairs];
  TwoRows d0[Pairs];
  TwoRows counted = {0, n[0], n[1], n[2], 1, n[0], n[1], n[2]};
#pragma GCC unroll 3
  for (unsigned i = 0; i != Pairs; ++i) {
    a[i] = a0;
    b[i] = b0;
    c[i] = c0;
    d[i] = d0[i] = counted;
    counted += step;
  }
  for (int round = 0; round != 10; ++round) {
    CUSTODY_DETAIL_QUARTER_ROUNDS()
#pragma GCC unroll 3
    for (unsigned i = 0; i != Pairs; ++i) {
      CUSTODY_DETAIL_TURN(b[i], 1, 2, 3, 0);
      CUSTODY_DETAIL_TURN(c[i], 2, 3, 0, 1);
      CUSTODY_DETAIL_TURN(d[i], 3, 0, 1, 2);
    }
    CUSTODY_DETAIL_QUARTER_ROUNDS()
#pragma GCC unroll 3
    for (unsigned i = 0; i != Pairs; ++i) {
      CUSTODY_DETAIL_TURN(b[i], 3, 0, 1, 2);
      CUSTODY_DETAIL_TURN(c[i], 2, 3, 0, 1);
      CUSTODY_DETAIL_TURN(d[i], 1, 2, 3, 0);
    }
  }
#pragma GCC unroll 3
  for (unsigned i = 0; i != Pairs; ++i) {
    a[i] += a0;
    b[i] += b0;
    c[i] += c0;
    d[i] += d0[i];
    const TwoRows blocks[4] = {__builtin_shufflevector(a[i], b[i], 0, 1, 2, 3, 8, 9, 10, 11),
                               __builtin_shufflevector(c[i], d[i], 0, 1, 2, 3, 8, 9, 10, 11),
                               __builtin_shufflevector(a[i], b[i], 4, 5, 6, 7, 12, 13, 14, 15),
                               __builtin_shufflevector(c[i], d[i], 4, 5, 6, 7, 12, 13, 14, 15)};
    std::memcpy(out + std::size_t{128} * i, blocks, sizeof blocks);
  }
}

#undef CUSTODY_DETAIL_AVX2
#undef CUSTODY_DETAIL_ROTATE
#undef CUSTODY_DETAIL_ROTATE_16
#undef CUSTODY_DETAIL_ROTATE_8
#undef CUSTODY_DETAIL_TURN
#undef CUSTODY_DETAIL_QUARTER_ROUNDS

#else

[[nodiscard]] inline bool wide_available() noexcept { return false; }
template <unsigned Pairs>
void chacha_pairs(unsigned char*, const std::byte*, const std::byte*) noexcept {}

#endif

/// Bytes that one pair of blocks gives, and the most that chacha_stream takes.
inline constexpr std::size_t wide_pair = 128;
inline constexpr std::size_t wide_limit = 3 * wide_pair;

/// The first `size` bytes of a key stream from counter 0, rounded up to whole pairs; `size` is at most wide_limit. Only
/// where wide_available().
inline void chacha_stream(unsigned char* out, std::size_t size, const std::byte* nonce, const std::byte* key) noexcept {
  if (size <= wide_pair) {
    chacha_pairs<1>(out, nonce, key);
  } else if (size <= 2 * wide_pair) {
    chacha_pairs<2>(out, nonce, key);
  } else {
    chacha_pairs<3>(out, nonce, key);
  }
}

}  // namespace custody::inline v0::detail
