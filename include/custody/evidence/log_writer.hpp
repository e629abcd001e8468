// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <custody/evidence/checkpoint.hpp>
#include <custody/evidence/evidence_store.hpp>
#include <custody/evidence/leaf_buffer.hpp>
#include <custody/evidence/log_head.hpp>
#include <custody/evidence/merkle.hpp>
#include <custody/keys/key_store.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// When a head is signed without being asked for.
struct SignRule {
  std::uint64_t every = 1;  ///< leaves
  Duration after{};
};

/// How many leaves at the end of the log are hashed again whenever it is opened: this many if there are, at most twice.
inline constexpr std::uint64_t leaves_checked_at_open = 4096;

/// The writing half of the audit log: the tree, the batch that waits for the store, and the signed head. All calls but
/// written() need the caller's lock. Errors are the stores', or tampered and truncated for a store that changed by
/// itself.
class LogWriter {
 public:
  LogWriter(LeafStore& leaves, KeyStore& keys, const Clock& clock, NoteSigner signer, SignRule rule)
      : leaves_(&leaves), keys_(&keys), clock_(&clock), signer_(std::move(signer)), rule_(rule) {}

  /// Reads and checks the head and the newest leaves, takes in what lies behind it; signs an empty head for a new log.
  /// Until it succeeds nothing is written or signed: a log that was tampered with must not get a fresh head.
  [[nodiscard]] Result<void> start() {
    auto done = read_head();
    started_ = done.has_value();
    if (started_ && note_.empty()) return sign();
    return done;
  }
  [[nodiscard]] bool started() const noexcept { return started_; }

  /// Leaves in order of recording, to be written; the caller appends.
  [[nodiscard]] std::vector<Bytes>& batch() noexcept { return batch_; }
  /// Writes the batch, all or none, and signs when it is time. After a failure the batch stays. A head that cannot be
  /// saved is overdue: the next write tries it first and writes nothing when it fails again.
  [[nodiscard]] Result<void> write() {
    failed_.resize(batch_.size(), false);
    if (overdue_) {
      if (auto done = sign(); !done) return done;
    }
    if (auto done = append(); !done) return done;
    if (sign_due()) static_cast<void>(sign());
    return {};
  }

  /// Signs the tree as it is and saves the head; nothing to do when it is signed already.
  [[nodiscard]] Result<void> sign() {
    auto done = save_head();
    overdue_ = !done;
    if (!done) overdue_error_ = done.error();
    return done;
  }
  void co_sign(NoteSigner second) {
    second_.emplace(std::move(second));
    note_.clear();
  }

  /// The callers of these entries were told that they could not be written; entries are numbered from the first ever.
  void told_failed(std::uint64_t begin, std::uint64_t end) noexcept {
    const std::uint64_t first = written();
    for (std::uint64_t i = begin < first ? first : begin; i < end; ++i)
      failed_[static_cast<std::size_t>(i - first)] = true;
  }

  /// Whether the key file still holds the head that this object signed last, or a later one.
  [[nodiscard]] Result<void> check_head() const {
    const auto saved = keys_->get_fact(log_head_fact);
    if (!saved) return saved.error();
    const auto head = LogHead::decode(*saved);
    if (!head) return head.error();
    const bool good = head->signed_by(signer_) && head->tree.size() >= signed_size_;
    if (!good || (head->tree.size() == signed_size_ && head->note != note_))
      return Error{Errc::tampered, "log.head", 0};
    return {};
  }

  /// Entries of ours on disk. Thread-safe.
  [[nodiscard]] std::uint64_t written() const noexcept { return written_.load(std::memory_order_acquire); }
  [[nodiscard]] const Frontier& tree() const noexcept { return tree_; }
  [[nodiscard]] const std::string& note() const noexcept { return note_; }
  [[nodiscard]] std::uint64_t absorbed() const noexcept { return absorbed_; }
  [[nodiscard]] bool head_overdue() const noexcept { return overdue_; }
  [[nodiscard]] Error head_error() const noexcept { return overdue_error_; }
  [[nodiscard]] const NoteSigner& signer() const noexcept { return signer_; }
  [[nodiscard]] LeafStore& store() const noexcept { return *leaves_; }

 private:
  [[nodiscard]] Result<void> read_head() {
    const auto count = leaves_->leaf_count();
    if (!count) return count.error();
    const auto saved = keys_->get_fact(log_head_fact);
    if (!saved && saved.error() == Errc::not_found) {
      if (*count != 0) return Error{Errc::tampered, "log.head", 0};
      return {};
    }
    if (!saved) return saved.error();
    auto head = LogHead::decode(*saved);
    if (!head) return head.error();
    if (!head->signed_by(signer_)) return Error{Errc::tampered, "log.head", 0};
    if (auto same = replay(*head); !same) return same;
    note_ = std::move(head->note);
    signed_size_ = tree_.size();
    return settle();
  }

