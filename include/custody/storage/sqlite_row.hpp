// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include <custody/storage/store.hpp>

namespace custody::inline v0::detail {

/// Appends a number in as few bytes as it needs, seven bits each, lowest first.
inline void put_varint(Bytes& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::byte>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::byte>(value));
}
/// Reads one; false, and the view untouched, when it is cut short or longer than a number can be.
[[nodiscard]] inline bool take_varint(ByteView& in, std::uint64_t& value) noexcept {
  value = 0;
  for (std::size_t i = 0; i != 10 && i < in.size(); ++i) {
    const auto bits = std::to_integer<std::uint64_t>(in[i]);
    value |= (bits & 0x7f) << (7 * i);
    if ((bits & 0x80) != 0) continue;
    in = in.subspan(i + 1);
    return true;
  }
  return false;
}

/// A row's owners, as numbers of the handle table, and cells in one value: bytes are the price of a row, and one column is
/// read and written faster than a table of cells.
inline void encode_body(const std::vector<std::int64_t>& owners, const std::vector<StoredCell>& cells, Bytes& out) {
  out.clear();
  put_varint(out, owners.size());
  for (const std::int64_t owner : owners) put_varint(out, static_cast<std::uint64_t>(owner));
  for (const StoredCell& cell : cells) {
    put_varint(out, static_cast<std::uint64_t>(cell.field) << 2 | static_cast<std::uint64_t>(cell.kind));
    if (cell.kind == CellKind::none) continue;
    put_varint(out, cell.value.size());
    out.insert(out.end(), cell.value.begin(), cell.value.end());
  }
}
/// The owners in front of a body; the rest of the view are the cells. False when malformed.
[[nodiscard]] inline bool decode_owners(ByteView& body, std::vector<std::int64_t>& owners) {
  std::uint64_t count = 0;
  if (!take_varint(body, count) || count > body.size()) return false;
  owners.clear();
  for (std::uint64_t i = 0; i != count; ++i) {
    std::uint64_t owner = 0;
    if (!take_varint(body, owner)) return false;
    owners.push_back(static_cast<std::int64_t>(owner));
  }
  return true;
}
/// The cells of a body whose owners were read. False when malformed.
[[nodiscard]] inline bool decode_cells(ByteView body, std::vector<StoredCell>& cells) {
  while (!body.empty()) {
    std::uint64_t head = 0;
    if (!take_varint(body, head) || (head & 3) == 3 || head >> 2 > 0xffff) return false;
    StoredCell cell{static_cast<std::uint16_t>(head >> 2), static_cast<CellKind>(head & 3), {}};
    if (cell.kind != CellKind::none) {
      std::uint64_t length = 0;
      if (!take_varint(body, length) || length > body.size()) return false;
      const ByteView value = body.first(static_cast<std::size_t>(length));
      cell.value.assign(value.begin(), value.end());
      body = body.subspan(value.size());
    }
    cells.push_back(std::move(cell));
  }
  return true;
}

/// Half of a row tag as a number, for an index that is smaller and faster than one of bytes.
[[nodiscard]] inline std::int64_t tag_half(const RowTag& tag, std::size_t half) noexcept {
  std::int64_t value = 0;
  std::memcpy(&value, tag.data() + 8 * half, sizeof value);
  return value;
}
[[nodiscard]] inline RowTag tag_of(std::int64_t first, std::int64_t second) noexcept {
  RowTag tag{};
  std::memcpy(tag.data(), &first, sizeof first);
  std::memcpy(tag.data() + 8, &second, sizeof second);
  return tag;
}

}  // namespace custody::inline v0::detail
