// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/keys/key_store.hpp>

namespace custody::inline v0 {

/// Tells an older copy of the keys from the keys themselves, which no store can do on its own: a rolled-back store would
/// hand out generations a second time, with other keys. Give the number that it gave the last time, from wherever the
/// keys' own backups do not reach (the data, another machine; 0 the first time), and keep the one it gives now. Call it
/// when the store is opened, before a ring is, and after a rotation. The number grows by 1 in the store first: a crash in
/// between is no alarm. A vault needs none: the head of its log does the same. Errors: rolled_back, with the store's
/// number in `at` and nothing changed; malformed, those of the store.
template <class Lazy = void>
[[nodiscard]] Result<std::uint64_t> advance_key_age(KeyStore& keys, std::uint64_t seen) {
  static constexpr const char* name = "keys.age";
  auto stored = keys.get_fact(name);
  if (!stored && !(stored.error() == Errc::not_found)) return stored.error();
  std::uint64_t age = 0;
  if (stored) {
    CanonicalReader reader(*stored);
    age = reader.number<std::uint64_t>();
    if (!reader.ok() || !reader.at_end()) return Error{Errc::malformed, name};
  }
  if (age < seen) return Error{Errc::rolled_back, name, age};
  Bytes next;
  Canonical(next).number(age + 1);
  if (auto kept = keys.put_fact(name, next); !kept) return kept.error();
  if (auto flushed = keys.flush(); !flushed) return flushed.error();
  return age + 1;
}

}  // namespace custody::inline v0
