// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <custody/data/record_check.hpp>

namespace custody::inline v0::detail {

[[nodiscard]] constexpr bool identifier_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// The last identifier of what a compiler prints for a member: `... [with auto Member = &Account::uid; ...]`.
[[nodiscard]] constexpr std::string_view last_identifier(std::string_view printed) noexcept {
  constexpr std::string_view mark = "Member = ";
  printed.remove_prefix(printed.find(mark) + mark.size());
  const std::size_t end = printed.find(';');
  printed = printed.substr(0, end < printed.size() ? end : printed.rfind(']'));
  while (!printed.empty() && !identifier_character(printed.back())) printed.remove_suffix(1);
  std::size_t first = printed.size();
  while (first != 0 && identifier_character(printed[first - 1])) --first;
  return printed.substr(first);
}

/// The name that a member has in the program, the same on g++ and clang.
template <auto Member>
[[nodiscard]] constexpr std::string_view member_name() noexcept {
  return last_identifier(__PRETTY_FUNCTION__);
}

/// Whether an item is the one that stands for its member: the field that lists it, or else its first mention.
template <class Record, class Facts>
[[nodiscard]] consteval bool stands_for_member() noexcept {
  if constexpr (!Facts::lists_member) {
    return false;
  } else if constexpr (Facts::is_field) {
    return true;
  } else {
    return !shape_of<Record>::template lists<Facts::member>() && RecordAudit<Record>::template first_mention<Facts>();
  }
}

/// The key of a member in documents: the declared name of a field, the name in the program of any other member.
template <class Facts>
[[nodiscard]] constexpr std::string_view member_key() noexcept {
  if constexpr (Facts::is_field) {
    return Facts::name;
  } else {
    return member_name<Facts::member>();
  }
}

/// Calls `use` with the facts of each member, once each.
template <class Record, class Use>
constexpr void each_member(Use&& use) {
  shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts> item) {
    if constexpr (stands_for_member<Record, Facts>()) use(item);
  });
}

template <class Record>
[[nodiscard]] consteval std::size_t member_total() noexcept {
  std::size_t count = 0;
  each_member<Record>([&]<class Facts>(std::type_identity<Facts>) { ++count; });
  return count;
}

/// Whether no two members have one key.
template <class Record>
[[nodiscard]] consteval bool keys_differ() noexcept {
  std::string_view keys[member_total<Record>() + 1];
  std::size_t count = 0;
  bool good = true;
  each_member<Record>([&]<class Facts>(std::type_identity<Facts>) {
    keys[count] = member_key<Facts>();
    for (std::size_t i = 0; i != count; ++i) good = good && keys[i] != keys[count];
    ++count;
  });
  return good;
}

}  // namespace custody::inline v0::detail
