// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <custody/crypto/index_shape.hpp>
#include <custody/data/arity.hpp>
#include <custody/data/declare.hpp>
#include <custody/data/field_facts.hpp>
#include <custody/data/guarded.hpp>
#include <custody/data/public.hpp>
#include <custody/law/retention.hpp>

namespace custody::inline v0::detail {

template <auto Value>
struct Constant {};
template <auto A, auto B>
inline constexpr bool same_member = std::is_same_v<Constant<A>, Constant<B>>;

template <class Pointer>
struct MemberOf;
template <class Owner, class Member>
struct MemberOf<Member Owner::*> {
  using owner = Owner;
  using type = Member;
};
template <auto Member>
using member_type = typename MemberOf<std::remove_const_t<decltype(Member)>>::type;
template <auto Member>
using owner_type = typename MemberOf<std::remove_const_t<decltype(Member)>>::owner;

/// What one option of a field says.
template <class Option>
struct FieldOption {
  static constexpr bool known = false;
};
template <class... Rules>
struct FieldOption<retained<Rules...>> {
  static constexpr bool known = true;
  static constexpr void apply(FieldFacts& facts) noexcept { facts.retention = terms_of<Rules...>(); }
};

/// What one option of an index says.
template <class Option>
struct OptionOfIndex {
  static constexpr bool known = false, cuts = false, costs = false;
};
template <unsigned Bits>
struct OptionOfIndex<truncated<Bits>> {
  static constexpr bool known = true, cuts = true, costs = false;
  static constexpr void apply(IndexShape& shape) noexcept { shape.bits = Bits; }
};
template <>
struct OptionOfIndex<stretched> {
  static constexpr bool known = true, cuts = false, costs = true;
  static constexpr void apply(IndexShape& shape) noexcept { shape.work = stretched::work; }
};
template <>
struct OptionOfIndex<slow> {
  static constexpr bool known = true, cuts = false, costs = true;
  static constexpr void apply(IndexShape& shape) noexcept { shape.work = slow::work; }
};

template <class Normaliser, class... Options>
struct FieldOption<indexed<Normaliser, Options...>> {
  static constexpr bool known = true;
  static constexpr void apply(FieldFacts& facts) noexcept {
    facts.indexed = true;
    facts.normaliser = Normaliser::name;
    if constexpr ((OptionOfIndex<Options>::known && ...)) (OptionOfIndex<Options>::apply(facts.index), ...);
  }
};
template <fixed_string Name, class Type>
struct FieldOption<formerly<Name, Type>> {
  static constexpr bool known = true;
  static constexpr void apply(FieldFacts&) noexcept {}
};

template <class Option>
inline constexpr bool is_formerly = false;
template <fixed_string Name, class Type>
inline constexpr bool is_formerly<formerly<Name, Type>> = true;

template <class Option>
struct FormerRevision;
template <fixed_string Name, class Type>
struct FormerRevision<formerly<Name, Type>> {
  using declared = typename Type::custody_declared;
  static constexpr Revision revision{literal<Name>.c_str(),
                                     type_facts<typename declared::payload, typename declared::policy>};
};

template <class Option>
struct IndexOption {
  static constexpr bool given = false, good = true;
  using type = void;
};
template <class Normaliser, class... Options>
struct IndexOption<indexed<Normaliser, Options...>> {
  static constexpr bool given = true;
  static constexpr bool good = [] {
    FieldFacts facts;
    FieldOption<indexed<Normaliser, Options...>>::apply(facts);
    return (OptionOfIndex<Options>::known && ...) && (0 + ... + int{OptionOfIndex<Options>::cuts}) <= 1 &&
           (0 + ... + int{OptionOfIndex<Options>::costs}) <= 1 && facts.index.good();
  }();
  using type = Normaliser;
};

/// Payloads of which only a few values exist: an index over one alone counts how often each occurs.
template <class Payload>
inline constexpr bool is_few_valued = std::is_same_v<Payload, bool> || std::is_enum_v<Payload>;
template <OptionalLike Payload>
inline constexpr bool is_few_valued<Payload> = is_few_valued<typename Payload::value_type>;

template <class... Options>
struct PickIndex {
  using type = void;
};
template <class First, class... Rest>
struct PickIndex<First, Rest...> {
  using type = std::conditional_t<IndexOption<First>::given, typename IndexOption<First>::type,
                                  typename PickIndex<Rest...>::type>;
};

/// One item of a Fields list, seen alike: what member it lists, and what it adds.
template <class Item>
struct ItemFacts {
  static constexpr bool is_field = false, lists_member = false, is_record = false, is_key = false, is_owner = false,
                        is_conversation = false, is_migrating = false, is_unchecked = false, is_retained = false,
                        is_together = false;
};
template <fixed_string Name, std::uint32_t Number>
struct ItemFacts<record<Name, Number>> : ItemFacts<void> {
  static constexpr bool is_record = true;
  static constexpr const char* name = literal<Name>.c_str();
  static constexpr std::uint32_t number = Number;
};
template <auto Member>
struct ListedMember : ItemFacts<void> {
  static constexpr bool lists_member = true;
  static constexpr auto member = Member;
  using type = member_type<Member>;
};
template <auto Member>
struct ItemFacts<key<Member>> : ListedMember<Member> {
  static constexpr bool is_key = true;
};
template <auto Member>
struct ItemFacts<owner<Member>> : ListedMember<Member> {
  static constexpr bool is_owner = true;
};
template <auto Member>
struct ItemFacts<conversation<Member>> : ListedMember<Member> {
  static constexpr bool is_conversation = true;
};
template <auto Member>
struct ItemFacts<migrating<Member>> : ListedMember<Member> {
  static constexpr bool is_migrating = true;
};
template <class Reason>
struct ItemFacts<unchecked_layout<Reason>> : ItemFacts<void> {
  static constexpr bool is_unchecked = true;
};
template <auto... Members>
struct ItemFacts<sealed_together<Members...>> : ItemFacts<void> {
  static constexpr bool is_together = true;
  static constexpr std::size_t count = sizeof...(Members);
  template <auto Member>
  [[nodiscard]] static consteval std::size_t mentions() noexcept {
    return (std::size_t{same_member<Members, Member>} + ... + 0);
  }
  /// Calls `use` with a Constant of every member.
  template <class Use>
  static constexpr void each(Use&& use) {
    (use(Constant<Members>{}), ...);
  }
};
template <class... Rules>
struct ItemFacts<retained<Rules...>> : ItemFacts<void> {
  static constexpr bool is_retained = true;
  static constexpr RetentionTerms terms = Retained<Rules...>::custody_terms;
};
template <std::uint16_t Number, fixed_string Name, auto Member, Category Kind, class... Options>
struct ItemFacts<field<Number, Name, Member, Kind, Options...>> : ListedMember<Member> {
  static_assert((FieldOption<Options>::known && ...),
                "custody[F6]: a field has an option that is none (PIPL Art. 51). "
                "Fix: use retained<...>, indexed<...> or formerly<...>.");
  static constexpr bool is_field = true;
  static constexpr bool guarded = is_guarded<member_type<Member>>;
  static constexpr std::uint16_t number = Number;
  static constexpr const char* name = literal<Name>.c_str();
  static constexpr Category category = Kind;
  using index = typename PickIndex<Options...>::type;
  static constexpr std::size_t index_count = (std::size_t{IndexOption<Options>::given} + ... + 0);
  static constexpr bool index_good = index_count <= 1 && (IndexOption<Options>::good && ...);
  static constexpr bool index_tells = [] {
    if constexpr (guarded && index_count != 0)
      return is_few_valued<typename member_type<Member>::custody_declared::payload>;
    return false;
  }();
  static constexpr std::size_t former_count = (std::size_t{is_formerly<Options>} + ... + 0);

