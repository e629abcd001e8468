// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <custody/law/calendar.hpp>
#include <custody/storage/row_cells.hpp>

namespace custody::inline v0::detail {

/// The cell that says when fields with a clock of their own were collected.
inline constexpr std::uint16_t times_cell = 0xFFF1;

/// When a field was collected: with its row, unless the row says otherwise.
[[nodiscard]] inline Instant collected_at(const StoredRow& row, std::uint16_t field) {
  for (const StoredCell& cell : row.cells) {
    if (cell.field != times_cell) continue;
    CanonicalReader times(cell.value);
    while (times.ok() && !times.at_end()) {
      const auto number = times.number<std::uint16_t>();
      const auto ms = static_cast<std::int64_t>(times.number<std::uint64_t>());
      if (times.ok() && number == field) return {ms};
    }
  }
  return row.collected;
}

/// When data under these terms has to be gone; ms 0 while the clock has not started.
[[nodiscard]] inline Instant ends_at(const RetentionTerms& terms, Instant collected, Instant closed,
                                     const Calendar& calendar) {
  switch (terms.start) {
    case Start::collected:
    case Start::last_used: return terms.has_ceiling ? calendar.after(collected, terms.ceiling) : Instant{};
    case Start::account_closed: return closed.ms == 0 ? Instant{} : calendar.after(closed, terms.ceiling);
    case Start::checked: return Instant{};  // ended by the check itself
  }
  return {};
}

[[nodiscard]] inline Instant earlier(Instant a, Instant b) noexcept {
  if (a.ms == 0) return b;
  if (b.ms == 0) return a;
  return a < b ? a : b;
}

/// The earliest date on which something of a row has to go: the record's, or that of a stricter field that is set.
[[nodiscard]] inline Instant row_ends_at(const RecordFacts& record, const StoredRow& row, Instant closed,
                                         const Calendar& calendar) {
  Instant first = ends_at(record.retention, row.collected, closed, calendar);
  for (const StoredCell& cell : row.cells) {
    for (std::size_t i = 0; i != record.field_count; ++i) {
      const std::uint16_t number = record.fields[i].number;
      if (cell.kind != CellKind::sealed || !holds_field(cell, number)) continue;
      first = earlier(first, ends_at(record.fields[i].retention, collected_at(row, number), closed, calendar));
    }
  }
  return first;
}

/// How long a law wants a row kept, whatever the person asks: the longest floor of its fields; ms 0 when none.
[[nodiscard]] inline Instant floor_of(const RecordFacts& record, const StoredRow& row, const Calendar& calendar) {
  Instant last{};
  const auto look = [&](const RetentionTerms& terms, Instant collected) {
    if (terms.floor.count == 0) return;
    const Instant until = calendar.after(collected, terms.floor);
    if (last < until) last = until;
  };
  look(record.retention, row.collected);
  for (std::size_t i = 0; i != record.field_count; ++i) {
    look(record.fields[i].retention, collected_at(row, record.fields[i].number));
  }
  return last;
}

}  // namespace custody::inline v0::detail
