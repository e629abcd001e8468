// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include <custody/keys/key_store.hpp>
#include <custody/storage/sqlite_query.hpp>

namespace custody::inline v0::detail {

inline constexpr Sql sql_is_dead{6, "SELECT 1 FROM tombstones WHERE handle IN (?,?)"};
inline constexpr Sql sql_slot_of{7, "SELECT slot FROM wraps WHERE handle=? AND generation=? AND holder=?"};
inline constexpr Sql sql_free_slot{8, "SELECT id FROM free_slots WHERE size=? LIMIT 1"};
inline constexpr Sql sql_new_slot{9, "INSERT INTO slots(bytes) VALUES(?)"};
inline constexpr Sql sql_fill_slot{10, "UPDATE slots SET bytes=? WHERE id=?"};
inline constexpr Sql sql_take_slot{11, "DELETE FROM free_slots WHERE size=? AND id=?"};
inline constexpr Sql sql_wipe_slot{12, "UPDATE slots SET bytes=zeroblob(length(bytes)) WHERE id=?"};
inline constexpr Sql sql_give_slot{
    13, "INSERT OR IGNORE INTO free_slots(size,id) SELECT length(bytes),id FROM slots WHERE id=?"};
inline constexpr Sql sql_put_wrap{14, "INSERT INTO wraps(handle,generation,holder,slot) VALUES(?,?,?,?)"};
inline constexpr Sql sql_raise_newest{15,
                                      "INSERT INTO newest(handle,generation) VALUES(?,?) ON CONFLICT(handle) "
                                      "DO UPDATE SET generation=max(generation,excluded.generation)"};
inline constexpr Sql sql_get_wrap{16,
                                  "SELECT s.bytes FROM wraps w JOIN slots s ON s.id=w.slot "
                                  "WHERE w.handle=? AND w.generation=? AND w.holder=?"};
inline constexpr Sql sql_newest{17, "SELECT generation FROM newest WHERE handle=?"};
inline constexpr Sql sql_holders{18, "SELECT holder FROM wraps WHERE handle=? AND generation=? ORDER BY holder"};
inline constexpr Sql sql_slots_of_wrap{19, "SELECT slot FROM wraps WHERE holder=? AND handle=?"};
inline constexpr Sql sql_drop_wrap{20, "DELETE FROM wraps WHERE holder=? AND handle=?"};
inline constexpr Sql sql_bury{21, "INSERT OR IGNORE INTO tombstones(handle,at) VALUES(?,?)"};
inline constexpr Sql sql_slots_of{22,
                                  "SELECT slot FROM wraps WHERE handle=? UNION SELECT slot FROM wraps WHERE holder=?"};
inline constexpr Sql sql_drop_keys{23, "DELETE FROM wraps WHERE handle=?"};
inline constexpr Sql sql_drop_held{24, "DELETE FROM wraps WHERE holder=?"};
inline constexpr Sql sql_drop_newest{25, "DELETE FROM newest WHERE handle=?"};
inline constexpr Sql sql_drop_counters{26, "DELETE FROM counters WHERE handle=?"};
inline constexpr Sql sql_drop_epoch{27, "DELETE FROM epochs WHERE handle=?"};
inline constexpr Sql sql_tombstones{28, "SELECT handle FROM tombstones ORDER BY handle"};
inline constexpr Sql sql_put_by_value{29, "INSERT OR IGNORE INTO found_by_value(entry) VALUES(?)"};
inline constexpr Sql sql_put_by_subject{30, "INSERT OR IGNORE INTO found_by_subject(entry) VALUES(?)"};
inline constexpr Sql sql_by_value{31, "SELECT entry FROM found_by_value WHERE entry BETWEEN ? AND ? ORDER BY entry"};
inline constexpr Sql sql_by_subject{32,
                                    "SELECT entry FROM found_by_subject WHERE entry BETWEEN ? AND ? ORDER BY entry"};
inline constexpr Sql sql_drop_by_value{33, "DELETE FROM found_by_value WHERE entry=?"};
inline constexpr Sql sql_drop_by_subject{34, "DELETE FROM found_by_subject WHERE entry=?"};
inline constexpr Sql sql_put_fact{35,
                                  "INSERT INTO facts(name,value) VALUES(?,?) ON CONFLICT(name) "
                                  "DO UPDATE SET value=excluded.value"};
inline constexpr Sql sql_get_fact{36, "SELECT value FROM facts WHERE name=?"};
inline constexpr Sql sql_count{37, "SELECT used FROM counters WHERE handle=? AND generation=?"};
inline constexpr Sql sql_put_count{38,
                                   "INSERT INTO counters(handle,generation,used) VALUES(?,?,?) "
                                   "ON CONFLICT(handle,generation) DO UPDATE SET used=excluded.used"};
inline constexpr Sql sql_epoch{39, "SELECT epoch FROM epochs WHERE handle=?"};
inline constexpr Sql sql_put_epoch{40,
                                   "INSERT INTO epochs(handle,epoch) VALUES(?,?) ON CONFLICT(handle) "
                                   "DO UPDATE SET epoch=excluded.epoch"};
inline constexpr Sql sql_held{41,
                              "SELECT w.handle,w.generation,s.bytes FROM wraps w JOIN slots s ON s.id=w.slot "
                              "WHERE w.holder=? AND (w.handle,w.generation)>(?,?) "
                              "ORDER BY w.handle,w.generation LIMIT ?"};
inline constexpr Sql sql_held_count{42, "SELECT count(*) FROM wraps WHERE holder=?"};
inline constexpr Sql sql_slots_of_generation{43, "SELECT slot FROM wraps WHERE handle=? AND generation=?"};
inline constexpr Sql sql_drop_generation{44, "DELETE FROM wraps WHERE handle=? AND generation=?"};
inline constexpr Sql sql_move_wrap{45, "UPDATE wraps SET slot=? WHERE handle=? AND generation=? AND holder=?"};

/// What a slot keeps of a key: when it was made, its fingerprint, and the wrapped bytes.
[[nodiscard]] inline Bytes slot_bytes(const WrappedKey& key) {
  Bytes bytes;
  bytes.reserve(48 + key.wrapped.size());
  Canonical(bytes).number(from_sql(key.created.ms)).raw(key.fingerprint).raw(key.wrapped);
  return bytes;
}
[[nodiscard]] inline Result<void> read_slot(ByteView bytes, WrappedKey& out) {
  CanonicalReader reader(bytes);
  out.created = {sql_number(reader.number<std::uint64_t>())};
  const ByteView fingerprint = reader.raw(out.fingerprint.size());
  if (!reader.ok()) return Error{Errc::malformed, "keys"};
  std::memcpy(out.fingerprint.data(), fingerprint.data(), fingerprint.size());
  const ByteView wrapped = reader.rest();
  out.wrapped.assign(wrapped.begin(), wrapped.end());
  return {};
}

/// An index row as one key of fixed size, sorted as the parts are.
using IndexEntry = std::array<std::byte, 52>;

[[nodiscard]] constexpr std::array<std::byte, 4> big_endian(std::uint32_t value) noexcept {
  return {static_cast<std::byte>(value >> 24), static_cast<std::byte>(value >> 16), static_cast<std::byte>(value >> 8),
          static_cast<std::byte>(value)};
}
/// space, value, row, subject.
[[nodiscard]] inline IndexEntry value_entry(const IndexRow& row) noexcept {
  IndexEntry entry;
  const auto space = big_endian(row.space);
  std::memcpy(entry.data(), space.data(), 4);
  std::memcpy(entry.data() + 4, row.value.data(), 16);
  std::memcpy(entry.data() + 20, row.row.data(), 16);
  std::memcpy(entry.data() + 36, row.subject.bytes.data(), 16);
  return entry;
}
/// subject, space, value, row.
[[nodiscard]] inline IndexEntry subject_entry(const IndexRow& row) noexcept {
  const IndexEntry straight = value_entry(row);
  IndexEntry entry;
  std::memcpy(entry.data(), straight.data() + 36, 16);
  std::memcpy(entry.data() + 16, straight.data(), 36);
  return entry;
}
/// Reads what the two above wrote; false for another size.
[[nodiscard]] inline bool read_entry(ByteView entry, bool of_subject, IndexRow& out) noexcept {
  if (entry.size() != sizeof(IndexEntry)) return false;
  const std::byte* subject = entry.data() + (of_subject ? 0 : 36);
  const std::byte* rest = entry.data() + (of_subject ? 16 : 0);
  out.space = 0;
  for (int i = 0; i != 4; ++i) out.space = (out.space << 8) | std::to_integer<std::uint32_t>(rest[i]);
  std::memcpy(out.value.data(), rest + 4, 16);
  std::memcpy(out.row.data(), rest + 20, 16);
  std::memcpy(out.subject.bytes.data(), subject, 16);
  return true;
}

}  // namespace custody::inline v0::detail
