// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <custody/data/bind.hpp>

namespace custody::inline v0 {

/// A keyed, deterministic stand-in for a value: may be compared, hashed, stored and used as a map key, and gives the value
/// away to nobody without the index key. Values of different fields and products never compare equal.
template <class Type>
class Lookup {
 public:
  Lookup() noexcept = default;
  explicit Lookup(const IndexValue& value) noexcept : value_(value) {}
  [[nodiscard]] const IndexValue& bytes() const noexcept { return value_; }
  [[nodiscard]] friend bool operator==(const Lookup&, const Lookup&) noexcept = default;
  [[nodiscard]] friend auto operator<=>(const Lookup&, const Lookup&) noexcept = default;

 private:
  IndexValue value_{};
};

namespace detail {

/// The normaliser that a field's index option names.
template <auto Member, class List>
struct NormaliserOf;
template <auto Member, class... Items>
struct NormaliserOf<Member, Fields<Items...>> {
  template <class Item>
  [[nodiscard]] static constexpr auto look() noexcept {
    if constexpr (ItemFacts<Item>::is_field) {
      if constexpr (same_member<ItemFacts<Item>::member, Member>)
        return TagList<typename ItemFacts<Item>::index>{};
      else
        return TagList<>{};
    } else {
      return TagList<>{};
    }
  }
  template <class Found, class... Rest>
  struct First {
    using type = typename First<Rest...>::type;
  };
  template <class Normaliser, class... Rest>
  struct First<TagList<Normaliser>, Rest...> {
    using type = Normaliser;
  };
  using type = typename First<decltype(look<Items>())...>::type;
};

/// The index value of a normalised field value. Errors: malformed when the normaliser refuses the text.
template <auto Member>
[[nodiscard]] Result<Lookup<typename member_type<Member>::custody_declared::payload>> look_up(
    RingCore& core, std::string_view candidate) {
  using Record = owner_type<Member>;
  using Normaliser = typename NormaliserOf<Member, typename Record::custody_fields>::type;
  static_assert(FieldPlace<Member>::facts.indexed,
                "custody[O14]: equality search on a field that declares no index (PIPL Art. 51). "
                "Fix: add custody::indexed<Normaliser> to the field.");
  auto normal = Normaliser::apply(candidate);
  if (!normal) return normal.error();
  constexpr std::uint32_t field =
      (shape_of<Record>::facts.number << 16U) | FieldPlace<Member>::facts.number;  // no names
  auto value = core.index_value("field", "", field, Normaliser::name, normal->view());
  if (!value) return value.error();
  return Lookup<typename member_type<Member>::custody_declared::payload>(*value);
}

}  // namespace detail
}  // namespace custody::inline v0

template <class Type>
struct std::hash<custody::Lookup<Type>> {
  [[nodiscard]] std::size_t operator()(const custody::Lookup<Type>& lookup) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, lookup.bytes().data(), sizeof value);
    return value;
  }
};
