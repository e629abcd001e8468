// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <custody/data/record.hpp>
#include <custody/keys/product_suite.hpp>

namespace custody::inline v0::detail {

/// The facts about a declaration that its rules ask for.
template <class Record, class Shape = shape_of<Record>>
struct RecordAudit {
  [[nodiscard]] static consteval bool unchecked() noexcept {
    bool found = false;
    Shape::each([&]<class Facts>(std::type_identity<Facts>) { found = found || Facts::is_unchecked; });
    return found;
  }

  [[nodiscard]] static consteval bool named() noexcept {
    std::size_t records = 0;
    Shape::each([&]<class Facts>(std::type_identity<Facts>) { records += Facts::is_record ? 1 : 0; });
    return records == 1;
  }

  /// Every listed member is public, guarded, or said to be migrating.
  [[nodiscard]] static consteval bool decided() noexcept {
    bool good = true;
    Shape::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::lists_member) {
        good = good && (is_guarded<typename Facts::type> || is_public<typename Facts::type> || Facts::is_migrating);
      }
    });
    return good;
  }

  [[nodiscard]] static consteval bool keys_public() noexcept {
    bool good = true;
    std::size_t keys = 0;
    Shape::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_key || Facts::is_owner || Facts::is_conversation) {
        good = good && is_public<typename Facts::type>;
        keys += Facts::is_key ? 1 : 0;
      }
    });
    return good && keys <= 1;
  }

  /// Distinct members that the list names.
  [[nodiscard]] static consteval std::size_t listed() noexcept {
    std::size_t count = 0;
    Shape::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::lists_member) count += first_mention<Facts>() ? 1 : 0;
    });
    return count;
  }
  template <class Facts>
  [[nodiscard]] static consteval bool first_mention() noexcept {
    bool seen = false;
    bool first = true;
    Shape::each([&]<class Other>(std::type_identity<Other>) {
      if constexpr (std::is_same_v<Other, Facts>) {
        seen = true;
      } else if constexpr (Other::lists_member) {
        if (!seen && same_member<Other::member, Facts::member>) first = false;
      }
    });
    return first;
  }

  [[nodiscard]] static consteval bool complete() noexcept {
    if constexpr (unchecked()) {
      return true;
    } else {
      return member_count<Record, Shape::has_base>() == listed();
    }
  }

  [[nodiscard]] static consteval bool unique() noexcept {
    std::uint32_t numbers[Shape::guarded_count + 64]{};
    std::string_view names[Shape::guarded_count + 64]{};
    std::size_t count = 0;
    bool good = true;
    Shape::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_field) {
        for (std::size_t i = 0; i != count; ++i) {
          good = good && numbers[i] != Facts::number && names[i] != std::string_view(Facts::name);
        }
        good = good && Facts::number != 0;
        numbers[count] = Facts::number;
        names[count++] = Facts::name;
      }
    });
    return good;
  }

  [[nodiscard]] static consteval bool index_good() noexcept {
    bool good = true;
    Shape::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_field) good = good && Facts::index_good;
    });
    return good;
  }
  [[nodiscard]] static consteval bool index_tells_little() noexcept {
    bool good = true;
    Shape::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_field) good = good && !Facts::index_tells;
    });
    return good;
  }

  /// Of every sealed_together: two to 255 guarded fields, once each and in no other, with the same purposes and the record's
  /// own retention.
  [[nodiscard]] static consteval bool groups_agree() noexcept {
    bool good = true;
    std::uint8_t number = 0;
    Shape::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_together) good = good && group_agrees(++number, Facts::count);
    });
    return good;
  }
  [[nodiscard]] static constexpr bool group_agrees(std::uint8_t number, std::size_t listed_members) noexcept {
    std::size_t count = 0;
    std::size_t first = 0;
    for (std::size_t i = 0; i != Shape::fields.size(); ++i) {
      const FieldFacts& field = Shape::fields[i];
      if (field.group != number) continue;
      if (count++ == 0) first = i;
      if (!(field.retention == Shape::terms) || !same_purposes(Shape::fields[first], field)) return false;
    }
    return count == listed_members && count >= 2 && count <= 255;
  }
  [[nodiscard]] static constexpr bool same_purposes(const FieldFacts& a, const FieldFacts& b) noexcept {
    const PolicyFacts& one = a.today().type.policy;
    const PolicyFacts& other = b.today().type.policy;
    bool same = one.purpose_count == other.purpose_count;
    for (std::size_t i = 0; same && i != one.purpose_count; ++i) same = other.lists(one.purposes[i].id);
    return same;
  }

  [[nodiscard]] static consteval bool retained_at_all() noexcept {
    for (const FieldFacts& field : Shape::fields) {
      if (!field.retention.has_ceiling) return false;
    }
    return true;
  }
  [[nodiscard]] static consteval bool floors_fit() noexcept {
    for (const FieldFacts& field : Shape::fields) {
      if (!floor_fits(field.retention)) return false;
    }
    return true;
  }
  [[nodiscard]] static consteval bool categorised() noexcept {
    for (const FieldFacts& field : Shape::fields) {
      if (field.category == no_category) return false;
    }
    return true;
  }
  [[nodiscard]] static consteval bool within_ceilings() noexcept {
    for (const FieldFacts& field : Shape::fields) {
      if (field.category != no_category && !within_category(field.retention, field.category)) return false;
    }
    return true;
  }
  [[nodiscard]] static consteval bool levels_reach() noexcept {
    for (const FieldFacts& field : Shape::fields) {
      if (field.category != no_category && field.today().type.policy.level < facts_of(field.category).grade)
        return false;
    }
    return true;
  }
  /// Sensitive kinds of data never rest on an ordinary consent.
  [[nodiscard]] static consteval bool sensitive_asked_apart() noexcept {
    for (const FieldFacts& field : Shape::fields) {
      if (field.category == no_category || !facts_of(field.category).sensitive) continue;
      const PolicyFacts& policy = field.today().type.policy;
      for (std::size_t i = 0; i != policy.purpose_count; ++i) {
        if (policy.purposes[i].basis == Basis::consent) return false;
      }
    }
    return true;
  }
  /// Private communication serves delivery, security and legal duties only: nothing that a member of staff does.
  [[nodiscard]] static consteval bool communication_private() noexcept {
    for (const FieldFacts& field : Shape::fields) {
      if (field.category == no_category || !facts_of(field.category).delivery_only) continue;
      const PolicyFacts& policy = field.today().type.policy;
      for (std::size_t i = 0; i != policy.purpose_count; ++i) {
        if (policy.purposes[i].basis != Basis::contract && policy.purposes[i].basis != Basis::legal_duty) return false;
        const std::string_view id = policy.purposes[i].id;
        if (never_core(id) || id.substr(0, 8) == "customer") return false;
      }
    }
    return true;
  }
};