  static constexpr auto revisions = [] {
    std::array<Revision, former_count + 1> all{};
    if constexpr (guarded) {
      [[maybe_unused]] std::size_t at = 0;
      [[maybe_unused]] const auto add = [&]<class Option>(std::type_identity<Option>) {
        if constexpr (is_formerly<Option>) all[at++] = FormerRevision<Option>::revision;
      };
      (add(std::type_identity<Options>{}), ...);
      using declared = typename member_type<Member>::custody_declared;
      all[former_count] = {name, type_facts<typename declared::payload, typename declared::policy>};
    }
    return all;
  }();
  static constexpr FieldFacts facts = [] {
    FieldFacts made;
    made.number = Number;
    made.name = name;
    made.name_size = static_cast<std::uint16_t>(std::string_view(name).size());
    made.category = Kind;
    made.revisions = revisions.data();
    made.revision_count = static_cast<std::uint8_t>(former_count + 1);
    if constexpr (requires { member_type<Member>::custody_verifier; }) made.verifier_only = true;
    (FieldOption<Options>::apply(made), ...);
    return made;
  }();
};

/// Everything a Fields list says about a record, at compile time.
template <class Record, class List>
struct RecordShape;

template <class Record, class... Items>
struct RecordShape<Record, Fields<Items...>> {
  static constexpr bool has_base = requires { typename Record::custody_retention; };
  static constexpr std::size_t guarded_count = [] {
    std::size_t count = 0;
    const auto add = [&]<class Item>(std::type_identity<Item>) {
      if constexpr (ItemFacts<Item>::is_field) count += ItemFacts<Item>::guarded ? 1 : 0;
    };
    (add(std::type_identity<Items>{}), ...);
    return count;
  }();

