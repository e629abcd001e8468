// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <custody/evidence/leaf.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0::detail {

/// Leaves that callers left behind and nobody has written yet, in one buffer: no allocation per entry. Not thread-safe.
class LeafBuffer {
 public:
  /// Adds all or none. Errors: too_large.
  [[nodiscard]] Result<void> add(std::span<const Event> events) {
    for (const Event& event : events) {
      if (leaf_size(event) == 0) return Error{Errc::too_large, "event", 0};
    }
    if (ends_.empty() && !events.empty()) oldest_ = events.front().at;
    for (const Event& event : events) {
      static_cast<void>(append_leaf(bytes_, event));
      ends_.push_back(bytes_.size());
    }
    return {};
  }
  [[nodiscard]] std::size_t count() const noexcept { return ends_.size(); }
  /// How long the oldest entry has waited at `now`; clocks that went back count as long.
  [[nodiscard]] bool waited(Instant now, Duration limit) const noexcept {
    return !ends_.empty() && (now - oldest_ >= limit || now < oldest_);
  }
  /// Moves all leaves to the end of `out`.
  void drain(std::vector<Bytes>& out) {
    std::size_t begin = 0;
    const ByteView all = bytes_;
    for (const std::size_t end : ends_) {
      const ByteView leaf = all.subspan(begin, end - begin);
      out.emplace_back(leaf.begin(), leaf.end());
      begin = end;
    }
    bytes_.clear();
    ends_.clear();
  }

 private:
  Bytes bytes_;
  std::vector<std::size_t> ends_;
  Instant oldest_{};
};

/// Turns a leaf that was never written and whose caller was told so into what then happened: refused, because the
/// evidence could not be written.
inline void mark_unwritten(Bytes& leaf) noexcept {
  if (leaf[leaf_granted_at] == std::byte{0}) return;
  leaf[leaf_granted_at] = std::byte{0};
  leaf[leaf_reason_at] = static_cast<std::byte>(Errc::evidence_unwritable);
}

}  // namespace custody::inline v0::detail
