// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <custody/crypto/hash.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// A node of the log's Merkle tree (SHA-256).
using TreeHash = Digest;

/// The hash of a leaf: SHA-256(0x00 || leaf). RFC 9162 2.1.1.
[[nodiscard]] inline TreeHash leaf_hash(ByteView leaf) noexcept {
  const std::byte domain[1] = {std::byte{0}};
  return Sha256().update(domain).update(leaf).finish();
}

/// The hash of an inner node: SHA-256(0x01 || left || right). RFC 9162 2.1.1.
[[nodiscard]] inline TreeHash node_hash(const TreeHash& left, const TreeHash& right) noexcept {
  std::array<std::byte, 65> both;
  both[0] = std::byte{1};
  std::memcpy(both.data() + 1, left.data(), 32);
  std::memcpy(both.data() + 33, right.data(), 32);
  return sha256(both);
}

/// The right edge of a growing Merkle tree: one hash for each complete subtree, largest first, which is all that
/// appending and the root need. At most 64 hashes. Not thread-safe.
class Frontier {
 public:
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// Adds a leaf by its hash: amortised one node hash.
  void append(const TreeHash& leaf) noexcept {
    TreeHash node = leaf;
    for (std::uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) node = node_hash(edge_[--count_], node);
    edge_[count_++] = node;
    ++size_;
  }

  /// The root of all leaves so far; SHA-256 of nothing for an empty tree.
  [[nodiscard]] TreeHash root() const noexcept {
    if (count_ == 0) return sha256({});
    TreeHash node = edge_[count_ - 1];
    for (std::size_t i = count_ - 1; i != 0; --i) node = node_hash(edge_[i - 1], node);
    return node;
  }

  /// The complete subtrees, largest first: their sizes are the powers of two that make up size().
  [[nodiscard]] std::span<const TreeHash> edge() const noexcept { return {edge_.data(), count_}; }

  /// Appends size and edge; read() is the inverse.
  void write(Bytes& out) const {
    Canonical canonical(out);
    canonical.number(size_);
    for (const TreeHash& node : edge()) canonical.raw(node);
  }
  /// Reads the whole input. The result is worth as much as the root it gives: compare that with a signed one.
  /// Errors: malformed.
  [[nodiscard]] static Result<Frontier> read(ByteView in) noexcept {
    CanonicalReader reader(in);
    Frontier made;
    made.size_ = reader.number<std::uint64_t>();
    made.count_ = static_cast<std::size_t>(std::popcount(made.size_));
    for (std::size_t i = 0; i != made.count_; ++i) {
      const ByteView node = reader.raw(made.edge_[i].size());
      if (!reader.ok()) return Errc::malformed;
      std::memcpy(made.edge_[i].data(), node.data(), node.size());
    }
    if (!reader.at_end()) return Errc::malformed;
    return made;
  }

 private:
  std::uint64_t size_ = 0;
  std::size_t count_ = 0;
  std::array<TreeHash, 64> edge_{};
};

/// The root over leaf hashes.
[[nodiscard]] inline TreeHash tree_root(std::span<const TreeHash> leaves) noexcept {
  Frontier tree;
  for (const TreeHash& leaf : leaves) tree.append(leaf);
  return tree.root();
}

namespace detail {

/// Where RFC 9162 splits a tree of at least two leaves: the largest power of two below its size.
[[nodiscard]] constexpr std::size_t tree_split(std::size_t size) noexcept { return std::bit_floor(size - 1); }

inline void path_to(std::size_t index, std::span<const TreeHash> leaves, std::vector<TreeHash>& proof) {
  if (leaves.size() == 1) return;
  const std::size_t split = tree_split(leaves.size());
  const bool left = index < split;
  path_to(left ? index : index - split, left ? leaves.first(split) : leaves.subspan(split), proof);
  proof.push_back(tree_root(left ? leaves.subspan(split) : leaves.first(split)));
}

inline void subproof(std::size_t first, std::span<const TreeHash> leaves, bool whole, std::vector<TreeHash>& proof) {
  if (first == leaves.size()) {
    if (!whole) proof.push_back(tree_root(leaves));
    return;
  }
  const std::size_t split = tree_split(leaves.size());
  if (first <= split) {
    subproof(first, leaves.first(split), whole, proof);
    proof.push_back(tree_root(leaves.subspan(split)));
  } else {
    subproof(first - split, leaves.subspan(split), false, proof);
    proof.push_back(tree_root(leaves.first(split)));
  }
}

}  // namespace detail

/// The inclusion proof of one leaf in the tree over all given leaf hashes (RFC 9162 2.1.3.1). Errors: not_found.
[[nodiscard]] inline Result<std::vector<TreeHash>> inclusion_proof(std::uint64_t index,
                                                                   std::span<const TreeHash> leaves) {
  if (index >= leaves.size()) return Error{Errc::not_found, "leaf", index};
  std::vector<TreeHash> proof;
  detail::path_to(static_cast<std::size_t>(index), leaves, proof);
  return proof;
}

/// The proof that the tree over the first `first` leaf hashes is a prefix of the tree over all (RFC 9162 2.1.4.1);
/// empty when it is the same tree or the empty one. Errors: not_found.
[[nodiscard]] inline Result<std::vector<TreeHash>> consistency_proof(std::uint64_t first,
                                                                     std::span<const TreeHash> leaves) {
  if (first > leaves.size()) return Error{Errc::not_found, "leaf", first};
  std::vector<TreeHash> proof;
  if (first != 0) detail::subproof(static_cast<std::size_t>(first), leaves, true, proof);
  return proof;
}

}  // namespace custody::inline v0
