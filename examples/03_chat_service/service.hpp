// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "input.hpp"
#include "notices.hpp"
#include "terminal.hpp"

namespace chat {

/// What the command line asks for.
struct Options {
  std::string people;
  std::string messages;
  std::string db = "chat-demo/db";
  std::string out = "chat-demo/out";
  std::string key;          ///< the root key's file; beside the database when empty
  std::uint64_t seed = 1;   ///< for who writes to whom, and for the answers that the people file does not hold
  std::uint64_t limit = 0;  ///< messages to send; 0: every line of the file once
  bool again = false;       ///< remove an earlier run's database first
  int ack_fd = -1;          ///< where to write a line for every operation that is on disk
};

/// Something counted in the table: so many came in, so many were kept, the rest was refused, by reason.
struct Sum {
  std::uint64_t given = 0;
  std::uint64_t kept = 0;
  std::map<std::string, std::uint64_t> refused;

  [[nodiscard]] std::uint64_t refusals() const {
    std::uint64_t all = 0;
    for (const auto& [reason, count] : refused) all += count;
    return all;
  }
  [[nodiscard]] bool adds_up() const { return given == kept + refusals(); }
  void add(const Sum& other) {
    given += other.given;
    kept += other.kept;
    for (const auto& [reason, count] : other.refused) refused[reason] += count;
  }
};

/// How many sealed values of each field the database holds, by "record.field", and how many rows of each record.
struct Inventory {
  std::map<std::string, std::uint64_t> values;
  std::map<std::string, std::uint64_t> rows;
};

/// What the stages did, for the table and the page. Handles, counts and names of declarations only.
struct Tally {
  Sum people;
  Sum values;
  Sum sign_ins;
  Sum messages;
  Sum deliveries;
  Sum pushes;
  Sum support;
  std::uint64_t guardians_answered = 0;
  std::uint64_t consents = 0;
  std::uint64_t declines = 0;
  std::uint64_t objections = 0;
  std::uint64_t identities_checked = 0;
  std::uint64_t withdrawals = 0;
  std::uint64_t bites = 0;  ///< uses refused after a withdrawal, with the permit already in hand
  std::uint64_t exported_values = 0;
  std::map<std::string, std::uint64_t> exported;  ///< by "record.field", of one person
  std::uint64_t positions_swept = 0;              ///< fields that ended on the second day
  std::uint64_t left = 0;
  std::uint64_t lost_by_leaver = 0;  ///< messages the one who left cannot read any more
  std::uint64_t kept_by_friend = 0;  ///< messages the other still reads
  std::uint64_t erased = 0;
  std::uint64_t erased_rows = 0;
  std::uint64_t restricted = 0;  ///< persons whose erasure waits for a legal minimum
  std::uint64_t still_read = 0;  ///< messages of erased persons that their friends still read
  std::optional<custody::ErasureCertificate> certificate;
  std::optional<custody::ErasureCertificate> held_certificate;
  custody::SweepReport second_day;
  custody::SweepReport half_year;
  Inventory before;  ///< held on the first day
  Inventory after;   ///< held after half a year
};

/// Counts what evidence shows: filled from the audit log alone.
struct Evidence {
  std::uint64_t entries = 0;
  std::map<std::array<std::string, 3>, std::uint64_t> used;     ///< purpose, what, where it went
  std::map<std::array<std::string, 3>, std::uint64_t> refused;  ///< what was tried, what it concerned, why not
  std::map<std::string, std::uint64_t> other;                   ///< granted verbs that are no use of data
  std::uint64_t refusals = 0;
  bool intact = false;           ///< what the independent verifier says
  std::string verdict;           ///< its words when it is not
  std::string checkpoint;        ///< the signed note
  std::string verification_key;  ///< what an auditor needs to check the note
};

/// Writes one line for each thing that is on disk, for a parent that wants to know what must survive a crash.
class Acknowledgements {
 public:
  explicit Acknowledgements(int fd) noexcept : fd_(fd) {}
  void say(std::string_view line) const;

 private:
  int fd_;
};

/// Many operations, one wait for the disk: everything until commit() is on disk together or not at all. For loading
/// many rows from one thread: while a batch is open no other thread may use the vault, and nothing in it may be refused
/// for a reason found only while writing. The rows are committed first: the signed head of the audit log stands in the
/// key file and must not be ahead of the log.
class Batch {
 public:
  explicit Batch(Vault& vault, const Acknowledgements& acks) : store_(&vault.store()), acks_(&acks) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch() {
    if (!open_) return;
    store_->key_store().rollback();
    store_->rollback();
  }
  /// Starts a transaction of both files unless one runs.
  [[nodiscard]] custody::Result<void> begin() {
    if (open_) return {};
    if (auto rows = store_->begin(); !rows) return rows;
    if (auto keys = store_->key_store().begin(); !keys) {
      store_->rollback();
      return keys;
    }
    open_ = true;
    return {};
  }
  /// Says this once the batch is on disk.
  void acknowledge(std::string line) { lines_.push_back(std::move(line)); }
  /// Operations since the batch began.
  [[nodiscard]] std::size_t size() const noexcept { return lines_.size(); }
  [[nodiscard]] custody::Result<void> commit() {
    if (!open_) return {};
    open_ = false;
    auto rows = store_->commit();
    if (!rows) {
      store_->key_store().rollback();
      return rows;
    }
    if (auto keys = store_->key_store().commit(); !keys) return keys;
    for (const std::string& line : lines_) acks_->say(line);
    lines_.clear();
    return {};
  }

