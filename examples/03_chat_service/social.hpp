// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace chat {

/// A number that looks random and is the same for the same arguments (splitmix64).
[[nodiscard]] constexpr std::uint64_t drawn(std::uint64_t seed, std::uint64_t what, std::uint64_t which = 0) noexcept {
  std::uint64_t z = seed + 0x9E3779B97F4A7C15ULL * (what + 1) + 0xD1B54A32D192ED03ULL * (which + 1);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

/// The rank of the person who writes message `number`: few people write most. The first hundredth of the ranks writes
/// 28 % of the messages, the first tenth 67 %, as people do on a public link-sharing site.
[[nodiscard]] constexpr std::size_t sender_of(std::uint64_t seed, std::uint64_t number, std::size_t people) noexcept {
  const std::size_t top = people < 100 ? 1 : people / 100;
  const std::size_t many = people < 10 * top ? people : 10 * top;
  const std::uint64_t share = drawn(seed, number, 1) % 100;
  const std::uint64_t pick = drawn(seed, number, 2);
  if (share < 28 || many == top) return static_cast<std::size_t>(pick % top);
  if (share < 67 || people == many) return top + static_cast<std::size_t>(pick % (many - top));
  return many + static_cast<std::size_t>(pick % (people - many));
}

/// How many people somebody writes to.
[[nodiscard]] constexpr std::size_t contacts_of(std::size_t rank) noexcept { return 2 + rank % 20; }

/// The rank of somebody's contact number `index`; never the person's own.
[[nodiscard]] constexpr std::size_t contact(std::uint64_t seed, std::size_t rank, std::size_t index,
                                            std::size_t people) noexcept {
  const std::uint64_t step = 1 + drawn(seed, rank, 1000 + index) % (people - 1);
  return (rank + static_cast<std::size_t>(step)) % people;
}

/// Every fifth message goes to a group of five: the sender and the first four contacts.
[[nodiscard]] constexpr bool to_group(std::uint64_t number) noexcept { return number % 5 == 4; }

/// The contact that message `number` goes to.
[[nodiscard]] constexpr std::size_t receiver_of(std::uint64_t seed, std::uint64_t number, std::size_t sender,
                                                std::size_t people) noexcept {
  return contact(seed, sender, static_cast<std::size_t>(drawn(seed, number, 3)) % contacts_of(sender), people);
}

}  // namespace chat
