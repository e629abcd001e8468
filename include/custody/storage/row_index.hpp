// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include <custody/storage/vault_inside.hpp>

namespace custody::inline v0::detail {

/// The index rows of stored records. A put plans first, while nothing is locked but the data file; then it adds the new rows,
/// stores the record, and drops the rows it replaced: a crash in between leaves index rows that lead nowhere, never a
/// record that is not found.
template <class StoreType>
class RowIndex {
 public:
  /// What a put changes.
  struct Plan {
    std::vector<IndexRow> fresh;
    std::vector<IndexRow> replaced;
  };
  explicit RowIndex(VaultInside<StoreType>& inside) noexcept : inside_(inside) {}

  /// Lists the index rows of changed fields, and the ones they replace. Errors: foreign_envelope for a value bound
  /// elsewhere, malformed for one that cannot be normalised, those of opening.
  template <class Record>
  [[nodiscard]] Result<void> plan(const Record& record, const StoredRow& row, const BindingBody& place, bool existed,
                                  Plan& plan) {
    Result<void> done;
    each_guarded(record, [&]<class Facts>(std::type_identity<Facts>, const auto& member) {
      if constexpr (FieldPlace<Facts::member>::facts.indexed) {
        if (!done) return;
        const Cell& cell = CellOffice::cell(member);
        if (cell.state() == CellState::bound) {
          if (!cell.binding()->same_place(place)) done = Error{Errc::foreign_envelope, Facts::name};
          return;
        }
        if (existed)
          done = each(row, Facts::number, [&](const IndexRow& old) {
            plan.replaced.push_back(old);
            return Result<void>();
          });
        if (done && cell.sealed()) done = plan_one<Facts::member>(cell, row, plan);
      }
    });
    return done;
  }
  [[nodiscard]] Result<void> add(const Plan& plan) {
    if (plan.fresh.empty()) return {};
    KeyStore& keys = inside_.store.key_store();
    if (auto begun = keys.begin(); !begun) return begun;
    for (const IndexRow& row : plan.fresh) {
      if (auto put = keys.put_index(row); !put) {
        keys.rollback();
        return put;
      }
    }
    return keys.commit();
  }
  /// Drops replaced index rows, unless somebody stored the field again: then that put knows what to drop. What cannot be
  /// dropped stays behind, and every search passes it over.
  void drop_replaced(const StoredRow& row, const Plan& plan) {
    std::vector<IndexRow> gone;
    for (const IndexRow& old : plan.replaced) {
      const auto same = [&](const IndexRow& made) { return made.space == old.space && made.value == old.value; };
      if (std::none_of(plan.fresh.begin(), plan.fresh.end(), same)) gone.push_back(old);
    }
    if (gone.empty() || !inside_.store.begin()) return;
    auto now = inside_.store.get_row(row.record, row.tag);
    for (const IndexRow& old : gone) {
      if (!now || !same_cell(*now, row, static_cast<std::uint16_t>(old.space & 0xFFFFU))) continue;
      static_cast<void>(inside_.store.key_store().drop_index(old.space, old.value, old.row));
    }
    static_cast<void>(inside_.store.commit());
  }
  /// Drops the index rows of one field of a row, or of all (field 0).
  [[nodiscard]] Result<void> drop(const StoredRow& row, std::uint16_t field) {
    return each(row, field, [&](const IndexRow& found) {
      return inside_.store.key_store().drop_index(found.space, found.value, found.row);
    });
  }

 private:
  /// One index row for each owner who is there, so that the field is still found when one of them leaves.
  template <auto Member>
  [[nodiscard]] Result<void> plan_one(const Cell& cell, const StoredRow& row, Plan& plan) {
    constexpr const FieldFacts& field = FieldPlace<Member>::facts;
    auto plain = cell.open(type_of<member_type<Member>>());
    if (!plain) return Error{plain.error().code, field.name};
    auto value = look_up<Member>(*inside_.core, as_text(plain->view()));
    if (!value) return Error{value.error().code, field.name};
    for (const Handle& owner : row.owners) {
      if (state_or_ghost(*inside_.core, owner)->life() != Life::alive) continue;
      plan.fresh.push_back({index_space(row.record, field.number), value->bytes(), owner, row.tag});
    }
    return {};
  }
  /// Calls `use` with the index rows of one field of a row, or of all (field 0).
  template <class Use>
  [[nodiscard]] Result<void> each(const StoredRow& row, std::uint16_t field, Use use) {
    for (const Handle& owner : row.owners) {
      auto rows = inside_.store.key_store().index_rows_of(owner);
      if (!rows) {
        if (rows.error() == Errc::destroyed) continue;
        return rows.error();
      }
      for (const IndexRow& found : *rows) {
        const bool here = found.row == row.tag && (found.space >> 16U) == row.record;
        if (!here || (field != 0 && (found.space & 0xFFFFU) != field)) continue;
        if (auto used = use(found); !used) return used;
      }
    }
    return {};
  }

  VaultInside<StoreType>& inside_;
};

}  // namespace custody::inline v0::detail
