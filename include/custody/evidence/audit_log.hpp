// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/evidence/evidence_store.hpp>
#include <custody/evidence/leaf.hpp>
#include <custody/evidence/log_writer.hpp>
#include <custody/evidence/merkle.hpp>
#include <custody/keys/key_store.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/keys/root_wraps.hpp>
#include <custody/keys/witness.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/mutex.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// How an audit log is kept.
struct AuditLogOptions {
  std::string origin;  ///< names the log in checkpoints: such as `demo-im.example/audit`, no spaces, no plus
  std::uint64_t buffered_entries =
      256;  ///< granted permits and releases below grade4 wait for company, at most so many
  Duration buffered_for =
      seconds(1);  ///< and at most so long, told by the times of later events; flush() ends the wait
  std::uint64_t kept_entries = 4096;  ///< entries kept in memory while the store cannot be written
  std::uint64_t sign_every = 1024;  ///< leaves between signed heads: what may be cut off the end unseen
  Duration sign_after = minutes(1);  ///< a head is also signed at the first flush this long after the last one
};

/// One entry read back from the log. `event()` borrows from the entry.
struct AuditEntry {
  std::uint64_t index = 0;
  Bytes leaf;
  [[nodiscard]] Event event() const noexcept { return *decode_leaf(leaf); }
};

/// The audit log: append only, a Merkle tree over canonical leaves (RFC 9162) with Ed25519-signed checkpoints (C2SP),
/// so that outsiders verify it without us. Refusals, grade4 and above, and every verb but permit and release are on
/// disk when record() returns; the rest at the next commit. When the store fails, record() fails with
/// evidence_unwritable until a retry succeeds; entries whose callers were told so are then written as refused for that
/// reason. There is no way to delete an entry: keep the log for six months at least (CSL Art. 23, MIIT Measures 25).
/// Who did what when stays linkable by time and order. What is not shown: leaves cut off behind the last signed head,
/// and an old copy of both files; give checkpoints to somebody else. Several processes may append to one store.
/// Thread-safe. PIPL Art. 9, 51, 54, 55, 69; GDPR Art. 5(2), 30.
class AuditLog final : public Witness {
 public:
  /// Opens a log over its stores, which must outlive it; starts one when both are empty. Checks the signed head and the
  /// newest leaves, not the whole log. Errors: tampered, truncated when leaves under the head are gone, malformed for
  /// an unfit origin, and the stores'.
  [[nodiscard]] static Result<std::unique_ptr<AuditLog>> open(LeafStore& leaves, KeyStore& keys, const RootKey& root,
                                                              const Clock& clock, AuditLogOptions options) {
    auto signer = signer_of(keys, root, options.origin);
    if (!signer) return signer.error();
    std::unique_ptr<AuditLog> log(new AuditLog(leaves, keys, clock, std::move(options), *std::move(signer)));
    if (auto started = log->writer_.start(); !started) return started.error();
    return log;
  }
  /// Writes and signs what is left, if it can; call close() to know.
  ~AuditLog() override {
    if (writer_.started()) static_cast<void>(close());
  }

  [[nodiscard]] Result<void> record(std::span<const Event> events) noexcept override {
    for (;;) {
      std::uint64_t end = 0;
      bool room = false;
      {
        const Lock lock(state_);
        if (closed_) return unwritable(Errc::ring_closed);
        room = has_room(events.size());
        if (room) {
          if (auto added = buffer_.add(events); !added) return added;
          accepted_ += events.size();
          if (!broken_.load(std::memory_order_relaxed) && !must_wait(events)) return {};
        }
        end = accepted_;
      }
      if (room) return commit(end - events.size(), end);
      if (auto made = commit(end, end); !made) {
        unrecorded_.fetch_add(events.size(), std::memory_order_relaxed);
        return made;
      }
    }
  }

  /// Writes what is buffered; signs a head when one is due. Errors: evidence_unwritable.
  [[nodiscard]] Result<void> flush() {
    return run([](detail::LogWriter&) { return Result<void>(); });
  }
  /// Writes, signs and ends the log: later records fail. Errors: evidence_unwritable, and then the log stays open.
  [[nodiscard]] Result<void> close() {
    const Lock flushing(flush_);
    if (set_closed(true)) return {};
    auto done = run([](detail::LogWriter& writer) { return writer.sign(); });
    if (!done) static_cast<void>(set_closed(false));
    return done;
  }
  /// Writes, signs, and gives the signed note over all entries. Errors: evidence_unwritable.
  [[nodiscard]] Result<std::string> checkpoint() {
    const Lock flushing(flush_);
    auto done = run([](detail::LogWriter& writer) { return writer.sign(); });
    if (!done) return done.error();
    return writer_.note();
  }
  /// The next heads carry a second signature by a new root's key, so that the log opens under both while the root is
  /// being changed; signs at once. Errors: evidence_unwritable, no_memory.
  [[nodiscard]] Result<void> co_sign(const RootKey& next) {
    auto seed = next.derive(seed_label);
    if (!seed) return seed.error();
    auto signer = NoteSigner::from_seed(options_.origin, *seed);
    if (!signer) return signer.error();
    const Lock flushing(flush_);
    writer_.co_sign(*std::move(signer));
    return run([](detail::LogWriter& writer) { return writer.sign(); });
  }

