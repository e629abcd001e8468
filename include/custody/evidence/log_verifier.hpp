// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/signature.hpp>
#include <custody/evidence/note_reader.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0 {

// This header and note_reader.hpp share nothing with the writer of the log but SHA-256 and Ed25519: they parse and decide
// for themselves, from the texts of the standards, so that a mistake in one half shows in the other.

/// What a verification found. `bad_index` is the first leaf that cannot be read, if a leaf is to blame.
struct LogVerdict {
  static constexpr std::uint64_t no_index = (std::numeric_limits<std::uint64_t>::max)();
  bool ok = false;
  std::uint64_t size = 0;  ///< leaves that the checkpoint signs
  std::uint64_t bad_index = no_index;
  const char* reason = "";  ///< fixed English words; empty when ok

  [[nodiscard]] explicit operator bool() const noexcept { return ok; }
};

/// A checkpoint whose signature was verified.
struct VerifiedCheckpoint {
  bool ok = false;
  const char* reason = "";
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};
};

namespace detail {

[[nodiscard]] inline Digest verifier_leaf_hash(ByteView leaf) {
  std::string input(1, '\0');
  input.append(as_text(leaf));
  return sha256(as_bytes(input));
}
[[nodiscard]] inline Digest verifier_node_hash(const Digest& left, const Digest& right) {
  std::string input(1, '\1');
  input.append(as_text(left)).append(as_text(right));
  return sha256(as_bytes(input));
}

/// MTH of RFC 9162 2.1.1, word for word: split at the largest power of two smaller than n, hash both halves.
template <class LeafAt>
[[nodiscard]] Digest verifier_tree_hash(std::uint64_t first, std::uint64_t n, LeafAt& leaf_at) {
  if (n == 0) return sha256({});
  if (n == 1) return verifier_leaf_hash(leaf_at(first));
  std::uint64_t k = 1;
  while (k < n - k) k *= 2;
  const Digest left = verifier_tree_hash(first, k, leaf_at);
  return verifier_node_hash(left, verifier_tree_hash(first + k, n - k, leaf_at));
}

/// Whether bytes are a leaf of the audit log, version 1: five code bytes, a handle, a time, six texts.
[[nodiscard]] inline bool verifier_leaf_readable(ByteView leaf) noexcept {
  constexpr std::size_t head = 1 + 1 + 1 + 1 + 1 + 16 + 8;
  if (leaf.size() < head + 6) return false;
  const auto at = [leaf](std::size_t i) { return std::to_integer<unsigned>(leaf[i]); };
  if (at(0) != 1 || at(1) < 1 || at(2) > 1 || at(4) < 1 || at(4) > 6) return false;
  if (at(2) == 1 && at(3) != 0) return false;
  std::size_t next = head;
  for (int text = 0; text != 6; ++text) {
    if (next >= leaf.size()) return false;
    next += 1 + at(next);
  }
  return next == leaf.size();
}

[[nodiscard]] inline VerifiedCheckpoint read_checkpoint_body(std::string_view body) {
  VerifiedCheckpoint read;
  read.reason = "the signed text is no checkpoint";
  std::string_view lines[3];
  for (std::string_view& line : lines) {
    const std::size_t end = body.find('\n');
    if (end == std::string_view::npos || end == 0) return read;
    line = body.substr(0, end);
    body.remove_prefix(end + 1);
  }
  if (body.starts_with('\n') || body.find("\n\n") != std::string_view::npos) return read;
  if (lines[1].size() > 1 && lines[1].front() == '0') return read;
  for (const char c : lines[1]) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (c < '0' || c > '9' || read.size > (~std::uint64_t{0} - digit) / 10) return read;
    read.size = read.size * 10 + digit;
  }
  std::string root;
  if (!note_base64(lines[2], root) || root.size() != read.root.size()) return read;
  std::memcpy(read.root.data(), root.data(), root.size());
  read.origin = lines[0];
  read.ok = true;
  read.reason = "";
  return read;
}

}  // namespace detail

