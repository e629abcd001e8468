// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <custody/law/handle.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// Where the leaves of the audit log are kept: append only, numbered from 0. Thread-safe.
class LeafStore {
 public:
  LeafStore() noexcept = default;
  LeafStore(const LeafStore&) = delete;
  LeafStore& operator=(const LeafStore&) = delete;
  virtual ~LeafStore() = default;

  /// Appends all or none, durable on return; `first` must equal the current size, or already_there.
  [[nodiscard]] virtual Result<void> append_leaves(std::uint64_t first, std::span<const Bytes> leaves) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> leaf_count() = 0;
  /// At most `count` leaves from `first` on; fewer at the end.
  [[nodiscard]] virtual Result<std::vector<Bytes>> read_leaves(std::uint64_t first, std::uint64_t count) = 0;
};

/// What a line of the consent ledger says.
enum class LedgerVerb : std::uint8_t {
  grant = 1,
  decline = 2,
  withdraw = 3,
  object = 4,
  lift_objection = 5,
  age = 6,
  restrict_ = 7,
  lift_restriction = 8,
};
/// In which form consent was given (PIPL Art. 14, 29, 31).
enum class ConsentForm : std::uint8_t { plain = 1, separate = 2, guardian = 3 };

/// One line of the consent ledger; append only, handles only (PIPL Art. 14, 15, 69).
struct LedgerRow {
  Handle subject;
  LedgerVerb verb = LedgerVerb::grant;
  std::string purpose;           ///< purpose id; empty for age and restriction lines
  ConsentForm form = ConsentForm::plain;
  std::string notice;            ///< notice version
  Bytes notice_hash;             ///< SHA-256 of the notice's canonical text
  std::string categories;        ///< ids of the categories asked for, joined by commas
  std::uint8_t age_band = 0;     ///< for age lines
  Handle guardian{};             ///< for age and guardian lines
  Instant at{};
  Bytes terms_hash;              ///< SHA-256 of purpose, manner and kinds: what outdates a consent when it changes
  std::uint64_t line = 0;        ///< number of the line among this person's, from 1
  Bytes seal;  ///< keyed hash of all the above, so that nobody adds, changes or moves lines by hand
};

/// Where the ledger's lines are kept: append only. Thread-safe.
class LedgerStore {
 public:
  LedgerStore() noexcept = default;
  LedgerStore(const LedgerStore&) = delete;
  LedgerStore& operator=(const LedgerStore&) = delete;
  virtual ~LedgerStore() = default;

  /// Appends all or none, durable on return. Errors: already_there when the person has a line of that number, which is
  /// how two processes that write at once find out.
  [[nodiscard]] virtual Result<void> append_ledger(std::span<const LedgerRow> rows) = 0;
  /// All lines of one person, oldest first.
  [[nodiscard]] virtual Result<std::vector<LedgerRow>> ledger_of(const Handle& subject) = 0;
};

}  // namespace custody::inline v0