  static constexpr RetentionTerms terms = [] {
    RetentionTerms found{};
    if constexpr (has_base) found = Record::custody_terms;
    [[maybe_unused]] const auto add = [&]<class Item>(std::type_identity<Item>) {
      if constexpr (ItemFacts<Item>::is_retained) found = ItemFacts<Item>::terms;
    };
    (add(std::type_identity<Items>{}), ...);
    return found;
  }();

  /// Which of the sealed_together items lists a member, from 1; 0 when none does.
  template <auto Member>
  [[nodiscard]] static consteval std::uint8_t group_of() noexcept {
    std::uint8_t found = 0;
    [[maybe_unused]] std::uint8_t number = 0;
    const auto look = [&]<class Item>(std::type_identity<Item>) {
      if constexpr (ItemFacts<Item>::is_together) {
        ++number;
        if (found == 0 && ItemFacts<Item>::template mentions<Member>() != 0) found = number;
      }
    };
    (look(std::type_identity<Items>{}), ...);
    return found;
  }

  /// The guarded fields, in the order of the list.
  static constexpr std::array<FieldFacts, guarded_count> fields = [] {
    std::array<FieldFacts, guarded_count> all{};
    std::size_t at = 0;
    const auto add = [&]<class Item>(std::type_identity<Item>) {
      if constexpr (ItemFacts<Item>::is_field) {
        if constexpr (ItemFacts<Item>::guarded) {
          all[at] = ItemFacts<Item>::facts;
          all[at].retention = stricter(terms, all[at].retention);
          all[at].group = group_of<ItemFacts<Item>::member>();
          ++at;
        }
      }
    };
    (add(std::type_identity<Items>{}), ...);
    return all;
  }();

  static constexpr RecordFacts facts = [] {
    RecordFacts made;
    const auto add = [&]<class Item>(std::type_identity<Item>) {
      if constexpr (ItemFacts<Item>::is_record) {
        made.name = ItemFacts<Item>::name;
        made.name_size = std::string_view(made.name).size();
        made.number = ItemFacts<Item>::number;
      }
    };
    (add(std::type_identity<Items>{}), ...);
    made.fields = fields.data();
    made.field_count = guarded_count;
    made.retention = terms;
    return made;
  }();

  /// Calls `use` with ItemFacts of every item.
  template <class Use>
  static constexpr void each(Use&& use) {
    (use(std::type_identity<ItemFacts<Items>>{}), ...);
  }

  template <auto Member>
  [[nodiscard]] static consteval bool lists() noexcept {
    bool found = false;
    const auto look = [&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_field) found = found || same_member<Facts::member, Member>;
    };
    each(look);
    return found;
  }

  /// The facts of the guarded field that a member is.
  template <auto Member>
  [[nodiscard]] static consteval const FieldFacts* field_of() noexcept {
    const FieldFacts* found = nullptr;
    std::size_t at = 0;
    const auto look = [&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_field) {
        if constexpr (Facts::guarded) {
          if (same_member<Facts::member, Member>) found = &fields[at];
          ++at;
        }
      }
    };
    each(look);
    return found;
  }
};

template <class Record>
concept DeclaresFields = requires { typename Record::custody_fields; };

template <class Record>
using shape_of = RecordShape<Record, typename Record::custody_fields>;

}  // namespace custody::inline v0::detail
