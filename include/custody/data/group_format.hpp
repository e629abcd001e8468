// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <custody/data/envelope.hpp>

namespace custody::inline v0::detail {

/// A group of fields sealed together: one header and one nonce, then for each member, by ascending field number, an
/// entry of 6 bytes, the ciphertext and the tag. Every member has its field's own key, so that the nonce they share is
/// new to each key. A member's tag covers the header, the nonce and its own entry, not the other members: one whose time
/// is over is cut out without any key, and the others open as before.
struct SealedMember {
  static constexpr std::size_t entry_size = 6;  ///< field number (16 bits), declaration revision (8), length (24)

  std::uint16_t field = 0;
  std::uint8_t revision = 0;
  ByteView entry;
  ByteView sealed;  ///< ciphertext and tag

  static void write_entry(std::byte* out, std::uint16_t field, std::uint8_t revision, std::size_t plain) noexcept {
    out[0] = static_cast<std::byte>(field & 0xffU);
    out[1] = static_cast<std::byte>(field >> 8U);
    out[2] = static_cast<std::byte>(revision);
    for (unsigned i = 0; i != 3; ++i) out[3 + i] = static_cast<std::byte>(plain >> (8U * i));
  }
};

[[nodiscard]] inline bool is_group(ByteView envelope) noexcept {
  return !envelope.empty() && envelope[0] == static_cast<std::byte>(Format::grouped);
}

/// Walks over the members of a group, one after the other.
class GroupReader {
 public:
  /// Reads nothing of bytes that are no group of a suite which runs here; ok() is false then.
  explicit GroupReader(ByteView group) noexcept {
    const auto header = EnvelopeHeader::read(group);
    if (!header || header->format != Format::grouped || header->revision != 0) return;
    const SuiteOps* const suite = find_suite(header->suite);
    tag_ = suite->tag_size;
    head_ = EnvelopeHeader::size + suite->nonce_size;
    rest_ = group.subspan(head_);
    ok_ = true;
  }
  /// False at the end, and from the first bytes on that are no member.
  [[nodiscard]] bool next(SealedMember& out) noexcept {
    if (!ok_ || rest_.empty()) return false;
    ok_ = rest_.size() >= SealedMember::entry_size + tag_;
    if (!ok_) return false;
    const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(rest_[i]); };
    const auto number = static_cast<std::uint16_t>(at(0) | at(1) << 8U);
    const std::size_t plain = at(3) | at(4) << 8U | at(5) << 16U;
    ok_ = plain <= largest_value && (count_ == 0 || last_ < number) &&
          rest_.size() - SealedMember::entry_size - tag_ >= plain;
    if (!ok_) return false;
    out = {number, std::to_integer<std::uint8_t>(rest_[2]), rest_.first(SealedMember::entry_size),
           rest_.subspan(SealedMember::entry_size, plain + tag_)};
    rest_ = rest_.subspan(SealedMember::entry_size + plain + tag_);
    last_ = number;
    ++count_;
    return true;
  }
  /// Whether everything read so far was sound.
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  /// Bytes of header and nonce.
  [[nodiscard]] std::size_t head_size() const noexcept { return head_; }
  [[nodiscard]] std::size_t tag_size() const noexcept { return tag_; }

 private:
  ByteView rest_;
  std::size_t tag_ = 0;
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  std::uint16_t last_ = 0;
  bool ok_ = false;
};

/// Errors: malformed; foreign_envelope when the group has no such member.
[[nodiscard]] inline Result<SealedMember> find_member(ByteView group, std::uint16_t field) noexcept {
  GroupReader reader(group);
  SealedMember found;
  bool seen = false;
  for (SealedMember member; reader.next(member);) {
    if (member.field != field) continue;
    found = member;
    seen = true;
  }
  if (!reader.ok() || reader.count() == 0) return Errc::malformed;
  if (!seen) return Errc::foreign_envelope;
  return found;
}

/// The number of members; 0 for what is no sound group.
[[nodiscard]] inline std::size_t member_count_of(ByteView group) noexcept {
  GroupReader reader(group);
  for (SealedMember member; reader.next(member);) {
  }
  return reader.ok() ? reader.count() : 0;
}

/// What of an envelope belongs to one field: the whole of it, or header, nonce and one member of a group.
struct FieldBytes {
  ByteView head;
  ByteView entry;
  ByteView sealed;

  /// Empty for a group without the field.
  [[nodiscard]] static FieldBytes of(ByteView envelope, std::uint16_t field) noexcept {
    if (!is_group(envelope)) return {envelope, {}, {}};
    const auto member = find_member(envelope, field);
    if (!member) return {};
    return {envelope.first(GroupReader(envelope).head_size()), member->entry, member->sealed};
  }
  [[nodiscard]] std::size_t size() const noexcept { return head.size() + entry.size() + sealed.size(); }
  /// Writes `size()` bytes: an envelope, or a group of this member alone.
  void write(std::byte* out) const noexcept {
    if (!head.empty()) std::memcpy(out, head.data(), head.size());
    if (!entry.empty()) std::memcpy(out + head.size(), entry.data(), entry.size());
    if (!sealed.empty()) std::memcpy(out + head.size() + entry.size(), sealed.data(), sealed.size());
  }
  [[nodiscard]] bool same_as(const FieldBytes& other) const noexcept {
    return !head.empty() && same_bytes(head, other.head) && same_bytes(entry, other.entry) &&
           same_bytes(sealed, other.sealed);
  }
};

}  // namespace custody::inline v0::detail
