// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <custody/law/level.hpp>
#include <custody/law/purpose.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0::detail {

/// A policy as data, in its normal form; `bound` is what the cipher authenticates.
struct PolicyFacts {
  const PurposeFacts* purposes = nullptr;
  std::size_t purpose_count = 0;
  Level level = Level::grade1;
  bool sensitive = false;
  const std::byte* bound = nullptr;
  std::size_t bound_size = 0;

  [[nodiscard]] constexpr bool lists(std::string_view id) const noexcept {
    for (std::size_t i = 0; i != purpose_count; ++i) {
      if (id == purposes[i].id) return true;
    }
    return false;
  }
};

/// The normal form of a policy: purposes sorted by id and unique, the highest level, whether the data is sensitive.
/// Two spellings of one policy have one normal form, hence one type here.
template <Level Lifted, bool IsSensitive, class... Sorted>
struct Policy {
  static constexpr Level level = Lifted;
  static constexpr bool sensitive = IsSensitive;
  static constexpr std::size_t purpose_count = sizeof...(Sorted);
  template <class Tag>
  static constexpr bool lists = (std::is_same_v<Tag, Sorted> || ...);
  static constexpr PurposeFacts purposes[sizeof...(Sorted) + 1] = {purpose_facts<Sorted>..., PurposeFacts{}};

  static constexpr std::size_t bound_size = 4 + ((1 + purpose_id<Sorted>().size()) + ... + 0);
  /// count u16, then each id with its length, then level and sensitivity
  static constexpr std::array<std::byte, bound_size> bound = [] {
    std::array<std::byte, bound_size> out{};
    std::size_t at = 0;
    const auto put = [&](std::size_t value) { out[at++] = static_cast<std::byte>(value); };
    put(sizeof...(Sorted) & 0xffU);
    put(sizeof...(Sorted) >> 8U);
    [[maybe_unused]] const auto put_id = [&](std::string_view id) {
      put(id.size());
      for (const char c : id) put(static_cast<unsigned char>(c));
    };
    (put_id(purpose_id<Sorted>()), ...);
    put(static_cast<std::size_t>(Lifted));
    put(IsSensitive ? 1 : 0);
    return out;
  }();
  static constexpr PolicyFacts facts{purposes, sizeof...(Sorted), Lifted, IsSensitive, bound.data(), bound_size};
};

template <class... Tags>
struct TagList {};

template <class Left, class Right>
struct Concat;
template <class... A, class... B>
struct Concat<TagList<A...>, TagList<B...>> {
  using type = TagList<A..., B...>;
};

/// Inserts a tag into a list that is sorted by id, once.
template <class Tag, class Sorted>
struct Insert {
  using type = TagList<Tag>;
};
template <class Tag, class Head, class... Tail>
struct Insert<Tag, TagList<Head, Tail...>> {
  static constexpr auto pick() noexcept {
    if constexpr (std::is_same_v<Tag, Head>) {
      return std::type_identity<TagList<Head, Tail...>>{};
    } else if constexpr (purpose_id<Tag>() < purpose_id<Head>()) {
      return std::type_identity<TagList<Tag, Head, Tail...>>{};
    } else {
      return std::type_identity<typename Concat<TagList<Head>, typename Insert<Tag, TagList<Tail...>>::type>::type>{};
    }
  }
  using type = typename decltype(pick())::type;
};

template <class... Tags>
struct SortTags {
  using type = TagList<>;
};
template <class Head, class... Tail>
struct SortTags<Head, Tail...> {
  using type = typename Insert<Head, typename SortTags<Tail...>::type>::type;
};

template <Level Lifted, bool IsSensitive, class Sorted>
struct PolicyFromList;
template <Level Lifted, bool IsSensitive, class... Sorted>
struct PolicyFromList<Lifted, IsSensitive, TagList<Sorted...>> {
  using type = Policy<Lifted, IsSensitive, Sorted...>;
};

/// The policy of a declaration: its tags in any order, its level, its sensitivity.
template <Level Lifted, bool IsSensitive, class... Tags>
using policy_for = typename PolicyFromList<Lifted, IsSensitive, typename SortTags<Tags...>::type>::type;

template <class A, class B>
struct Intersect;
template <Level La, bool Sa, class... A, class B>
struct Intersect<Policy<La, Sa, A...>, B> {
  template <class Tag>
  using keep = std::conditional_t<B::purpose_count == 0 || B::template lists<Tag>, TagList<Tag>, TagList<>>;
  template <class... Lists>
  struct Flatten {
    using type = TagList<>;
  };
  template <class First, class... Rest>
  struct Flatten<First, Rest...> {
    using type = typename Concat<First, typename Flatten<Rest...>::type>::type;
  };
  using type =
      typename PolicyFromList<higher(La, B::level), Sa || B::sensitive, typename Flatten<keep<A>...>::type>::type;
};

/// A part that lists no purposes, such as a Classified constant, adds none and takes none away.
template <Level La, bool Sa, Level Lb, bool Sb, class... B>
struct Intersect<Policy<La, Sa>, Policy<Lb, Sb, B...>> {
  using type = Policy<higher(La, Lb), Sa || Sb, B...>;
};

/// Data made from two parts: purposes that both allow, the higher level, sensitive if either is (PIPL Art. 6; DSL 21).
template <class A, class B>
using joined = typename Intersect<A, B>::type;

/// Whether data may move from one policy to another: purposes only narrow, the level only rises.
template <class From, class To>
inline constexpr bool narrows = false;
template <class From, Level L, bool S, class... To>
inline constexpr bool narrows<From, Policy<L, S, To...>> =
    (From::template lists<To> && ...) && From::level <= L && (!From::sensitive || S) &&
    (sizeof...(To) != 0 || From::purpose_count == 0);

}  // namespace custody::inline v0::detail
