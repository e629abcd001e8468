// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/data/record_check.hpp>

namespace custody::inline v0::detail {

/// One record type that this program stores, for sweeps that only see numbers. Linked before main.
struct SweptRecord {
  const RecordFacts* facts = nullptr;
  const SweptRecord* next = nullptr;
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
  static inline SweptRecord node{&shape_of<Record>::facts, nullptr};
  static inline const SweptEntry entry{node};
  [[nodiscard]] static const RecordFacts& facts() noexcept {
    static_cast<void>(&entry);
    return shape_of<Record>::facts;
  }
};

/// The record of a number; null when this program does not know it.
[[nodiscard]] inline const RecordFacts* record_of(std::uint32_t number) noexcept {
  for (const SweptRecord* at = known_records(); at != nullptr; at = at->next) {
    if (at->facts->number == number) return at->facts;
  }
  return nullptr;
}

/// The highest level among a record's guarded fields.
template <class Record>
[[nodiscard]] consteval Level highest_level() noexcept {
  Level highest = Level::grade1;
  for (const FieldFacts& field : shape_of<Record>::fields) highest = higher(highest, field.today().type.policy.level);
  return highest;
}
template <class Record, class StoreType>
inline constexpr bool fits_store = highest_level<Record>() <= StoreType::custody_protection.highest;

/// Index space of a field; a row's own key uses field 0.
[[nodiscard]] constexpr std::uint32_t index_space(std::uint32_t record, std::uint16_t field) noexcept {
  return (record << 16U) | field;
}

}  // namespace custody::inline v0::detail
