// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <custody/crypto/index_shape.hpp>
#include <custody/law/category.hpp>
#include <custody/law/policy.hpp>
#include <custody/law/retention.hpp>

namespace custody::inline v0::detail {

/// What a guarded type is: its policy and its encoding. One constant per type.
struct TypeFacts {
  PolicyFacts policy;
  std::uint64_t codec = 0;
  const char* codec_name = "";
};

/// A declaration that a field once had, or has now.
struct Revision {
  const char* name = "";
  TypeFacts type;
};

/// A declared field as data: what bindings, evidence and manifests need to know. Static storage; made by Fields.
struct FieldFacts {
  std::uint16_t number = 0;
  const char* name = "";
  Category category = Category::account_id;
  RetentionTerms retention{};
  const Revision* revisions = nullptr;  ///< oldest first; the last is the declaration of today
  std::uint8_t revision_count = 0;
  bool indexed = false;
  const char* normaliser = "";
  IndexShape index{};
  bool verifier_only = false;           ///< a password: only a verifier is kept
  std::uint8_t group = 0;               ///< of the fields sealed together, from 1; 0: sealed alone
  std::uint16_t name_size = 0;          ///< 0: not counted yet; evidence does not count it for each line

  [[nodiscard]] constexpr std::string_view name_view() const noexcept { return counted(name, name_size); }
  [[nodiscard]] constexpr const Revision& today() const noexcept { return revisions[revision_count - 1]; }
  /// The declaration an envelope was sealed under; null when this program does not list it.
  [[nodiscard]] constexpr const Revision* revision(std::uint8_t number_of) const noexcept {
    return number_of == 0 || number_of > revision_count ? nullptr : &revisions[number_of - 1];
  }
};

/// A declared record as data.
struct RecordFacts {
  std::uint32_t number = 0;
  const char* name = "";
  const FieldFacts* fields = nullptr;
  std::size_t field_count = 0;
  RetentionTerms retention{};
  std::size_t name_size = 0;  ///< as a field's

  [[nodiscard]] constexpr std::string_view name_view() const noexcept { return counted(name, name_size); }
};

}  // namespace custody::inline v0::detail
