// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <custody/edges/inventory.hpp>
#include <custody/edges/lock_check.hpp>
#include <custody/edges/lock_file.hpp>
#include <custody/edges/wording.hpp>

namespace custody::inline v0 {
namespace detail {

inline constexpr char hex_digits[] = "0123456789abcdef";

/// A declared name as one word: blanks, controls and the lock's own punctuation are escaped, an empty name is a lone
/// '%'.
[[nodiscard]] inline std::string lock_word(std::string_view name) {
  if (name.empty()) return "%";
  std::string out;
  for (const char c : name) {
    const auto code = static_cast<unsigned char>(c);
    if (code > 0x20 && code != 0x7f && std::string_view("%,=#").find(c) == std::string_view::npos) {
      out += c;
    } else {
      out.append("%").append(1, hex_digits[code >> 4U]).append(1, hex_digits[code & 15U]);
    }
  }
  return out;
}

[[nodiscard]] inline std::string lock_codec(const TypeFacts& type) {
  std::string out = lock_word(type.codec_name) + ":";
  for (unsigned shift = 64; shift != 0; shift -= 4) out += hex_digits[(type.codec >> (shift - 4)) & 15U];
  return out;
}

[[nodiscard]] inline std::string lock_days(Days days) {
  return std::to_string(days.count) + (days.working ? "wd" : "d");
}

[[nodiscard]] inline std::string lock_retention(const RetentionTerms& terms) {
  const std::string ceiling = terms.has_ceiling ? lock_days(terms.ceiling) : "none";
  return std::string(" retention=") + start_name(terms.start) + "," + ceiling + " floor=" + lock_days(terms.floor);
}

/// What an envelope of this revision was sealed under.
[[nodiscard]] inline std::string lock_revision(const Revision& revision) {
  const PolicyFacts& policy = revision.type.policy;
  std::string out = lock_word(revision.name) + " codec=" + lock_codec(revision.type) +
                    " level=" + custody::name_of(policy.level) + " sensitive=" + (policy.sensitive ? "yes" : "no") +
                    " purposes=";
  for (std::size_t i = 0; i != policy.purpose_count; ++i) {
    if (i != 0) out += ",";
    out += lock_word(policy.purposes[i].id);
  }
  return policy.purpose_count == 0 ? out + "%" : out;
}

inline void lock_field(std::string& out, const std::string& record, const FieldFacts& field) {
  const std::string key = record + "." + std::to_string(field.number);
  out += "field " + key + " " + lock_word(field.name) + " category=" + facts_of(field.category).id +
         lock_retention(field.retention) + " index=" + (field.indexed ? lock_word(index_words(field)) : "%") +
         " verifier=" + (field.verifier_only ? "yes" : "no") + "\n";
  for (std::size_t i = 0; i != field.revision_count; ++i) {
    out += "revision " + key + "/" + std::to_string(i + 1) + " " + lock_revision(field.revisions[i]) + "\n";
  }
}

/// Purposes by id; a product lists them in any order.
[[nodiscard]] inline std::vector<PurposeFacts> sorted_purposes(const Inventory& all) {
  std::vector<PurposeFacts> sorted;
  for (const PurposeFacts& purpose : all.purposes) {
    auto at = sorted.begin();
    while (at != sorted.end() && std::string_view(at->id) < purpose.id) ++at;
    sorted.insert(at, purpose);
  }
  return sorted;
}

[[nodiscard]] inline std::string lock_of(const Inventory& all) {
  std::string out(lock_head);
  out +=
      "\n# Made from the types. Commit it. To retire a field, record or purpose for good, put `removed ` in front of "
      "its line.\n";
  out += "product " + lock_word(all.product) + "\n";
  for (const PurposeFacts& purpose : sorted_purposes(all)) {
    out += "purpose " + lock_word(purpose.id) + " " + custody::name_of(purpose.basis) + "\n";
  }
  for (const RecordEntry& entry : all.records) {
    const std::string number = std::to_string(entry.facts->number);
    out += "record " + number + " " + lock_word(entry.facts->name) + "\n";
    for (const FieldFacts* field : sorted_fields(*entry.facts)) lock_field(out, number, *field);
  }
  return out;
}

}  // namespace detail

/// The declarations of a product as canonical text, one fact a line: the content of custody.lock. The same types give
/// the same bytes with every compiler. Holds no data of a person.
template <class Product, class... Records>
[[nodiscard]] std::string lock_text() {
  return detail::lock_of(detail::inventory<Product, Records...>());
}

/// The whole of a lock program: `int main(int argc, char** argv) { return custody::lock_main<Product, Account>(argc,
/// argv); }`.
/// `--print` writes the text, `--check FILE` compares, `--update FILE` writes the file when check_lock allows it.
/// Returns 0, 1 when the lock and the types differ or the file cannot be used, 2 for other arguments.
template <class Product, class... Records>
[[nodiscard]] int lock_main(int argc, const char* const* argv) {
  return detail::run_lock(lock_text<Product, Records...>(), argc, argv);
}

}  // namespace custody::inline v0
