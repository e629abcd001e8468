// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <custody/data/bind.hpp>
#include <custody/data/record_check.hpp>

namespace custody::inline v0::detail {

/// A field that is found by value, and the normal form of its values.
struct IndexedField {
  const FieldFacts* field = nullptr;
  Result<WipedBytes> (*normalise)(std::string_view text) = nullptr;
};

/// One record type that this program stores, for sweeps that only see numbers. Linked before main.
struct SweptRecord {
  const RecordFacts* facts = nullptr;
  const SweptRecord* next = nullptr;
  const IndexedField* indexed = nullptr;
  std::size_t indexed_count = 0;
};

[[nodiscard]] __attribute__((visibility("default"))) inline const SweptRecord*& known_records() noexcept {
  static constinit const SweptRecord* first = nullptr;
  return first;
}

/// Enters a record once.
struct SweptEntry {
  explicit SweptEntry(SweptRecord& node) noexcept {
    for (const SweptRecord* at = known_records(); at != nullptr; at = at->next) {
      if (at->facts->number == node.facts->number) return;
    }
    node.next = known_records();
    known_records() = &node;
  }
};

template <class Record>
struct StoredRecord {
  static_assert(RecordCheck<Record>::good);
  static constexpr std::size_t indexed_count = [] {
    std::size_t count = 0;
    for (const FieldFacts& field : shape_of<Record>::fields) count += field.indexed ? 1 : 0;
    return count;
  }();
  static constexpr std::array<IndexedField, indexed_count> indexed = [] {
    std::array<IndexedField, indexed_count> all{};
    std::size_t at = 0;
    shape_of<Record>::each([&]<class Facts>(std::type_identity<Facts>) {
      if constexpr (Facts::is_field) {
        if constexpr (Facts::guarded && Facts::index_count != 0) {
          all[at++] = {&FieldPlace<Facts::member>::facts,
                       [](std::string_view text) -> Result<WipedBytes> { return Facts::index::apply(text); }};
        }
      }
    });
    return all;
  }();
  static inline SweptRecord node{&shape_of<Record>::facts, nullptr, indexed.data(), indexed_count};
  static inline const SweptEntry entry{node};
  [[nodiscard]] static const RecordFacts& facts() noexcept {
    static_cast<void>(&entry);
    return shape_of<Record>::facts;
  }
};

/// The record of a number; null when this program does not know it.
[[nodiscard]] inline const SweptRecord* known_record(std::uint32_t number) noexcept {
  for (const SweptRecord* at = known_records(); at != nullptr; at = at->next) {
    if (at->facts->number == number) return at;
  }
  return nullptr;
}
[[nodiscard]] inline const RecordFacts* record_of(std::uint32_t number) noexcept {
  const SweptRecord* const known = known_record(number);
  return known == nullptr ? nullptr : known->facts;
}

template <class Record, class StoreType>
inline constexpr bool fits_store = highest_level<Record>() <= StoreType::custody_protection.highest;

/// Index space of a field; a row's own key uses field 0.
[[nodiscard]] constexpr std::uint32_t index_space(std::uint32_t record, std::uint16_t field) noexcept {
  return (record << 16U) | field;
}

}  // namespace custody::inline v0::detail