  /// Hashes the whole log against the tree and the signed head; gives the number of leaves. Reads everything: for a
  /// timer or an auditor. Errors: tampered with the first leaf of the smallest subtree known to differ, truncated, the
  /// stores'.
  [[nodiscard]] Result<std::uint64_t> verify() {
    Frontier tree;
    {
      const Lock flushing(flush_);
      if (auto head = writer_.check_head(); !head) return head.error();
      tree = writer_.tree();
    }
    if (auto same = detail::check_all(writer_.store(), tree); !same) return same.error();
    return tree.size();
  }
  /// At most `count` entries from `first` on, oldest first, those just recorded included. Errors: evidence_unwritable,
  /// tampered for a leaf that is none, the store's.
  [[nodiscard]] Result<std::vector<AuditEntry>> entries(std::uint64_t first, std::uint64_t count) {
    if (auto flushed = flush(); !flushed) return flushed.error();
    std::vector<AuditEntry> out;
    const std::uint64_t all = size();
    if (first >= all) return out;
    const std::uint64_t some = count < all - first ? count : all - first;
    auto read = detail::for_each_leaf(writer_.store(), first, some, [&out, first](ByteView leaf) {
      out.push_back({first + out.size(), Bytes(leaf.begin(), leaf.end())});
      return decode_leaf(leaf).has_value();
    });
    if (!read) return read.error();
    return out;
  }
  /// The leaf hashes of the tree, for inclusion_proof and consistency_proof. Errors: as entries().
  [[nodiscard]] Result<std::vector<TreeHash>> leaf_hashes() {
    if (auto flushed = flush(); !flushed) return flushed.error();
    std::vector<TreeHash> out;
    auto read = detail::for_each_leaf(writer_.store(), 0, size(), [&out](ByteView leaf) {
      out.push_back(leaf_hash(leaf));
      return true;
    });
    if (!read) return read.error();
    return out;
  }

  /// Entries recorded, the buffered ones included.
  [[nodiscard]] std::uint64_t size() {
    const Lock flushing(flush_);
    const Lock lock(state_);
    return writer_.tree().size() + (accepted_ - writer_.written());
  }
  /// Leaves found in the store that this object did not write and no head had signed: another process's, or a crash's.
  [[nodiscard]] std::uint64_t absorbed() {
    const Lock flushing(flush_);
    return writer_.absorbed();
  }
  /// Events refused while the store failed and `kept_entries` were waiting: the only ones that leave no entry.
  [[nodiscard]] std::uint64_t unrecorded() const noexcept { return unrecorded_.load(std::memory_order_relaxed); }
  /// The public key as auditors' tools read it.
  [[nodiscard]] std::string vkey() const { return writer_.signer().vkey(); }

 private:
  AuditLog(LeafStore& leaves, KeyStore& keys, const Clock& clock, AuditLogOptions options, NoteSigner signer)
      : options_(std::move(options)),
        writer_(leaves, keys, clock, std::move(signer), {options_.sign_every, options_.sign_after}) {}

  static constexpr std::string_view seed_label = "custody.audit.sign";
  /// The log keeps its key when a key store's root is rotated.
  [[nodiscard]] static Result<NoteSigner> signer_of(KeyStore& keys, const RootKey& root, std::string_view origin) {
    auto seed = detail::root_branch(keys, root, seed_label);
    if (!seed) return seed.error();
    return NoteSigner::from_seed(origin, *seed);
  }
  [[nodiscard]] static Error unwritable(Error cause) noexcept {
    return {Errc::evidence_unwritable, text(cause.code), cause.at};
  }
  [[nodiscard]] static Error unwritable(Errc cause) noexcept { return unwritable(Error{cause}); }

  [[nodiscard]] bool set_closed(bool closed) noexcept {
    const Lock lock(state_);
    return std::exchange(closed_, closed);
  }
  /// Whether so many more may wait in memory. Under the state lock.
  [[nodiscard]] bool has_room(std::size_t count) const noexcept {
    const std::uint64_t waiting = accepted_ - writer_.written();
    return waiting == 0 || waiting + count <= options_.kept_entries;
  }
  /// Whether the callers of these events, or the buffer, cannot wait for company. Under the state lock.
  [[nodiscard]] bool must_wait(std::span<const Event> events) const noexcept {
    for (const Event& event : events) {
      const bool common = event.verb == Verb::permit || event.verb == Verb::release;
      if (!common || !event.granted || event.level >= Level::grade4) return true;
    }
    return buffer_.count() >= options_.buffered_entries ||
           (!events.empty() && buffer_.waited(events.back().at, options_.buffered_for));
  }

  /// Waits until the entries numbered from `begin` to `end` are on disk; whoever holds the lock writes for all.
  [[nodiscard]] Result<void> commit(std::uint64_t begin, std::uint64_t end) {
    const Lock flushing(flush_);
    if (writer_.written() >= end && !broken_.load(std::memory_order_relaxed)) return {};
    auto done = write();
    if (!done) writer_.told_failed(begin, end);
    return done;
  }
  /// Under the flush lock.
  [[nodiscard]] Result<void> write() {
    {
      const Lock lock(state_);
      buffer_.drain(writer_.batch());
    }
    auto done = writer_.write();
    broken_.store(!done || writer_.head_overdue(), std::memory_order_relaxed);
    if (!done) return unwritable(done.error());
    return {};
  }
  template <class Then>
  [[nodiscard]] Result<void> run(Then then) {
    const Lock flushing(flush_);
    if (auto done = write(); !done) return done;
    auto after = then(writer_);
    broken_.store(!after || writer_.head_overdue(), std::memory_order_relaxed);
    if (!after) return unwritable(after.error());
    if (writer_.head_overdue()) return unwritable(writer_.head_error());
    return {};
  }

  const AuditLogOptions options_;
  Mutex flush_;  ///< taken before state_, held while writing
  Mutex state_;  ///< guards the next three
  detail::LeafBuffer buffer_;
  std::uint64_t accepted_ = 0;  ///< entries ever taken from callers
  bool closed_ = false;
  detail::LogWriter writer_;
  std::atomic<bool> broken_{false};
  std::atomic<std::uint64_t> unrecorded_{0};
};

}  // namespace custody::inline v0
