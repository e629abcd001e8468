// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <custody/storage/row_codec.hpp>

namespace custody::inline v0::detail {

/// The record number under which a vault keeps its own row of each person: the user id, sealed under the person's key so
/// that the handle means nothing once that key is gone, and when the account was closed.
inline constexpr std::uint32_t person_record = 0xFFFFFF01;
inline constexpr std::uint16_t uid_cell = 1;
inline constexpr std::uint16_t closed_cell = 2;
inline constexpr std::uint16_t doomed_cell = 3;  ///< erased by the person, but a legal minimum still runs

struct PersonRecord {
  using policy = Policy<Level::grade3, false>;
  static constexpr Revision revision{"uid", type_facts<std::string, policy>};
  static constexpr FieldFacts field = [] {
    FieldFacts made;
    made.number = uid_cell;
    made.name = "uid";
    made.category = Category::account_id;
    made.revisions = &revision;
    made.revision_count = 1;
    return made;
  }();
  static constexpr RecordFacts facts{person_record, "person", &field, 1, {}};
};

[[nodiscard]] inline RowTag person_tag(const Handle& person) noexcept { return person.bytes; }

[[nodiscard]] inline Result<Binding> person_place(const Ref<RingCore>& core, const Ref<SubjectState>& person) {
  return BindingOffice::make(core, PersonRecord::facts, person->handle().bytes, Owners(person), {}, 0);
}

[[nodiscard]] inline Result<StoredRow> person_row(const Ref<RingCore>& core, const Ref<SubjectState>& person,
                                                  std::string_view uid, Instant now) {
  auto place = person_place(core, person);
  if (!place) return place.error();
  Cell sealed;
  if (auto done = sealed.seal_bound(as_bytes(uid), BindingOffice::body(*place), PersonRecord::field); !done) {
    return done.error();
  }
  StoredRow row;
  row.record = person_record;
  row.tag = person_tag(person->handle());
  row.owners = {person->handle()};
  row.version = 1;
  row.collected = now;
  row.cells.push_back(sealed_cell(sealed, uid_cell));
  return row;
}

/// The user id in a person's row. Errors: destroyed, tampered and those of the keys.
[[nodiscard]] inline Result<std::string> uid_in(const Ref<RingCore>& core, const Ref<SubjectState>& person,
                                                const StoredRow& row) {
  const StoredCell* stored = find_cell(row, uid_cell);
  if (stored == nullptr) return Errc::malformed;
  auto place = person_place(core, person);
  if (!place) return place.error();
  Cell cell;
  if (auto taken = cell.adopt(stored->value, BindingOffice::body(*place), PersonRecord::field); !taken)
    return taken.error();
  PlainBuffer plain;
  if (auto opened = cell.open(PersonRecord::revision.type, plain); !opened) return opened.error();
  return std::string(as_text(plain.view()));
}

[[nodiscard]] inline StoredCell time_cell(std::uint16_t number, Instant at) {
  return {number, CellKind::clear, canonical_bytes(at.ms)};
}
[[nodiscard]] inline Instant time_in(const StoredRow& row, std::uint16_t number) {
  const StoredCell* stored = find_cell(row, number);
  std::int64_t ms = 0;
  if (stored == nullptr || !decode(stored->value, ms)) return {};
  return {ms};
}
inline void set_time(StoredRow& row, std::uint16_t number, Instant at) {
  std::erase_if(row.cells, [&](const StoredCell& cell) { return cell.field == number; });
  row.cells.push_back(time_cell(number, at));
}

}  // namespace custody::inline v0::detail
