// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <custody/crypto/hash.hpp>
#include <custody/crypto/signature.hpp>
#include <custody/words/bytes.hpp>

namespace custody::inline v0 {

/// A verification key as an auditor is given it: `name+hex key id+base64(0x01 || Ed25519 key)`.
struct NoteKey {
  bool ok = false;
  std::string name;
  std::string id;      ///< four bytes
  std::string key;     ///< 32 bytes
};

/// A note whose signature by the given key was verified; the text must not be used unless `ok`.
struct OpenedNote {
  bool ok = false;
  const char* reason = "";  ///< fixed English words; empty when ok
  std::string text;
};

namespace detail {

[[nodiscard]] constexpr int note_digit(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

/// RFC 4648 section 4, padded, canonical; false for anything else.
[[nodiscard]] inline bool note_base64(std::string_view text, std::string& out) {
  out.clear();
  if (text.empty() || text.size() % 4 != 0) return false;
  const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const int digit = note_digit(c);
    if (digit < 0) return false;
    held = (held << 6 | static_cast<std::uint32_t>(digit)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(held >> bits & 255);
  }
  return (held & ((1U << bits) - 1)) == 0;
}

[[nodiscard]] inline bool note_hex(std::string_view text, std::string& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.clear();
  if (text.size() % 2 != 0) return false;
  for (std::size_t i = 0; i != text.size(); i += 2) {
    const std::size_t high = digits.find(text[i]);
    const std::size_t low = digits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    out += static_cast<char>(high * 16 + low);
  }
  return true;
}

/// Key names have no spaces and no plus; this reader, made for our own logs, takes visible ASCII only.
[[nodiscard]] inline bool note_name(std::string_view name) noexcept {
  for (const char c : name) {
    if (c < '!' || c > '~' || c == '+') return false;
  }
  return !name.empty();
}

/// Text without control characters other than the line feed. UTF-8 is left to whoever shows it.
[[nodiscard]] inline bool note_plain(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
  }
  return true;
}

/// One signature line without its line feed: the name and what the base64 says. False when it is none.
[[nodiscard]] inline bool note_signature(std::string_view line, std::string_view& name, std::string& blob) {
  constexpr std::string_view dash = "\xe2\x80\x94 ";
  if (!line.starts_with(dash)) return false;
  line.remove_prefix(dash.size());
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos) return false;
  name = line.substr(0, space);
  return name.find('+') == std::string_view::npos && note_base64(line.substr(space + 1), blob) && blob.size() > 4;
}

}  // namespace detail

/// Reads a verification key; `ok` only if the key id is what name and key give (c2sp.org/signed-note). Pure.
[[nodiscard]] inline NoteKey read_note_key(std::string_view vkey) {
  NoteKey made;
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) return made;
  made.name = vkey.substr(0, first);
  std::string blob;
  if (!detail::note_name(made.name) || !detail::note_hex(vkey.substr(first + 1, second - first - 1), made.id))
    return made;
  if (!detail::note_base64(vkey.substr(second + 1), blob) || blob.size() != 33 || blob[0] != 1) return made;
  const Digest digest = sha256(as_bytes(made.name + "\n" + blob));
  made.key = blob.substr(1);
  made.ok = made.id == as_text(digest).substr(0, 4);
  return made;
}

/// Opens a signed note: at least one signature must be the key's and verify, none of the key's may fail, signatures by
/// others are passed over, at most 100 in all. Pure.
[[nodiscard]] inline OpenedNote open_note(std::string_view note, const NoteKey& key) {
  OpenedNote opened;
  opened.reason = "the note is malformed";
  const std::size_t gap = note.rfind("\n\n");
  if (!key.ok || gap == std::string_view::npos || !note.ends_with('\n') || !detail::note_plain(note)) return opened;
  const std::string_view text = note.substr(0, gap + 1);
  std::string_view lines = note.substr(gap + 2);
  bool verified = false;
  for (int count = 0; !lines.empty(); ++count) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(line.size() + 1);
    std::string_view name;
    std::string blob;
    if (count == 100 || !detail::note_signature(line, name, blob)) return opened;
    if (name != key.name || std::string_view(blob).substr(0, 4) != key.id) continue;
    verified = verify_signature(as_bytes(text), as_bytes(std::string_view(blob).substr(4)), as_bytes(key.key));
    if (verified) continue;
    opened.reason = "the signature is wrong";
    return opened;
  }
  opened.reason = "no signature by this key";
  if (!verified) return opened;
  opened.reason = "";
  opened.text = text;
  opened.ok = true;
  return opened;
}

}  // namespace custody::inline v0
