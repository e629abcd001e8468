// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <custody/law/purpose.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {

/// Where the product is offered; decides which rules and which bases apply.
enum class Region : std::uint8_t { CN = 1, EU = 2 };

namespace detail {

template <class... Tags>
[[nodiscard]] consteval bool unique_purposes() noexcept {
  constexpr std::size_t count = sizeof...(Tags);
  if constexpr (count > 1) {
    constexpr std::string_view ids[] = {purpose_id<Tags>()...};
    for (std::size_t i = 0; i != count; ++i) {
      for (std::size_t j = i + 1; j != count; ++j) {
        if (ids[i] == ids[j]) return false;
      }
    }
  }
  return true;
}

}  // namespace detail

/// The closed list of purposes of one product and its region: a purpose that is not listed cannot be asked for.
/// The id is bound into every envelope, so staging data never opens in production. Rules P3, P4, P5.
template <fixed_string Id, Region Where, class... Tags>
struct Product {
  static_assert(sizeof...(Tags) != 0,
                "custody[P5]: a product declares no purposes (PIPL Art. 6). Fix: list its purposes.");
  static_assert((detail::is_purpose_tag<Tags> && ...),
                "custody[P4]: a product lists something that is not a declared purpose (PIPL Art. 6). "
                "Fix: struct Name final : custody::Purpose<\"id\", custody::Basis::...> {};");
  static_assert(Id.length() != 0 && Id.length() < 64, "a product needs an id of 1 to 63 characters");
  static_assert(detail::unique_purposes<Tags...>(),
                "custody[P4]: two purposes of a product share one id (PIPL Art. 6). Fix: give each its own id.");

  static constexpr fixed_string id = Id;
  static constexpr Region region = Where;
  static constexpr std::size_t purpose_count = sizeof...(Tags);
  static constexpr PurposeFacts purposes[sizeof...(Tags)] = {detail::purpose_facts<Tags>...};

  template <class Tag>
  static constexpr bool lists = (std::is_same_v<Tag, Tags> || ...);
};

/// The purpose stands on the product's list. Rule P3.
template <class Tag, class Product>
concept PurposeOf = rule<Product::template lists<Tag>,
                         "custody[P3]: a purpose outside the product's list was asked for (PIPL Art. 6). "
                         "Fix: add it to the product's purposes, and to the notice.">;

}  // namespace custody::inline v0
