// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/evidence/evidence_store.hpp>
#include <custody/law/actor.hpp>
#include <custody/law/basis.hpp>
#include <custody/law/purpose.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

inline constexpr std::size_t no_purpose = ~std::size_t{0};

/// The product's purposes by number, each with the number of its parent.
class PurposeTree {
 public:
  explicit PurposeTree(std::span<const PurposeFacts> purposes) : facts_(purposes.begin(), purposes.end()) {
    for (const PurposeFacts& each : facts_) parent_.push_back(find(each.parent));
  }
  [[nodiscard]] std::size_t find(std::string_view id) const noexcept {
    for (std::size_t i = 0; i != facts_.size(); ++i) {
      if (id == facts_[i].id) return i;
    }
    return no_purpose;
  }
  [[nodiscard]] std::size_t size() const noexcept { return facts_.size(); }
  [[nodiscard]] const PurposeFacts& facts(std::size_t purpose) const noexcept { return facts_[purpose]; }
  /// Calls `each` for the purpose, its parent and so on; declarations that run in a circle end after one round.
  template <class Each>
  void upwards(std::size_t purpose, Each&& each) const {
    for (std::size_t steps = 0; purpose != no_purpose && steps != facts_.size(); ++steps) {
      each(purpose);
      purpose = parent_[purpose];
    }
  }

 private:
  std::vector<PurposeFacts> facts_;
  std::vector<std::size_t> parent_;
};

/// The notice that now asks for a purpose.
struct PublishedNotice {
  bool there = false;
  Digest notice{};
  Digest terms{};
};

/// What one person last said about one purpose; lines are numbered from 1, 0 means never.
struct PurposeWords {
  std::uint64_t granted = 0;
  std::uint64_t declined = 0;
  std::uint64_t withdrawn = 0;
  bool objected = false;
  bool refused = false;  ///< the last word was a decline or a withdrawal
  Instant refused_at{};
  ConsentForm form = ConsentForm::plain;
  bool has_terms = false;  ///< false for a line whose store kept only the hash of the whole notice
  Digest hash{};           ///< of the terms, else of the notice
};

/// What the ledger says of one person.
struct PersonWords {
  std::vector<PurposeWords> purposes;
  AgeBand age = AgeBand::unknown;
  Handle guardian{};
  bool restricted = false;
  std::uint64_t lines = 0;
  Instant last_at{};
  Instant loaded_at{};
};

[[nodiscard]] inline bool keep_hash(const LedgerRow& row, PurposeWords& words) noexcept {
  words.has_terms = !row.terms_hash.empty();
  const Bytes& from = words.has_terms ? row.terms_hash : row.notice_hash;
  if (from.size() != words.hash.size()) return false;
  std::memcpy(words.hash.data(), from.data(), from.size());
  return true;
}

/// Takes a line about one purpose into account; false for a line that cannot be.
[[nodiscard]] inline bool apply_word(PurposeWords& words, const LedgerRow& row, std::uint64_t line) noexcept {
  const bool refusal = row.verb == LedgerVerb::decline || row.verb == LedgerVerb::withdraw;
  if (refusal) words.refused_at = row.at;
  if (refusal || row.verb == LedgerVerb::grant) words.refused = refusal;
  switch (row.verb) {
    case LedgerVerb::grant:
      words.granted = line;
      words.form = row.form;
      return keep_hash(row, words);
    case LedgerVerb::decline: words.declined = line; return true;
    case LedgerVerb::withdraw: words.withdrawn = line; return true;
    case LedgerVerb::object: words.objected = true; return true;
    case LedgerVerb::lift_objection: words.objected = false; return true;
    default: return false;
  }
}

/// Takes the next line of a person into account; a purpose that the product no longer lists only counts as a line.
[[nodiscard]] inline bool apply_line(PersonWords& person, const PurposeTree& tree, const LedgerRow& row) {
  const std::uint64_t line = ++person.lines;
  if (row.at > person.last_at) person.last_at = row.at;
  switch (row.verb) {
    case LedgerVerb::age:
      person.age = static_cast<AgeBand>(row.age_band);
      person.guardian = row.guardian;
      return row.age_band <= static_cast<std::uint8_t>(AgeBand::adult);
    case LedgerVerb::restrict_: person.restricted = true; return true;
    case LedgerVerb::lift_restriction: person.restricted = false; return true;
    default: break;
  }
  const std::size_t purpose = tree.find(row.purpose);
  PurposeWords other;
  if (person.purposes.size() != tree.size()) person.purposes.resize(tree.size());
  return apply_word(purpose == no_purpose ? other : person.purposes[purpose], row, line);
}

/// The keyed hash over everything in a line but the seal itself.
[[nodiscard]] inline Digest line_seal(const LedgerRow& row, const SecretKey& key) {
  Bytes bytes;
  Canonical(bytes)
      .part("custody.ledger.1")
      .raw(row.subject.bytes)
      .number(row.line)
      .number(static_cast<std::uint8_t>(row.verb))
      .part(row.purpose)
      .number(static_cast<std::uint8_t>(row.form))
      .part(row.notice)
      .part(row.notice_hash)
      .part(row.terms_hash)
      .part(row.categories)
      .number(row.age_band)
      .raw(row.guardian.bytes)
      .number(static_cast<std::uint64_t>(row.at.ms));
  return blake2b<32>({bytes}, key.view());
}

/// Whether a grant counts: given by the right person, in the form the basis wants, to the terms that now hold.
[[nodiscard]] inline Result<void> check_grant(const PersonWords& person, const PurposeWords& words, Basis basis,
                                              const PublishedNotice& now) noexcept {
  const bool child = person.age == AgeBand::under14;
  if (child && words.form != ConsentForm::guardian) return Errc::guardian_missing;
  if (!child && words.form == ConsentForm::guardian) return Errc::no_consent;
  if (basis == Basis::separate_consent && words.form == ConsentForm::plain) return Errc::separate_consent_missing;
  const bool same = now.there && words.hash == (words.has_terms ? now.terms : now.notice);
  if (!same) return Errc::consent_outdated;
  return {};
}

/// Whether a live consent covers a purpose. A grant counts for the purpose and what is below it; it ends with a later
/// withdrawal anywhere on the way up, and with a later decline of the same or a narrower question.
[[nodiscard]] inline Result<void> check_consent(const PersonWords& person, const PurposeTree& tree, std::size_t purpose,
                                                std::span<const PublishedNotice> notices) {
  std::uint64_t withdrawn = 0;
  tree.upwards(purpose, [&](std::size_t each) { withdrawn = std::max(withdrawn, person.purposes[each].withdrawn); });
  std::uint64_t declined = 0;
  std::uint64_t newest = 0;
  bool live = false;
  Errc reason = Errc::no_consent;
  tree.upwards(purpose, [&](std::size_t each) {
    const PurposeWords& words = person.purposes[each];
    declined = std::max(declined, words.declined);
    if (words.granted <= withdrawn || words.granted <= declined) return;
    const auto good = check_grant(person, words, tree.facts(purpose).basis, notices[each]);
    live = live || good.has_value();
    if (good || words.granted < newest) return;
    newest = words.granted;
    reason = good.error().code;
  });
  if (live) return {};
  if (newest == 0 && withdrawn > declined) reason = Errc::consent_withdrawn;
  return reason;
}

}  // namespace custody::inline v0::detail
