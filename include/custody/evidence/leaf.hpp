// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include <custody/keys/witness.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// The version byte that every leaf of the audit log starts with.
inline constexpr std::uint8_t leaf_version = 1;

namespace detail {

// A leaf: version, verb, granted, reason (0 when granted), level, one byte each; the handle, 16 bytes; the time, 8
// bytes little-endian milliseconds; then purpose, role, actor, record, field, place, each one length byte and its text.
inline constexpr std::size_t leaf_granted_at = 2;
inline constexpr std::size_t leaf_reason_at = 3;
inline constexpr std::size_t leaf_fixed_size = 5 + 16 + 8;
inline constexpr std::size_t leaf_text_count = 6;
inline constexpr std::size_t leaf_text_limit = (std::numeric_limits<std::uint8_t>::max)();

[[nodiscard]] constexpr std::uint8_t leaf_reason(const Event& event) noexcept {
  return event.granted ? std::uint8_t{0} : static_cast<std::uint8_t>(event.reason);
}

/// Declarations grow; what this program has no name for is not a leaf it wrote.
[[nodiscard]] constexpr bool leaf_codes_known(const Event& event) noexcept {
  const std::string_view unknown = "unknown";
  return unknown != name_of(event.verb) && unknown != name_of(event.level) &&
         (event.granted || std::string_view{"unknown error"} != text(event.reason));
}

}  // namespace detail

/// The size of an event's leaf, or 0 when a name in it is longer than 255 bytes.
[[nodiscard]] inline std::size_t leaf_size(const Event& event) noexcept {
  std::size_t size = detail::leaf_fixed_size + detail::leaf_text_count;
  for (const std::string_view part : {event.purpose, event.role, event.actor, event.record, event.field, event.place}) {
    if (part.size() > detail::leaf_text_limit) return 0;
    size += part.size();
  }
  return size;
}

/// Appends the canonical leaf of an event: no row ids, no values, no lengths of values. Errors: too_large.
[[nodiscard]] inline Result<void> append_leaf(Bytes& out, const Event& event) {
  const std::size_t size = leaf_size(event);
  if (size == 0) return Error{Errc::too_large, "event", 0};
  const std::size_t before = out.size();
  out.resize(before + size);
  std::byte* to = out.data() + before;
  const std::uint8_t head[5] = {leaf_version, static_cast<std::uint8_t>(event.verb), std::uint8_t{event.granted},
                                detail::leaf_reason(event), static_cast<std::uint8_t>(event.level)};
  std::memcpy(to, head, sizeof head);
  std::memcpy(to + 5, event.subject.bytes.data(), 16);
  const auto at = static_cast<std::uint64_t>(event.at.ms);
  for (std::size_t i = 0; i != 8; ++i) to[21 + i] = static_cast<std::byte>(at >> (8 * i));
  to += detail::leaf_fixed_size;
  for (const std::string_view part : {event.purpose, event.role, event.actor, event.record, event.field, event.place}) {
    *to++ = static_cast<std::byte>(part.size());
    if (!part.empty()) std::memcpy(to, part.data(), part.size());
    to += part.size();
  }
  return {};
}

/// The canonical leaf of an event. Errors: too_large.
[[nodiscard]] inline Result<Bytes> encode_leaf(const Event& event) {
  Bytes leaf;
  if (auto done = append_leaf(leaf, event); !done) return done.error();
  return leaf;
}

/// Reads a leaf back; the views of the event borrow from `leaf`. Whole input, canonical only. Errors: malformed.
[[nodiscard]] inline Result<Event> decode_leaf(ByteView leaf) noexcept {
  const Error bad{Errc::malformed, "leaf", 0};
  CanonicalReader in(leaf);
  Event event;
  const auto version = in.number<std::uint8_t>();
  event.verb = static_cast<Verb>(in.number<std::uint8_t>());
  const auto granted = in.number<std::uint8_t>();
  const auto reason = in.number<std::uint8_t>();
  event.level = static_cast<Level>(in.number<std::uint8_t>());
  const ByteView handle = in.raw(16);
  event.at = {static_cast<std::int64_t>(in.number<std::uint64_t>())};
  for (std::string_view* part :
       {&event.purpose, &event.role, &event.actor, &event.record, &event.field, &event.place}) {
    const auto length = in.number<std::uint8_t>();
    *part = as_text(in.raw(length));
  }
  if (!in.at_end() || version != leaf_version || granted > 1 || (granted == 1 && reason != 0)) return bad;
  event.granted = granted == 1;
  event.reason = static_cast<Errc>(reason);
  std::memcpy(event.subject.bytes.data(), handle.data(), 16);
  if (!detail::leaf_codes_known(event)) return bad;
  return event;
}

}  // namespace custody::inline v0
