// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <custody/data/cell.hpp>
#include <custody/storage/store.hpp>

namespace custody::inline v0::detail {

[[nodiscard]] inline StoredCell sealed_cell(const Cell& cell, std::uint16_t number) {
  StoredCell stored{number, CellKind::none, {}};
  if (cell.state() == CellState::bound) {
    stored.kind = CellKind::sealed;
    stored.value.assign(cell.envelope().begin(), cell.envelope().end());
  }
  return stored;
}

[[nodiscard]] inline bool is_group(const StoredCell& cell) noexcept {
  return cell.kind == CellKind::sealed && is_group(ByteView(cell.value));
}
/// Whether a cell holds a field, alone or as a member of a group, which is stored under its first member's number.
[[nodiscard]] inline bool holds_field(const StoredCell& cell, std::uint16_t number) noexcept {
  return is_group(cell) ? find_member(cell.value, number).has_value() : cell.field == number;
}

/// The cell that holds a field; null when there is none.
[[nodiscard]] inline const StoredCell* find_cell(const StoredRow& row, std::uint16_t number) noexcept {
  for (const StoredCell& cell : row.cells) {
    if (holds_field(cell, number)) return &cell;
  }
  return nullptr;
}

/// The group of a row that is damaged: which fields are in it cannot be told. Null when there is none.
[[nodiscard]] inline const StoredCell* damaged_group(const StoredRow& row) noexcept {
  for (const StoredCell& cell : row.cells) {
    if (is_group(cell) && member_count_of(cell.value) == 0) return &cell;
  }
  return nullptr;
}

/// What is left of a group without one of its members; no value when that was the last.
[[nodiscard]] inline StoredCell without_member(const StoredCell& group, std::uint16_t number) {
  GroupReader reader(group.value);
  StoredCell left{number, CellKind::none, {}};
  for (SealedMember member; reader.next(member);) {
    if (member.field == number) continue;
    if (left.kind == CellKind::none) {
      const auto head = ByteView(group.value).first(reader.head_size());
      left = {member.field, CellKind::sealed, Bytes(head.begin(), head.end())};
    }
    left.value.insert(left.value.end(), member.entry.begin(), member.entry.end());
    left.value.insert(left.value.end(), member.sealed.begin(), member.sealed.end());
  }
  return left;
}

/// Takes a field out of a row, wherever it stands; what it was sealed together with stays as it is. Calls no cipher.
inline void cut_field(StoredRow& row, std::uint16_t number) {
  for (StoredCell& cell : row.cells) {
    if (is_group(cell) && holds_field(cell, number)) cell = without_member(cell, number);
  }
  std::erase_if(row.cells, [&](const StoredCell& each) { return each.field == number; });
}

/// Whether two rows hold the same bytes of a field.
[[nodiscard]] inline bool same_cell(const StoredRow& a, const StoredRow& b, std::uint16_t number) noexcept {
  const StoredCell* one = find_cell(a, number);
  const StoredCell* other = find_cell(b, number);
  if (one == nullptr || other == nullptr || one->kind != other->kind) return false;
  if (one->kind != CellKind::sealed) return one->value == other->value;
  return FieldBytes::of(one->value, number).same_as(FieldBytes::of(other->value, number));
}

/// Gives stored cells to the fields of a record; members of one group share its bytes.
class CellAdopter {
 public:
  /// Errors: as Cell::adopt.
  [[nodiscard]] Result<void> adopt(Cell& cell, const StoredCell& stored, const Ref<BindingBody>& place,
                                   const FieldFacts& field) {
    if (!is_group(stored)) return cell.adopt(stored.value, place, field);
    for (const auto& [from, bytes] : groups_) {
      if (from == &stored) return cell.adopt(bytes, place, field);
    }
    groups_.emplace_back(&stored, EnvelopeBytes::copy_of(stored.value));
    return cell.adopt(groups_.back().second, place, field);
  }

 private:
  std::vector<std::pair<const StoredCell*, EnvelopeBytes>> groups_;
};

}  // namespace custody::inline v0::detail
