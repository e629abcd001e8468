// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/keys/key_store.hpp>
#include <custody/words/mutex.hpp>

namespace custody::inline v0 {
namespace detail {

/// Counts on, unless the store's number is behind. Errors: rolled_back, malformed, those of the store.
template <class Lazy = void>
[[nodiscard]] Result<std::uint64_t> next_key_age(KeyStore& keys, const char* name, std::uint64_t seen) {
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
  return age + 1;
}

}  // namespace detail

/// Tells an older copy of the keys from the keys themselves, which no store can do on its own: a rolled-back store would
/// hand out generations a second time, with other keys. Give the number that it gave the last time, from wherever the
/// keys' own backups do not reach (the data, another machine; 0 the first time), and keep the one it gives now. Call it
/// when the store is opened, before a ring is, and after a rotation. The number grows by 1 in the store first: a crash in
/// between is no alarm. Threads and processes that share a store count one after the other; each keeps the highest number it
/// was given. A vault needs none: the head of its log does the same. Errors: rolled_back, with the store's number in `at` and
/// nothing changed; malformed, those of the store.
template <class Lazy = void>
[[nodiscard]] Result<std::uint64_t> advance_key_age(KeyStore& keys, std::uint64_t seen) {
  static constexpr const char* name = "keys.age";
  static Mutex one_at_a_time;  // a key file's groups do not keep other threads out
  const Lock lock(one_at_a_time);
  if (auto begun = keys.begin(); !begun) return begun.error();
  auto age = detail::next_key_age(keys, name, seen);
  if (!age) {
    keys.rollback();
    return age;
  }
  if (auto done = keys.commit(); !done) return done.error();
  if (auto flushed = keys.flush(); !flushed) return flushed.error();
  return age;
}

}  // namespace custody::inline v0