 private:
  custody::SqliteStore* store_;
  const Acknowledgements* acks_;
  std::vector<std::string> lines_;
  bool open_ = false;
};

/// Says why a stage cannot go on; false, for `return`.
[[nodiscard]] bool fail(std::string_view stage, custody::Error error);
[[nodiscard]] bool fail(std::string_view words);

/// The service while it runs: the vault, the injected clock, and what was counted.
class Service {
 public:
  /// Makes the folder, the root key and the database. Prints why not.
  [[nodiscard]] static std::optional<Service> open(const Options& options, custody::ManualClock& clock);

  // The stages, in their order. Each gives false after it printed why it cannot go on.
  [[nodiscard]] bool publish_notices();
  [[nodiscard]] bool register_people();
  [[nodiscard]] bool check_identities();
  [[nodiscard]] bool sign_people_in();
  [[nodiscard]] bool exchange_messages();
  [[nodiscard]] bool deliver();
  [[nodiscard]] bool push();
  [[nodiscard]] bool answer_tickets();
  [[nodiscard]] bool withdraw();
  [[nodiscard]] bool export_one();
  [[nodiscard]] bool second_day();
  [[nodiscard]] bool one_friend_leaves();
  [[nodiscard]] bool erase_some();
  [[nodiscard]] bool half_a_year_later();
  [[nodiscard]] bool read_evidence();
  [[nodiscard]] bool close();

  [[nodiscard]] const Options& options() const noexcept { return options_; }
  [[nodiscard]] const Tally& tally() const noexcept { return tally_; }
  [[nodiscard]] const Evidence& evidence() const noexcept { return evidence_; }
  [[nodiscard]] const Notices& notices() const noexcept { return *notices_; }

 private:
  struct Member {
    std::string uid;
    std::size_t line = 0;  ///< in the people file
    custody::Subject subject;  ///< empty when the registration was refused
    bool signed_in = false;
    bool gone = false;  ///< erased, or on the way to it
  };
  struct Room {
    custody::Conversation conversation;
    std::vector<std::size_t> members;  ///< places in members_
    std::vector<std::uint64_t> texts;  ///< numbers of the messages stored
  };
  Service(const Options& options, custody::ManualClock& clock, Vault vault)
      : options_(options), clock_(&clock), vault_(std::move(vault)), acks_(options.ack_fd) {}

  // registration.cpp
  class Registration;
  [[nodiscard]] custody::Result<void> check_identity(const Member& member);
  [[nodiscard]] custody::Result<void> sign_in(Applicant& applicant, Member& member);

  // conversation.cpp
  [[nodiscard]] custody::Result<void> send(std::uint64_t number, const TextLine& text, Batch& batch);
  [[nodiscard]] custody::Result<Room*> room_for(std::size_t sender, std::uint64_t number);
  [[nodiscard]] custody::Result<void> deliver_to(const Member& member, Sum& sum);
  [[nodiscard]] custody::Result<void> push_to(const Member& member);
  [[nodiscard]] bool answer_ticket(const Member& member, const std::string& message);

  // rights.cpp
  [[nodiscard]] bool withdraw_push(const Member& member);
  [[nodiscard]] bool positions_expired();
  [[nodiscard]] custody::Result<std::uint64_t> readable(const custody::Subject& reader, const Room& room);
  [[nodiscard]] const Room* busiest_pair() const;
  [[nodiscard]] custody::Result<void> erase_one(Member& member);
  [[nodiscard]] custody::Result<Inventory> take_inventory();

  [[nodiscard]] static std::string message_id(std::uint64_t number) {
    return std::string("m").append(std::to_string(number));
  }
  [[nodiscard]] bool move_clock(custody::Instant to);

  Options options_;
  custody::ManualClock* clock_;
  Vault vault_;
  Acknowledgements acks_;
  Tally tally_;
  Evidence evidence_;
  std::optional<Notices> notices_;
  std::vector<Member> members_;  ///< everybody in the people file, by rank
  std::map<std::string, std::size_t, std::less<>> places_;
  std::map<std::pair<std::size_t, std::size_t>, Room> rooms_;  ///< sender's place and contact; groups: no_contact
};

}  // namespace chat
