// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <custody/storage/memory_store.hpp>
#include <custody/storage/sqlite_store.hpp>

#include "../support/temp_dir.hpp"
#include "custody_catch.hpp"

namespace custody_test {

using namespace custody;

[[nodiscard]] inline Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}
[[nodiscard]] inline Handle handle_of(std::uint64_t n) {
  Handle handle;
  for (std::size_t i = 0; i != 8; ++i) handle.bytes[i] = static_cast<std::byte>(n >> (8 * i));
  handle.bytes[15] = std::byte{1};
  return handle;
}
[[nodiscard]] inline RowTag tag_of(std::uint64_t n) {
  RowTag tag{};
  for (std::size_t i = 0; i != 8; ++i) tag[i] = static_cast<std::byte>((n * 0x9e3779b97f4a7c15U) >> (8 * i));
  tag[15] = static_cast<std::byte>(n);
  return tag;
}
[[nodiscard]] inline StoredRow row_of(std::uint32_t record, std::uint64_t n, std::vector<Handle> owners,
                                      std::string_view text = "sealed") {
  StoredRow row;
  row.record = record;
  row.tag = tag_of(n);
  std::sort(owners.begin(), owners.end());
  row.owners = std::move(owners);
  row.version = n;
  row.collected = {1000};
  row.cells = {{1, CellKind::sealed, bytes_of(text)}, {2, CellKind::none, {}}, {300, CellKind::clear, bytes_of("")}};
  return row;
}
[[nodiscard]] inline bool same(const StoredRow& a, const StoredRow& b) {
  const auto cell = [](const StoredCell& x, const StoredCell& y) {
    return x.field == y.field && x.kind == y.kind && x.value == y.value;
  };
  return a.record == b.record && a.tag == b.tag && a.conversation == b.conversation && a.owners == b.owners &&
         a.version == b.version && a.state == b.state && a.collected == b.collected && a.expires == b.expires &&
         std::equal(a.cells.begin(), a.cells.end(), b.cells.begin(), b.cells.end(), cell);
}
[[nodiscard]] inline WrappedKey key_of(Handle handle, Handle holder, std::uint32_t generation,
                                       std::string_view wrapped) {
  WrappedKey key{handle, holder, generation, {77}, bytes_of(wrapped), {}};
  key.fingerprint.fill(std::byte{9});
  return key;
}

/// A fresh store of either kind.
struct Memory {
  using Store = MemoryStore;
  [[nodiscard]] MemoryStore open() const { return std::move(*MemoryStore::open({}, "test")); }
};
struct Sqlite {
  using Store = SqliteStore;
  TempDir place;
  [[nodiscard]] SqliteStore::Options options() const {
    return {.data = place / "im.db", .keys = place / "im.keys", .busy_ms = 100};
  }
  [[nodiscard]] Result<SqliteStore> try_open() const { return SqliteStore::open(options(), "test"); }
  [[nodiscard]] SqliteStore open() const {
    auto store = try_open();
    if (!store) FAIL("open: " << text(store.error().code) << " " << store.error().where);
    return std::move(*store);
  }
};

}  // namespace custody_test
