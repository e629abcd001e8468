// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <custody/crypto/suite.hpp>
#include <custody/data/record_check.hpp>
#include <custody/data/sink.hpp>
#include <custody/law/product.hpp>

namespace custody::inline v0::detail {

/// A field's index in words: the normaliser, then how many bits it keeps and what a value costs, where that is not all
/// and nothing: "phone_e164", "phone_e164/20", "exact/128/1x64KiB".
[[nodiscard]] inline std::string index_words(const FieldFacts& field) {
  std::string out(field.normaliser);
  if (field.index.whole_and_fast()) return out;
  out.append("/").append(std::to_string(field.index.bits));
  if (field.index.work == IndexWork{}) return out;
  out.append("/").append(std::to_string(field.index.work.passes)).append("x");
  return out.append(std::to_string(field.index.work.memory_kib)).append("KiB");
}

/// What a record is, with the members that are no guarded field.
struct RecordEntry {
  const RecordFacts* facts = nullptr;
  std::size_t public_members = 0;
  std::size_t migrating_members = 0;
  bool unchecked = false;
};

template <class Record>
[[nodiscard]] consteval RecordEntry record_entry() noexcept {
  using Audit = RecordAudit<Record>;
  RecordEntry entry{&shape_of<Record>::facts, 0, 0, Audit::unchecked()};
  shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
    if constexpr (Facts::lists_member) {
      if (!Audit::template first_mention<Facts>()) return;
      if (is_public<typename Facts::type>) ++entry.public_members;
      if (!is_public<typename Facts::type> && !is_guarded<typename Facts::type>) ++entry.migrating_members;
    }
  });
  return entry;
}

/// A product with all its records, as data: what manifests, notices and locks are made from.
struct Inventory {
  std::string_view product;
  Region region = Region::CN;
  std::vector<PurposeFacts> purposes;  ///< in the order of the product
  std::vector<RecordEntry> records;    ///< by number
};

template <class Product, class Record>
[[nodiscard]] consteval bool purposes_listed() noexcept {
  for (const FieldFacts& field : shape_of<Record>::fields) {
    const PolicyFacts& policy = field.today().type.policy;
    for (std::size_t i = 0; i != policy.purpose_count; ++i) {
      bool listed = false;
      for (const PurposeFacts& purpose : Product::purposes) {
        listed = listed || std::string_view(purpose.id) == policy.purposes[i].id;
      }
      if (!listed) return false;
    }
  }
  return true;
}

template <class... Records>
[[nodiscard]] consteval bool records_differ() noexcept {
  const RecordFacts* all[] = {&shape_of<Records>::facts..., nullptr};
  for (std::size_t i = 0; i != sizeof...(Records); ++i) {
    for (std::size_t j = 0; j != i; ++j) {
      if (all[i]->number == all[j]->number || std::string_view(all[i]->name) == all[j]->name) return false;
    }
  }
  return true;
}

template <class Product, class... Records>
[[nodiscard]] Inventory inventory() {
  static_assert((RecordCheck<Records>::good && ...));
  static_assert((purposes_listed<Product, Records>() && ...),
                "custody[P3]: a record serves a purpose outside the product's list (PIPL Art. 6). "
                "Fix: add it to the product's purposes, and to the notice.");
  static_assert(records_differ<Records...>(),
                "custody[F3]: two records of a product share a number or a name (PIPL Art. 51). "
                "Fix: give each its own; numbers are permanent.");
  Inventory made{{Product::id.text, Product::id.length()}, Product::region, {}, {}};
  made.purposes.assign(Product::purposes, Product::purposes + Product::purpose_count);
  const auto add = [&](const RecordEntry& entry) {
    auto at = made.records.begin();
    while (at != made.records.end() && at->facts->number < entry.facts->number) ++at;
    made.records.insert(at, entry);
  };
  (add(record_entry<Records>()), ...);
  return made;
}

/// The fields of a record by number; the declaration lists them in any order.
[[nodiscard]] inline std::vector<const FieldFacts*> sorted_fields(const RecordFacts& record) {
  std::vector<const FieldFacts*> fields;
  for (std::size_t i = 0; i != record.field_count; ++i) {
    auto at = fields.begin();
    while (at != fields.end() && (*at)->number < record.fields[i].number) ++at;
    fields.insert(at, &record.fields[i]);
  }
  return fields;
}

[[nodiscard]] inline bool outlet_before(const Outlet& a, const Outlet& b) noexcept {
  if (const int kind = std::string_view(a.kind).compare(b.kind); kind != 0) return kind < 0;
  if (const int name = std::string_view(a.name).compare(b.name); name != 0) return name < 0;
  return std::string_view(a.purpose) < b.purpose;
}

/// The sinks, channels and reasons of this program, in an order that does not depend on the linker.
[[nodiscard]] inline std::vector<const Outlet*> sorted_outlets() {
  std::vector<const Outlet*> all;
  for (const Outlet* one = outlets(); one != nullptr; one = one->next) {
    auto at = all.begin();
    while (at != all.end() && outlet_before(**at, *one)) ++at;
    all.insert(at, one);
  }
  return all;
}

/// Sensitive by its declaration or by its category (PIPL Art. 28).
[[nodiscard]] inline bool is_sensitive(const FieldFacts& field) noexcept {
  return field.today().type.policy.sensitive || facts_of(field.category).sensitive;
}

}  // namespace custody::inline v0::detail
