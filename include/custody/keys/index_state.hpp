// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <custody/crypto/blind_index.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0::detail {

/// Which index a value belongs to, whatever the generation of its key. The texts have static storage.
struct IndexName {
  std::string_view label;
  std::string_view record;
  std::uint32_t field = 0;
  std::string_view normaliser;
  IndexShape shape{};

  [[nodiscard]] friend bool operator<(const IndexName& a, const IndexName& b) noexcept {
    if (a.field != b.field) return a.field < b.field;
    if (const int order = compare(a.label, b.label); order != 0) return order < 0;
    if (const int order = compare(a.normaliser, b.normaliser); order != 0) return order < 0;
    if (const int order = compare(a.record, b.record); order != 0) return order < 0;
    if (a.shape.bits != b.shape.bits) return a.shape.bits < b.shape.bits;
    if (a.shape.work.passes != b.shape.work.passes) return a.shape.work.passes < b.shape.work.passes;
    return a.shape.work.memory_kib < b.shape.work.memory_kib;
  }

 private:
  /// Mostly they are one and the same literal.
  [[nodiscard]] static int compare(std::string_view a, std::string_view b) noexcept {
    return a.data() == b.data() && a.size() == b.size() ? 0 : a.compare(b);
  }
};

/// The index of a record's field, which has numbers and no names: what is renamed is still found.
[[nodiscard]] constexpr IndexName field_index(std::uint32_t record, std::uint16_t field, std::string_view normaliser,
                                              const IndexShape& shape) noexcept {
  return {"field", "", (record << 16U) | field, normaliser, shape};
}
/// The index of user ids.
inline constexpr IndexName uid_index{"uid", "", 0, "exact", {}};

/// The values of one normalised value: writes use the newest, searches both while a rotation runs.
struct IndexValues {
  IndexValue newest{};
  IndexValue older{};  ///< the newest again, when no rotation runs
  bool rotating = false;
  std::uint32_t generation = 1;
};

/// The generations of the index keys, and how far a rotation came: one authenticated fact of the key store.
struct IndexState {
  std::uint32_t newest = 1;        ///< what is written
  std::uint32_t older = 0;         ///< searched as well, as long as a rotation runs; else 0
  std::uint32_t persons_from = 1;  ///< user ids may stand under any generation from here to the newest
  std::uint64_t cursor = 0;        ///< where the pass over the rows goes on
  std::uint64_t rows = 0;          ///< seen by this pass
  std::uint64_t unreadable = 0;    ///< among them, rows whose indexed fields do not open
  std::uint64_t unknown = 0;       ///< among them, indexed rows of records that this program does not declare

  static constexpr std::string_view fact = "index.state";
  static constexpr std::size_t size = 3 * 4 + 4 * 8;

  void write(Bytes& out) const {
    Canonical(out).number(newest).number(older).number(persons_from);
    Canonical(out).number(cursor).number(rows).number(unreadable).number(unknown);
  }
  /// False for what cannot be a state.
  [[nodiscard]] bool read(ByteView in) noexcept {
    CanonicalReader reader(in);
    newest = reader.number<std::uint32_t>();
    older = reader.number<std::uint32_t>();
    persons_from = reader.number<std::uint32_t>();
    for (std::uint64_t* number : {&cursor, &rows, &unreadable, &unknown}) *number = reader.number<std::uint64_t>();
    const bool ordered = newest != 0 && older < newest && persons_from != 0 && persons_from <= newest;
    return reader.at_end() && ordered;
  }
  [[nodiscard]] friend bool operator==(const IndexState&, const IndexState&) noexcept = default;
};

}  // namespace custody::inline v0::detail
