// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

#include <custody/crypto/entropy.hpp>
#include <custody/crypto/hash.hpp>

namespace custody::inline v0 {

/// A nonce for data that must survive a generator that repeats itself, such as a virtual machine that is started twice
/// from one snapshot: the kernel's bytes, mixed under the message's key with the message and its context. Where the
/// kernel's bytes repeat, the nonce repeats only for the same message in the same place, whose envelope is then the same.
/// At most 32 bytes. One kernel draw and one BLAKE2b over the message. False when the kernel gives nothing. Thread-safe.
[[nodiscard]] inline bool draw_hedged_nonce(ByteSpan out, ByteView key, ByteView context, ByteView message) noexcept {
  std::byte fresh[32];
  if (out.size() > sizeof fresh || !detail::draw_entropy(fresh)) return false;
  std::byte sizes[16];
  for (unsigned i = 0; i != 8; ++i) {
    sizes[i] = static_cast<std::byte>(std::uint64_t{context.size()} >> (8U * i));
    sizes[8 + i] = static_cast<std::byte>(std::uint64_t{message.size()} >> (8U * i));
  }
  static constexpr char domain[] = "custody.hedge.1";
  std::byte mixed[32];
  blake2b_into(mixed, {as_bytes(domain, sizeof domain - 1), fresh, sizes, context, message}, key);
  ::sodium_stackzero(1024);  // the hash copies blocks of the message to its frame
  std::memcpy(out.data(), mixed, out.size());
  wipe(fresh, sizeof fresh);
  return true;
}

}  // namespace custody::inline v0
