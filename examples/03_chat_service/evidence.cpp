// SPDX-License-Identifier: Apache-2.0

// What is held, counted from the rows; what was done and refused, counted from the audit log alone; and whether the log
// can be believed, told by the verifier, which shares no code with the log's writer.
#include <nlohmann/json.hpp>

#include <custody/edges/manifest.hpp>
#include <custody/evidence/log_verifier.hpp>

#include "service.hpp"

namespace chat {

namespace {

struct RecordNames {
  std::string name;
  std::map<std::uint16_t, std::string> fields;
};

/// The names behind the numbers in a row, from the manifest.
[[nodiscard]] std::map<std::uint32_t, RecordNames> names_of_records() {
  std::map<std::uint32_t, RecordNames> names;
  const nlohmann::json manifest = custody::manifest<Product, Person, SignIn, Message>();
  for (const nlohmann::json& record : manifest["records"]) {
    RecordNames& known = names[record["number"].get<std::uint32_t>()];
    known.name = record["name"];
    for (const nlohmann::json& field : record["fields"])
      known.fields[field["number"].get<std::uint16_t>()] = field["name"];
  }
  return names;
}

[[nodiscard]] bool is_use(custody::Verb verb) {
  return verb == custody::Verb::release || verb == custody::Verb::derive || verb == custody::Verb::provide;
}

/// What an entry is about: a field, a record, or nothing in particular.
[[nodiscard]] std::string thing_in(const custody::Event& event) {
  std::string thing(event.record);
  if (!event.field.empty()) thing.append(thing.empty() ? "" : ".").append(event.field);
  return thing;
}

void count(const custody::Event& event, Evidence& evidence) {
  const std::string verb = custody::name_of(event.verb);
  if (!event.granted) {
    ++evidence.refusals;
    const std::string about = event.purpose.empty() ? thing_in(event) : std::string(event.purpose);
    ++evidence.refused[{verb, about, text(event.reason)}];
  } else if (is_use(event.verb)) {
    ++evidence.used[{std::string(event.purpose), thing_in(event), std::string(event.place)}];
  } else {
    ++evidence.other[verb];
  }
}

}  // namespace

custody::Result<Inventory> Service::take_inventory() {
  static const auto names = names_of_records();
  Inventory made;
  std::uint64_t after = 0;
  for (;;) {
    auto rows = vault_.store().scan_rows(after, 500);
    if (!rows) return rows.error();
    for (const custody::StoredRow& row : *rows) {
      const auto record = names.find(row.record);
      if (record == names.end()) continue;  // the vault's own row for each person
      ++made.rows[record->second.name];
      for (const custody::StoredCell& cell : row.cells) {
        const auto field = record->second.fields.find(cell.field);
        const bool sealed = cell.kind == custody::CellKind::sealed;
        if (sealed && field != record->second.fields.end()) ++made.values[record->second.name + "." + field->second];
      }
    }
    if (rows->empty()) return made;
  }
}

bool Service::read_evidence() {
  custody::AuditLog& log = vault_.audit();
  auto checkpoint = log.checkpoint();
  if (!checkpoint) return fail("checkpoint", checkpoint.error());
  evidence_.checkpoint = *checkpoint;
  evidence_.verification_key = log.vkey();
  auto leaves = vault_.store().leaf_store().read_leaves(0, log.size());
  if (!leaves) return fail("log", leaves.error());
  const custody::LogVerdict verdict = custody::verify_log(*leaves, *checkpoint, evidence_.verification_key);
  evidence_.intact = verdict.ok;
  evidence_.verdict = verdict.reason;
  evidence_.entries = verdict.size;
  for (const custody::Bytes& leaf : *leaves) {
    if (auto event = custody::decode_leaf(leaf); event) count(*event, evidence_);
  }
  return true;
}

}  // namespace chat