/// Verifies a checkpoint note against the key an auditor was given, and that the key's name is the log's origin. Pure.
[[nodiscard]] inline VerifiedCheckpoint verify_checkpoint(std::string_view note, std::string_view vkey) {
  VerifiedCheckpoint failed;
  const NoteKey key = read_note_key(vkey);
  failed.reason = "the verification key cannot be read";
  if (!key.ok) return failed;
  const OpenedNote opened = open_note(note, key);
  failed.reason = opened.reason;
  if (!opened.ok) return failed;
  VerifiedCheckpoint read = detail::read_checkpoint_body(opened.text);
  if (read.ok && read.origin != key.name) {
    failed.reason = "the checkpoint is another log's";
    return failed;
  }
  return read;
}

/// Verifies a whole log: the note's signature, that there are exactly as many leaves as it signs, that each can be
/// read, and that together they give its root. `leaf_at(index)` returns something a ByteView can be made of, valid
/// until the next call; each leaf is asked for twice. Hashes everything. Pure.
template <class LeafAt>
[[nodiscard]] LogVerdict verify_log(std::uint64_t count, LeafAt&& leaf_at, std::string_view note,
                                    std::string_view vkey) {
  LogVerdict verdict;
  const VerifiedCheckpoint head = verify_checkpoint(note, vkey);
  verdict.size = head.size;
  verdict.reason = head.reason;
  if (!head.ok) return verdict;
  verdict.reason =
      count < head.size ? "leaves are missing at the end" : "there are leaves that the checkpoint does not sign";
  if (count != head.size) return verdict;
  for (std::uint64_t i = 0; i != count; ++i) {
    if (detail::verifier_leaf_readable(leaf_at(i))) continue;
    verdict.bad_index = i;
    verdict.reason = "a leaf cannot be read";
    return verdict;
  }
  verdict.ok = detail::verifier_tree_hash(0, count, leaf_at) == head.root;
  verdict.reason = verdict.ok ? "" : "the leaves do not give the signed root";
  return verdict;
}
[[nodiscard]] inline LogVerdict verify_log(std::span<const Bytes> leaves, std::string_view note,
                                           std::string_view vkey) {
  return verify_log(
      leaves.size(), [leaves](std::uint64_t i) { return ByteView(leaves[static_cast<std::size_t>(i)]); }, note, vkey);
}

/// Verifies that a leaf hash is number `index` of the tree of `size` leaves with this root (RFC 9162 2.1.3.2). Pure.
[[nodiscard]] inline bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                                           std::span<const Digest> proof, const Digest& root) {
  if (index >= size) return false;
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Digest r = leaf;
  for (const Digest& p : proof) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = detail::verifier_node_hash(p, r);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      r = detail::verifier_node_hash(r, p);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && r == root;
}

/// Verifies that the tree of `first` leaves is the beginning of the tree of `second` leaves (RFC 9162 2.1.4.2). From
/// the empty tree, and from a tree to itself, the proof is empty. Pure.
[[nodiscard]] inline bool verify_consistency(std::uint64_t first, std::uint64_t second, std::span<const Digest> proof,
                                             const Digest& first_root, const Digest& second_root) {
  if (first > second) return false;
  if (first == second) return proof.empty() && first_root == second_root;
  if (first == 0) return proof.empty() && first_root == sha256({});
  const bool power = (first & (first - 1)) == 0;
  if (proof.empty() && !power) return false;
  std::uint64_t fn = first - 1;
  std::uint64_t sn = second - 1;
  while ((fn & 1) != 0) {
    fn >>= 1;
    sn >>= 1;
  }
  Digest fr = power ? first_root : proof.front();
  Digest sr = fr;
  for (const Digest& c : power ? proof : proof.subspan(1)) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = detail::verifier_node_hash(c, fr);
      sr = detail::verifier_node_hash(c, sr);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      sr = detail::verifier_node_hash(sr, c);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return fr == first_root && sr == second_root && sn == 0;
}

}  // namespace custody::inline v0
