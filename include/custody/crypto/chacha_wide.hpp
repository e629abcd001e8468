// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace custody::inline v0::detail {

// ChaCha20's key stream (RFC 8439, 2.3 and 2.4) for messages of some hundred bytes, where libsodium computes block by
// block or whole 256 bytes: two blocks lie side by side in one vector, and up to three such pairs are worked on at once.
// Additions, rotations and exclusive ors alone: no branch and no address depends on a secret.
#if defined(__x86_64__)

#define CUSTODY_DETAIL_AVX2 __attribute__((target("avx2")))

/// The same row of two ChaCha blocks.
using TwoRows = std::uint32_t __attribute__((vector_size(32)));
using TwoRowsBytes = unsigned char __attribute__((vector_size(32)));
using OneRow = std::uint32_t __attribute__((vector_size(16)));

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
#define CUSTODY_DETAIL_TWICE(row) __builtin_shufflevector((row), (row), 0, 1, 2, 3, 0, 1, 2, 3)
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

/// Writes 2 * Pairs blocks from number `first` on. The frame is left as it is: the caller clears the stack below its own.
template <unsigned Pairs>
CUSTODY_DETAIL_AVX2 __attribute__((noinline)) void chacha_pairs(unsigned char* out, const std::byte* nonce,
                                                                const std::byte* key, std::uint32_t first) noexcept {
  static_assert(Pairs >= 1 && Pairs <= 3);
  std::uint32_t n[3];
  OneRow k[2];
  std::memcpy(n, nonce, sizeof n);
  std::memcpy(&k[0], key, sizeof k[0]);
  std::memcpy(&k[1], key + sizeof k[0], sizeof k[1]);
  const TwoRows a0 = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  const TwoRows b0 = CUSTODY_DETAIL_TWICE(k[0]);
  const TwoRows c0 = CUSTODY_DETAIL_TWICE(k[1]);
  const TwoRows step = {2, 0, 0, 0, 2, 0, 0, 0};
  TwoRows a[Pairs];
  TwoRows b[Pairs];
  TwoRows c[Pairs];
  TwoRows d[Pairs];
  TwoRows d0[Pairs];
  TwoRows counted = {first, n[0], n[1], n[2], first + 1, n[0], n[1], n[2]};
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
    // From columns to diagonals: b, which the next step waits for, is the row that stays.
#pragma GCC unroll 3
    for (unsigned i = 0; i != Pairs; ++i) {
      CUSTODY_DETAIL_TURN(a[i], 3, 0, 1, 2);
      CUSTODY_DETAIL_TURN(c[i], 1, 2, 3, 0);
      CUSTODY_DETAIL_TURN(d[i], 2, 3, 0, 1);
    }
    CUSTODY_DETAIL_QUARTER_ROUNDS()
#pragma GCC unroll 3
    for (unsigned i = 0; i != Pairs; ++i) {
      CUSTODY_DETAIL_TURN(a[i], 1, 2, 3, 0);
      CUSTODY_DETAIL_TURN(c[i], 3, 0, 1, 2);
      CUSTODY_DETAIL_TURN(d[i], 2, 3, 0, 1);
    }
  }
#pragma GCC unroll 3
  for (unsigned i = 0; i != Pairs; ++i) {
    a[i] += a0;
    b[i] += b0;
    c[i] += c0;
    d[i] += d0[i];
    unsigned char* const to = out + std::size_t{128} * i;
    // One by one: from an array of four, compilers copy words.
    const TwoRows rows_0 = __builtin_shufflevector(a[i], b[i], 0, 1, 2, 3, 8, 9, 10, 11);
    const TwoRows rows_1 = __builtin_shufflevector(c[i], d[i], 0, 1, 2, 3, 8, 9, 10, 11);
    const TwoRows rows_2 = __builtin_shufflevector(a[i], b[i], 4, 5, 6, 7, 12, 13, 14, 15);
    const TwoRows rows_3 = __builtin_shufflevector(c[i], d[i], 4, 5, 6, 7, 12, 13, 14, 15);
    std::memcpy(to, &rows_0, sizeof rows_0);
    std::memcpy(to + 32, &rows_1, sizeof rows_1);
    std::memcpy(to + 64, &rows_2, sizeof rows_2);
    std::memcpy(to + 96, &rows_3, sizeof rows_3);
  }
}

#undef CUSTODY_DETAIL_AVX2
#undef CUSTODY_DETAIL_ROTATE
#undef CUSTODY_DETAIL_ROTATE_16
#undef CUSTODY_DETAIL_ROTATE_8
#undef CUSTODY_DETAIL_TURN
#undef CUSTODY_DETAIL_TWICE
#undef CUSTODY_DETAIL_QUARTER_ROUNDS

#else

[[nodiscard]] inline bool wide_available() noexcept { return false; }
template <unsigned Pairs>
void chacha_pairs(unsigned char*, const std::byte*, const std::byte*, std::uint32_t) noexcept {}

#endif

/// Bytes that one pair of blocks gives, and those that are computed at once.
inline constexpr std::size_t wide_pair = 128;
inline constexpr std::size_t wide_step = 3 * wide_pair;

/// What chacha_pairs leaves on the stack at most, the key among it: 200 bytes, without an optimiser 930.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
inline constexpr std::size_t wide_frame = 384;
#else
inline constexpr std::size_t wide_frame = 1024;
#endif

/// The first `size` bytes of a key stream from counter 0, rounded up to whole pairs. Only where wide_available(). The
/// frames below are left as they are.
inline void chacha_stream(unsigned char* out, std::size_t size, const std::byte* nonce, const std::byte* key) noexcept {
  std::uint32_t block = 0;
  for (; size > wide_step; size -= wide_step, out += wide_step, block += 6) chacha_pairs<3>(out, nonce, key, block);
  if (size > 2 * wide_pair) {
    chacha_pairs<3>(out, nonce, key, block);
  } else if (size > wide_pair) {
    chacha_pairs<2>(out, nonce, key, block);
  } else {
    chacha_pairs<1>(out, nonce, key, block);
  }
}

}  // namespace custody::inline v0::detail
