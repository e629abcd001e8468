// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/crypto/hash.hpp>
#include <custody/storage/vault_rows.hpp>

namespace custody::inline v0::detail {

/// Whether an error says no more than that a row is not there for this search.
[[nodiscard]] inline bool passed_over(const Error& error) noexcept {
  return error == Errc::destroyed || error == Errc::expired || error == Errc::unknown_key;
}

/// Equality search in a vault: candidates come from the blind index, and only those whose opened value has the same
/// normal form are found, so that neither coincidences of a truncated index nor rows left over from a crash are shown.
template <class StoreType, auto Member>
class Search {
 public:
  using Record = owner_type<Member>;
  explicit Search(VaultInside<StoreType>& inside) noexcept : inside_(inside), rows_(inside) {}

  /// `load(rows, row)` gives the record of a row. Errors: malformed for a value that cannot be normalised.
  template <class Load>
  [[nodiscard]] Result<std::vector<Record>> find(std::string_view text, Load load) {
    auto wanted = normal_form<Member>(text);
    if (!wanted) return wanted.error();
    auto tags = candidates(wanted->view());
    if (!tags) return tags.error();
    std::vector<Record> records;
    for (const RowTag& tag : *tags) {
      if (auto added = add(tag, wanted->view(), load, records); !added) return added.error();
    }
    return records;
  }

 private:
  /// The rows that the index names, each once. A row moves from the older generation to the newest and never back, so the
  /// older is asked first; and once more when a generation began meanwhile.
  [[nodiscard]] Result<std::vector<RowTag>> candidates(ByteView wanted) {
    constexpr IndexName name = index_name<Member>();
    const std::uint32_t space = index_space(StoredRecord<Record>::facts().number, FieldPlace<Member>::facts.number);
    std::vector<RowTag> tags;
    for (;;) {
      auto values = inside_.core->index_values(name, wanted, true);
      if (!values) return values.error();
      if (values->rotating) {
        if (auto read = append(space, values->older, tags); !read) return read.error();
      }
      if (auto read = append(space, values->newest, tags); !read) return read.error();
      auto now = inside_.core->index_state();
      if (!now) return now.error();
      if (now->newest == values->generation) return tags;
    }
  }
  [[nodiscard]] Result<void> append(std::uint32_t space, const IndexValue& value, std::vector<RowTag>& tags) {
    auto found = inside_.store.key_store().find_index(space, value);
    if (!found) return found.error();
    for (const IndexRow& entry : *found) {  // one index row for each owner
      if (std::find(tags.begin(), tags.end(), entry.row) == tags.end()) tags.push_back(entry.row);
    }
    return {};
  }
  template <class Load>
  [[nodiscard]] Result<void> add(const RowTag& tag, ByteView wanted, Load& load, std::vector<Record>& records) {
    constexpr const RecordFacts& facts = shape_of<Record>::facts;
    auto row = inside_.store.get_row(facts.number, tag);
    if (!row) return row.error() == Errc::not_found ? Result<void>() : Result<void>(row.error());
    Result<Record> record = load(rows_, *row);
    if (!record) return passed_over(record.error()) ? Result<void>() : Result<void>(record.error());
    auto same = rows_.template still_has<Member>(*record, wanted);
    if (!same && rows_.keyless(same.error()) && inside_.sealed_since(*row, key_cell)) {
      return add(tag, wanted, load, records);
    }
    if (!same && passed_over(same.error())) return {};
    if (!same) return inside_.refuse(Verb::read, row->owners.front(), facts.name, same.error());
    if (*same) records.push_back(std::move(*record));
    return {};
  }

  VaultInside<StoreType>& inside_;
  VaultRows<StoreType> rows_;
};

}  // namespace custody::inline v0::detail
