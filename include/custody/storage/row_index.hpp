// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <type_traits>
#include <utility>
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
  /// What persons' index rows were when they were first asked for: good as long as the data file is held.
  using Known = std::map<Handle, std::vector<IndexRow>>;
  explicit RowIndex(VaultInside<StoreType>& inside) noexcept : inside_(inside) {}

  /// Lists the index rows of changed fields, and the ones they replace. Errors: foreign_envelope for a value bound
  /// elsewhere, malformed for one that cannot be normalised, those of opening.
  template <class Record>
  [[nodiscard]] Result<void> plan(const Record& record, const StoredRow& row, const BindingBody& place,
                                  const StoredRow* before, Plan& plan) {
    Result<void> done;
    Known known;
    each_guarded(record, [&]<class Facts>(std::type_identity<Facts>, const auto& member) {
      if constexpr (FieldPlace<Facts::member>::facts.indexed) {
        if (!done) return;
        const Cell& cell = CellOffice::cell(member);
        const bool bound = cell.state() == CellState::bound;
        const bool here = bound && cell.field()->number == Facts::number && cell.binding()->same_place(place);
        if (bound && !here) done = Error{Errc::foreign_envelope, Facts::name};
        if (!done || is_stored(cell, before, Facts::number)) return;
        if (before != nullptr) done = list(row, Facts::number, known, plan.replaced);
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
  /// Drops the index rows of a row, all or none.
  [[nodiscard]] Result<void> drop(const StoredRow& row) {
    std::vector<IndexRow> found;
    Known known;
    if (auto listed = list(row, 0, known, found); !listed) return listed;
    return drop(found);
  }
  /// Drops index rows of any rows, all or none.
  [[nodiscard]] Result<void> drop(const std::vector<IndexRow>& rows) {
    if (rows.empty()) return {};
    KeyStore& keys = inside_.store.key_store();
    if (auto begun = keys.begin(); !begun) return begun;
    for (const IndexRow& row : rows) {
      if (auto gone = keys.drop_index(row.space, row.value, row.row); !gone) {
        keys.rollback();
        return gone;
      }
    }
    return keys.commit();
  }
  /// Appends the index rows of one field of a row, or of all (field 0); nothing when it fails.
  [[nodiscard]] Result<void> list(const StoredRow& row, std::uint16_t field, Known& known, std::vector<IndexRow>& out) {
    const std::size_t before = out.size();
    for (const Handle& owner : row.owners) {
      auto at = known.find(owner);
      if (at == known.end()) {
        auto rows = inside_.store.key_store().index_rows_of(owner);
        if (!rows && !(rows.error() == Errc::destroyed)) {
          out.resize(before);
          return rows.error();
        }
        at = known.emplace(owner, rows ? std::move(*rows) : std::vector<IndexRow>()).first;
      }
      for (const IndexRow& found : at->second) {
        const bool here = found.row == row.tag && (found.space >> 16U) == row.record;
        if (here && (field == 0 || (found.space & 0xFFFFU) == field)) out.push_back(found);
      }
    }
    return {};
  }

 private:
  /// One index row for each owner who is there, so that the field is still found when one of them leaves.
  template <auto Member>
  [[nodiscard]] Result<void> plan_one(const Cell& cell, const StoredRow& row, Plan& plan) {
    constexpr const FieldFacts& field = FieldPlace<Member>::facts;
    PlainBuffer plain;
    if (auto opened = cell.open(type_of<member_type<Member>>(), plain); !opened)
      return Error{opened.error().code, field.name};
    auto values = look_up_all<Member>(*inside_.core, as_text(plain.view()), true);  // with the data file held
    if (!values) return Error{values.error().code, field.name};
    for (const Handle& owner : row.owners) {
      auto state = inside_.owner(owner);
      if (!state) return state.error();
      if ((*state)->life() != Life::alive) continue;
      plan.fresh.push_back({index_space(row.record, field.number), values->newest.bytes(), owner, row.tag});
    }
    return {};
  }

  VaultInside<StoreType>& inside_;
};

}  // namespace custody::inline v0::detail