  /// Whether the store's newest leaves, those behind the earlier edge, lead from it to the tree. The earlier edge needs
  /// no signature of its own: no other one gives the signed root.
  [[nodiscard]] Result<void> replay(const LogHead& head) {
    tree_ = earlier_ = later_ = head.earlier;
    if (tree_.size() > head.tree.size()) return Error{Errc::tampered, "log.head", 0};
    auto read = for_each_leaf(*leaves_, tree_.size(), head.tree.size() - tree_.size(), [this](ByteView leaf) {
      grow(leaf);
      return true;
    });
    if (read && tree_.root() != head.tree.root()) return Error{Errc::tampered, "audit log", head.earlier.size()};
    return read;
  }
  [[nodiscard]] bool sign_due() const noexcept {
    if (tree_.size() == signed_size_) return false;
    const Instant now = clock_->now();
    return tree_.size() - signed_size_ >= rule_.every || now - signed_at_ >= rule_.after || now < signed_at_;
  }

  [[nodiscard]] Result<void> save_head() {
    if (!started_) return Errc::tampered;
    if (auto taken = settle(); !taken) return taken;
    if (!note_.empty() && signed_size_ == tree_.size()) return {};
    const std::string body = checkpoint_body(signer_.name(), tree_.size(), tree_.root());
    LogHead head{tree_, earlier_, signer_.sign(body)};
    if (second_) head.note += second_->signature_line(body);
    if (auto saved = keys_->put_fact(log_head_fact, head.encode()); !saved) return saved;
    note_ = std::move(head.note);
    signed_size_ = tree_.size();
    signed_at_ = clock_->now();
    return {};
  }

  /// Appends the batch; what other processes wrote meanwhile is taken in first.
  [[nodiscard]] Result<void> append() {
    if (!started_) return Errc::tampered;
    for (int attempt = 0; attempt != 16; ++attempt) {
      if (in_doubt_ != 0) {
        if (auto settled = settle(); !settled) return settled;
      }
      if (batch_.empty()) return {};
      for (std::size_t i = 0; i != batch_.size(); ++i) {
        if (failed_[i]) mark_unwritten(batch_[i]);
      }
      auto done = leaves_->append_leaves(tree_.size(), batch_);
      if (done) {
        for (const Bytes& leaf : batch_) grow(leaf);
        forget(batch_.size());
        return {};
      }
      const bool beaten = done.error() == Errc::already_there;
      in_doubt_ = beaten ? 0 : batch_.size();
      if (!beaten) return done;
      if (auto settled = settle(); !settled) return settled;
    }
    return Errc::locked;
  }

  /// Takes in the leaves that the store has beyond the tree. After a write of unknown outcome those that are ours leave
  /// the batch; the others are another process's, or were written before a crash.
  [[nodiscard]] Result<void> settle() {
    const auto count = leaves_->leaf_count();
    if (!count) return count.error();
    if (*count < tree_.size()) return Error{Errc::truncated, "audit log", *count};
    std::size_t ours = 0;
    auto read = for_each_leaf(*leaves_, tree_.size(), *count - tree_.size(), [&](ByteView leaf) {
      if (!decode_leaf(leaf)) return false;
      if (ours != in_doubt_ && as_text(leaf) == as_text(batch_[ours])) {
        ++ours;
      } else {
        ++absorbed_;
      }
      grow(leaf);
      return true;
    });
    forget(ours);
    in_doubt_ = read ? 0 : in_doubt_ - ours;
    return read;
  }

  void grow(ByteView leaf) noexcept {
    tree_.append(leaf_hash(leaf));
    if (tree_.size() - later_.size() < leaves_checked_at_open) return;
    earlier_ = later_;
    later_ = tree_;
  }
  /// The first entries of the batch are on disk.
  void forget(std::size_t count) {
    batch_.erase(batch_.begin(), batch_.begin() + static_cast<std::ptrdiff_t>(count));
    failed_.erase(failed_.begin(), failed_.begin() + static_cast<std::ptrdiff_t>(count));
    written_.fetch_add(count, std::memory_order_release);
  }

  LeafStore* leaves_;
  KeyStore* keys_;
  const Clock* clock_;
  NoteSigner signer_;
  std::optional<NoteSigner> second_;
  SignRule rule_;
  Frontier tree_;
  Frontier earlier_;  ///< the tree some thousand leaves ago; opening checks what came after it
  Frontier later_;  ///< what earlier_ becomes next
  std::string note_;
  std::uint64_t signed_size_ = 0;
  Instant signed_at_{};
  std::vector<Bytes> batch_;
  std::vector<bool> failed_;  ///< as long as the batch while it is written
  std::size_t in_doubt_ = 0;  ///< how many of the batch a failed write may have left in the store
  bool started_ = false;
  bool overdue_ = false;
  Error overdue_error_{};
  std::uint64_t absorbed_ = 0;
  std::atomic<std::uint64_t> written_{0};
};

}  // namespace custody::inline v0::detail
