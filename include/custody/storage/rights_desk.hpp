// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <custody/data/region.hpp>
#include <custody/storage/vault_rows.hpp>

namespace custody::inline v0::detail {

/// Gives a person what is held about the person (PIPL Art. 45; GDPR Art. 15, 20): every guarded field of every row the
/// person owns, of the record types named. Of rows with several owners only those the person wrote (the first declared
/// owner) are given: the others' words are theirs. Every field given is one line of evidence.
template <class StoreType>
class RightsDesk {
 public:
  explicit RightsDesk(VaultInside<StoreType>& inside) noexcept : inside_(inside), rows_(inside) {}

  /// Calls `visit(record name, row number, field facts, const payload&)`; gives the number of values. Unset, expired and
  /// unreadable fields are passed over and counted as refusals in the evidence.
  template <class Record, class Tag, class Visit>
  [[nodiscard]] Result<std::uint64_t> give(const Ref<SubjectState>& person, const Permit<Tag>& permit, Visit& visit) {
    const RecordFacts& facts = StoredRecord<Record>::facts();
    std::uint64_t given = 0;
    std::uint64_t number = 0;
    for (std::uint64_t offset = 0;; offset += page) {
      auto rows = inside_.store.rows_of(person->handle(), facts.number, offset, page);
      if (!rows) return rows.error();
      for (const StoredRow& row : *rows) {
        std::vector<Handle> wrote;
        auto record = rows_.template load<Record>(row, inside_.clock().now(), &wrote);
        if (!record) {
          const Error told = inside_.refuse(Verb::provide, person->handle(), facts.name, record.error());
          if (told == Errc::evidence_unwritable) return told;
          continue;
        }
        if (wrote.empty() || wrote.front() != person->handle()) continue;
        ++number;
        auto count = give_record(*record, facts, number, permit, visit);
        if (!count) return count;
        given += *count;
      }
      if (rows->size() < page) return given;
    }
  }

 private:
  template <class Record, class Tag, class Visit>
  [[nodiscard]] Result<std::uint64_t> give_record(const Record& record, const RecordFacts& facts, std::uint64_t number,
                                                  const Permit<Tag>& permit, Visit& visit) {
    std::uint64_t given = 0;
    Result<void> done;
    each_guarded(record, [&]<class Facts>(std::type_identity<Facts>, const auto& member) {
      using Type = std::remove_cvref_t<decltype(member)>;
      const Cell& cell = CellOffice::cell(member);
      const FieldFacts& field = FieldPlace<Facts::member>::facts;
      if (!done || !cell.sealed() || field.verifier_only) return;
      const Opening opening(cell, type_of<Type>(), PermitOffice::body(permit), purpose_facts<Tag>,
                            {Verb::provide, "subject.export", Level::core, true});
      if (!opening) {
        if (opening.error() == Errc::evidence_unwritable) done = opening.error();
        return;
      }
      Held<payload_of<Type>> held;
      if (!decode(opening.plain(), held.value)) return;
      visit(std::string_view(facts.name), number, field, std::as_const(held.value));
      ++given;
    });
    if (!done) return done.error();
    return given;
  }

  static constexpr std::uint64_t page = 200;
  VaultInside<StoreType>& inside_;
  VaultRows<StoreType> rows_;
};

}  // namespace custody::inline v0::detail
