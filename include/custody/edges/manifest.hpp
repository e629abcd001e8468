// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <custody/edges/inventory.hpp>
#include <custody/edges/wording.hpp>

namespace custody::inline v0 {
namespace detail {

[[nodiscard]] inline nlohmann::json days_json(Days days) {
  return {{"count", days.count}, {"unit", days.working ? "working_days" : "days"}};
}

[[nodiscard]] inline nlohmann::json retention_json(const RetentionTerms& terms) {
  nlohmann::json made;
  made["start"] = start_name(terms.start);
  made["ceiling"] = terms.has_ceiling ? days_json(terms.ceiling) : nlohmann::json(nullptr);
  made["floor"] = days_json(terms.floor);
  made["zh"] = retention_text(terms, Language::zh);
  made["en"] = retention_text(terms, Language::en);
  return made;
}

[[nodiscard]] inline nlohmann::json purpose_json(const PurposeFacts& purpose) {
  nlohmann::json made;
  made["data_use"] = purpose.id;
  made["legal_basis"] = custody::name_of(purpose.basis);
  made["consent_required"] = needs_consent(purpose.basis);
  made["core"] = purpose.core;
  made["notice"] = {{"zh", purpose.notice_zh}, {"en", purpose.notice_en}};
  made["parent"] = *purpose.parent == '\0' ? nlohmann::json(nullptr) : nlohmann::json(purpose.parent);
  return made;
}

[[nodiscard]] inline nlohmann::json data_uses(const PolicyFacts& policy) {
  auto made = nlohmann::json::array();
  for (std::size_t i = 0; i != policy.purpose_count; ++i) made.push_back(policy.purposes[i].id);
  return made;
}

/// A declaration: the name, the encoding and the policy of one revision.
[[nodiscard]] inline nlohmann::json revision_json(const Revision& revision, std::size_t number) {
  const PolicyFacts& policy = revision.type.policy;
  nlohmann::json made;
  made["revision"] = number;
  made["name"] = revision.name;
  made["codec"] = revision.type.codec_name;
  made["data_uses"] = data_uses(policy);
  made["level"] = custody::name_of(policy.level);
  made["sensitive"] = policy.sensitive;
  return made;
}

[[nodiscard]] inline nlohmann::json sealed_json(const FieldFacts& field, SuiteId suite) {
  nlohmann::json made;
  made["suite"] = suite_name(suite);
  made["mode"] = "field";
  made["codec"] = field.today().type.codec_name;
  made["index"] = field.indexed ? nlohmann::json(index_words(field)) : nlohmann::json(nullptr);
  made["verifier_only"] = field.verifier_only;
  return made;
}

[[nodiscard]] inline nlohmann::json field_json(const FieldFacts& field, SuiteId suite) {
  const PolicyFacts& policy = field.today().type.policy;
  const CategoryFacts& category = facts_of(field.category);
  nlohmann::json made;
  made["name"] = field.name;
  made["number"] = field.number;
  made["data_categories"] = nlohmann::json::array({category.id});
  made["category"] = {
      {"id", category.id}, {"zh", category.zh}, {"en", category.en}, {"necessary_for_im", category.im_necessary}};
  made["data_uses"] = data_uses(policy);
  made["level"] = custody::name_of(policy.level);
  made["sensitive"] = is_sensitive(field);
  made["retention"] = retention_json(field.retention);
  made["sealed"] = sealed_json(field, suite);
  made["formerly"] = nlohmann::json::array();
  for (std::size_t i = 0; i + 1 < field.revision_count; ++i) {
    made["formerly"].push_back(revision_json(field.revisions[i], i + 1));
  }
  return made;
}

[[nodiscard]] inline nlohmann::json record_json(const RecordEntry& entry, SuiteId suite) {
  nlohmann::json made;
  made["fides_key"] = entry.facts->name;
  made["name"] = entry.facts->name;
  made["number"] = entry.facts->number;
  made["retention"] = retention_json(entry.facts->retention);
  made["fields"] = nlohmann::json::array();
  for (const FieldFacts* field : sorted_fields(*entry.facts)) made["fields"].push_back(field_json(*field, suite));
  made["public_members"] = entry.public_members;
  made["migrating_members"] = entry.migrating_members;
  made["unchecked_layout"] = entry.unchecked;
  return made;
}

[[nodiscard]] inline nlohmann::json outlets_json() {
  auto made = nlohmann::json::array();
  for (const Outlet* outlet : sorted_outlets()) {
    nlohmann::json line;
    line["kind"] = outlet->kind;
    line["name"] = outlet->name;
    line["data_use"] = outlet->purpose;
    line["highest_level"] = custody::name_of(outlet->highest);
    made.push_back(std::move(line));
  }
  return made;
}

[[nodiscard]] inline nlohmann::json totals_json(const Inventory& all) {
  std::size_t fields = 0;
  std::size_t sensitive = 0;
  std::size_t migrating = 0;
  std::size_t unchecked = 0;
  for (const RecordEntry& entry : all.records) {
    fields += entry.facts->field_count;
    migrating += entry.migrating_members;
    if (entry.unchecked) ++unchecked;
    for (const FieldFacts* field : sorted_fields(*entry.facts)) {
      if (is_sensitive(*field)) ++sensitive;
    }
  }
  return {{"records", all.records.size()},
          {"guarded_fields", fields},
          {"sensitive_fields", sensitive},
          {"migrating_members", migrating},
          {"unchecked_records", unchecked}};
}

}  // namespace detail

/// What a product does with personal data, made from its types: purposes, records, fields, retention, how each is
/// sealed, and the sinks, channels and reasons of this program. Key names are those of fideslang where it has a word.
/// Holds no data of a person. `suite` is the suite of the product's key ring. PIPL Art. 7, 17, 55; Network Data
/// Regulations Art. 21.
template <class Product, class... Records>
[[nodiscard]] nlohmann::json manifest(SuiteId suite = suite_of<Product>::id) {
  const detail::Inventory all = detail::inventory<Product, Records...>();
  nlohmann::json made;
  made["format"] = "custody.manifest.1";
  made["fides_key"] = all.product;
  made["product"] = all.product;
  made["region"] = all.region == Region::EU ? "EU" : "CN";
  made["purposes"] = nlohmann::json::array();
  for (const PurposeFacts& purpose : all.purposes) made["purposes"].push_back(detail::purpose_json(purpose));
  made["records"] = nlohmann::json::array();
  for (const detail::RecordEntry& entry : all.records) made["records"].push_back(detail::record_json(entry, suite));
  made["outlets"] = detail::outlets_json();
  made["totals"] = detail::totals_json(all);
  return made;
}

}  // namespace custody::inline v0