/// Instantiated wherever a record is bound, stored or described: the rules of its declaration.
template <class Record>
struct RecordCheck {
  using Audit = RecordAudit<Record>;
  static_assert(Audit::named(),
                "custody[F6]: a record has no name and number of its own (PIPL Art. 51). "
                "Fix: put one custody::record<\"name\", number> into custody_fields.");
  static_assert(std::is_aggregate_v<Record> || Audit::unchecked(),
                "custody[F4]: the members of this class cannot be counted (PIPL Art. 51). "
                "Fix: make it an aggregate or add unchecked_layout<Reason>.");
  static_assert(Audit::decided(),
                "custody[F1]: a record member is neither public nor guarded (PIPL Art. 51; DSL Art. 21). "
                "Fix: wrap it in Public, Personal or Classified, or list it as migrating.");
  static_assert(Audit::keys_public(),
                "custody[F5]: a key, owner or conversation member must be public, and there is one key (PIPL Art. 51). "
                "Fix: make it custody::Public<...>; the vault stores handles.");
  static_assert(Audit::complete(),
                "custody[F2]: a record member is missing from custody_fields (PIPL Art. 51). "
                "Fix: list every member as field, key, owner or migrating.");
  static_assert(Audit::unique(),
                "custody[F3]: two fields of a record share a number or a name, or a number is 0 (PIPL Art. 51). "
                "Fix: give each its own; numbers are permanent.");
  static_assert(Audit::categorised(),
                "custody[F6]: a guarded field does not say what kind of data it is (DSL Art. 21). "
                "Fix: name a custody::Category after the member.");
  static_assert(Audit::index_good(),
                "custody[F8]: an index is cut to no bits or more than 128, or has an option twice or unknown "
                "(PIPL Art. 51). Fix: indexed<Normaliser, truncated<1 to 128>, stretched or slow>, once a field.");
  static_assert(Audit::index_tells_little(),
                "custody[F9]: an index over a yes-or-no or a short list tells how often each value occurs "
                "(PIPL Art. 51). Fix: drop the index, or index one text that joins it with other values.");
  static_assert(Audit::groups_agree(),
                "custody[F10]: fields sealed together are not two or more of one purpose list and retention "
                "(PIPL Art. 6, 19). Fix: list guarded fields once, with equal purposes and the record's retention.");
  static_assert(Audit::retained_at_all(),
                "custody[R1]: a record with personal data has no retention rule (PIPL Art. 19). "
                "Fix: derive from custody::Retained<...> or put retained<...> into custody_fields.");
  static_assert(Audit::within_ceilings(),
                "custody[R2]: a field is kept longer than its category allows (PIPL Art. 19). "
                "Fix: give the field its own shorter retained<keep_for<...>>.");
  static_assert(Audit::floors_fit(),
                "custody[R3]: a retention floor lies above its ceiling (PIPL Art. 19, 47). "
                "Fix: raise the ceiling or lower the floor.");
  static_assert(Audit::levels_reach(),
                "custody[L5]: a field is protected below the grade of its category (DSL Art. 21). "
                "Fix: wrap it in Classified<..., Level::grade4> or Sensitive.");
  static_assert(Audit::sensitive_asked_apart(),
                "custody[C2]: data of a sensitive category rests on an ordinary consent (PIPL Art. 29). "
                "Fix: give the purpose Basis::separate_consent, or drop it from the field.");
  static_assert(Audit::communication_private(),
                "custody[P10]: message contents serve a purpose beyond delivery and legal duty (Civil Code Art. 1032). "
                "Fix: drop the purpose; no staff purpose reads messages.");
  static constexpr bool good = true;
};

/// The highest level among a record's guarded fields.
template <class Record>
[[nodiscard]] consteval Level highest_level() noexcept {
  Level highest = Level::grade1;
  for (const FieldFacts& field : shape_of<Record>::fields) highest = higher(highest, field.today().type.policy.level);
  return highest;
}

/// A product's suite is one that it allows for the record's highest level. Rule L4.
template <class Record, class Product, class Suite>
struct SuiteReaches {
  static_assert(suite_floor_of<Product>.allows(Suite::id, highest_level<Record>()),
                "custody[L4]: data of a higher level than the product allows its cipher suite for (DSL Art. 21). "
                "Fix: pin a suite of custody_suite_floor, or keep such records under another ring.");
  static constexpr bool good = true;
};

}  // namespace custody::inline v0::detail
