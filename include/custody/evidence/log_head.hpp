// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <custody/evidence/checkpoint.hpp>
#include <custody/evidence/evidence_store.hpp>
#include <custody/evidence/leaf.hpp>
#include <custody/evidence/merkle.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// The name under which the key file keeps the signed head of the log.
inline constexpr std::string_view log_head_fact = "log.head";
inline constexpr std::uint8_t log_head_version = 1;
inline constexpr std::uint64_t leaves_per_read = 1024;

/// The head of the log as the key file keeps it: the right edge of the tree, the edge some thousand leaves earlier, and
/// the signed note over the root.
struct LogHead {
  Frontier tree;
  Frontier earlier;
  std::string note;

  [[nodiscard]] Bytes encode() const {
    Bytes edge;
    Bytes earlier_edge;
    tree.write(edge);
    earlier.write(earlier_edge);
    Bytes out;
    Canonical(out).number(log_head_version).part(edge).part(earlier_edge).part(note);
    return out;
  }
  /// Errors: malformed.
  [[nodiscard]] static Result<LogHead> decode(ByteView in) {
    CanonicalReader reader(in);
    const auto version = reader.number<std::uint8_t>();
    const ByteView edge = reader.part();
    const ByteView earlier_edge = reader.part();
    const std::string_view note = as_text(reader.part());
    if (!reader.at_end() || version != log_head_version) return Error{Errc::malformed, "log.head", 0};
    auto tree = Frontier::read(edge);
    auto earlier = Frontier::read(earlier_edge);
    if (!tree || !earlier) return Error{Errc::malformed, "log.head", 0};
    return LogHead{*tree, *earlier, std::string(note)};
  }
  /// Whether the note is the signer's over exactly this tree. Ed25519 is deterministic, so the line is made anew and
  /// looked for; the edge is as good as the root it gives.
  [[nodiscard]] bool signed_by(const NoteSigner& signer) const {
    const std::string body = checkpoint_body(signer.name(), tree.size(), tree.root());
    if (!note.starts_with(body + "\n")) return false;
    std::string line(1, '\n');  // appended to: g++ 12 -O3 warns of what "\n" + line does
    line += signer.signature_line(body);
    return note.find(line, body.size()) != std::string::npos;
  }
};

/// Reads `count` leaves from `first` on and gives each to `each(ByteView) -> bool`, false meaning stop. Errors:
/// truncated when the store has fewer, tampered when `each` stopped, and the store's.
template <class Each>
[[nodiscard]] Result<void> for_each_leaf(LeafStore& store, std::uint64_t first, std::uint64_t count, Each&& each) {
  for (std::uint64_t done = 0; done != count;) {
    const std::uint64_t want = count - done < leaves_per_read ? count - done : leaves_per_read;
    auto leaves = store.read_leaves(first + done, want);
    if (!leaves) return leaves.error();
    if (leaves->empty() || leaves->size() > want) return Error{Errc::truncated, "audit log", first + done};
    for (const Bytes& leaf : *leaves) {
      if (!each(ByteView(leaf))) return Error{Errc::tampered, "audit log", first + done};
      ++done;
    }
  }
  return {};
}

/// Compares all leaves with the complete subtrees of a tree, newest first. Errors: tampered with the first leaf of the
/// subtree that differs, truncated, and the store's.
[[nodiscard]] inline Result<void> check_all(LeafStore& store, const Frontier& tree) {
  std::uint64_t end = tree.size();
  for (std::size_t i = tree.edge().size(); i != 0; --i) {
    const std::uint64_t part = end & (~end + 1);
    end -= part;
    Frontier subtree;
    auto read = for_each_leaf(store, end, part, [&subtree](ByteView leaf) {
      subtree.append(leaf_hash(leaf));
      return true;
    });
    if (!read) return read;
    if (subtree.root() != tree.edge()[i - 1]) return Error{Errc::tampered, "audit log", end};
  }
  return {};
}

}  // namespace custody::inline v0::detail
