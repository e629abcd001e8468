// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <custody/data/bind.hpp>

namespace custody::inline v0 {

/// A keyed, deterministic stand-in for a value: may be compared, hashed, stored and used as a map key, and gives the value
/// away to nobody without the index key. Values of different fields, products and generations never compare equal. Below
/// 128 bits strangers share one: compare what you find with the value itself, after opening.
template <class Type>
class Lookup {
 public:
  Lookup() noexcept = default;
  explicit Lookup(const IndexValue& value, std::uint32_t bits = 128) noexcept : value_(value), bits_(bits) {}
  [[nodiscard]] const IndexValue& bytes() const noexcept { return value_; }
  /// How many bits tell values apart; the others are zero.
  [[nodiscard]] std::uint32_t bits() const noexcept { return bits_; }
  [[nodiscard]] friend bool operator==(const Lookup&, const Lookup&) noexcept = default;
  [[nodiscard]] friend auto operator<=>(const Lookup&, const Lookup&) noexcept = default;

 private:
  IndexValue value_{};
  std::uint32_t bits_ = 128;
};

/// What an equality search looks for while the index keys rotate: the value of the newest generation, which is what you
/// store, and the one before.
template <class Type>
struct Lookups {
  Lookup<Type> newest;
  Lookup<Type> older;  ///< the newest again, when no rotation runs
  bool rotating = false;
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

/// The normal form of a field's value. Errors: malformed when the normaliser refuses the text.
template <auto Member>
[[nodiscard]] Result<WipedBytes> normal_form(std::string_view candidate) {
  static_assert(FieldPlace<Member>::facts.indexed,
                "custody[O14]: equality search on a field that declares no index (PIPL Art. 51). "
                "Fix: add custody::indexed<Normaliser> to the field.");
  return NormaliserOf<Member, typename owner_type<Member>::custody_fields>::type::apply(candidate);
}

/// Which index a field has.
template <auto Member>
[[nodiscard]] constexpr IndexName index_name() noexcept {
  constexpr const FieldFacts& field = FieldPlace<Member>::facts;
  return field_index(shape_of<owner_type<Member>>::facts.number, field.number, field.normaliser, field.index);
}

/// The index values of a field's value. Errors: malformed when the normaliser refuses the text, no_memory, those of keys.
template <auto Member>
[[nodiscard]] Result<Lookups<payload_of<member_type<Member>>>> look_up_all(RingCore& core, std::string_view candidate,
                                                                           bool fresh = false) {
  using Found = Lookup<payload_of<member_type<Member>>>;
  auto normal = normal_form<Member>(candidate);
  if (!normal) return normal.error();
  constexpr IndexName name = index_name<Member>();
  auto values = core.index_values(name, normal->view(), fresh);
  if (!values) return values.error();
  const std::uint32_t bits = name.shape.bits;
  return Lookups<payload_of<member_type<Member>>>{Found(values->newest, bits), Found(values->older, bits),
                                                  values->rotating};
}
template <auto Member>
[[nodiscard]] Result<Lookup<payload_of<member_type<Member>>>> look_up(RingCore& core, std::string_view candidate) {
  auto all = look_up_all<Member>(core, candidate);
  if (!all) return all.error();
  return all->newest;
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
