// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <custody/crypto/base64.hpp>
#include <custody/crypto/hash.hpp>
#include <custody/crypto/signature.hpp>
#include <custody/evidence/merkle.hpp>
#include <custody/words/bytes.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// The body of a checkpoint: origin, size and root, one line each (c2sp.org/tlog-checkpoint).
[[nodiscard]] inline std::string checkpoint_body(std::string_view origin, std::uint64_t size, const TreeHash& root) {
  std::string body(origin);
  body.append("\n").append(std::to_string(size)).append("\n").append(base64_encode(root)).append("\n");
  return body;
}

namespace detail {

inline constexpr std::byte note_ed25519{1};  ///< the signature type of Ed25519 in signed notes

/// A key name that every reader of signed notes takes: visible ASCII without a plus sign, 1 to 200 characters.
[[nodiscard]] constexpr bool note_name_fits(std::string_view name) noexcept {
  if (name.empty() || name.size() > 200) return false;
  for (const char c : name) {
    if (c <= ' ' || c > '~' || c == '+') return false;
  }
  return true;
}

/// The first four bytes of SHA-256(name || 0x0A || 0x01 || public key).
[[nodiscard]] inline std::array<std::byte, 4> note_key_id(std::string_view name, const PublicKey& key) noexcept {
  const std::byte middle[2] = {std::byte{'\n'}, note_ed25519};
  const Digest digest = Sha256().update(as_bytes(name)).update(middle).update(key).finish();
  return {digest[0], digest[1], digest[2], digest[3]};
}

}  // namespace detail

/// Signs notes in the C2SP form (c2sp.org/signed-note), so that tools which are not ours verify them. Immutable, so
/// thread-safe.
class NoteSigner {
 public:
  /// Errors: malformed for a name with spaces, plus signs or other than visible ASCII; no_memory.
  [[nodiscard]] static Result<NoteSigner> from_seed(std::string_view name, const SecretKey& seed) {
    if (!detail::note_name_fits(name)) return Error{Errc::malformed, "note key name", 0};
    auto key = SigningKey::from_seed(seed);
    if (!key) return key.error();
    return NoteSigner(name, *std::move(key));
  }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// The public half as text: `name+hex key id+base64(0x01 || key)`. What an auditor is given beforehand.
  [[nodiscard]] std::string vkey() const {
    std::string text = name_ + "+";
    for (const std::byte each : id_) {
      text += "0123456789abcdef"[std::to_integer<unsigned>(each >> 4)];
      text += "0123456789abcdef"[std::to_integer<unsigned>(each & std::byte{15})];
    }
    Bytes key{detail::note_ed25519};
    key.insert(key.end(), key_.public_key().begin(), key_.public_key().end());
    return text + "+" + base64_encode(key);
  }

  /// The signature line over a body, which must end in a line feed.
  [[nodiscard]] std::string signature_line(std::string_view body) const {
    Bytes blob(id_.begin(), id_.end());
    const Signature signature = key_.sign(as_bytes(body));
    blob.insert(blob.end(), signature.begin(), signature.end());
    return "\xe2\x80\x94 " + name_ + " " + base64_encode(blob) + "\n";
  }
  /// The signed note: body, empty line, signature line.
  [[nodiscard]] std::string sign(std::string_view body) const {
    return std::string(body) + "\n" + signature_line(body);
  }

 private:
  NoteSigner(std::string_view name, SigningKey key)
      : name_(name), key_(std::move(key)), id_(detail::note_key_id(name_, key_.public_key())) {}

  std::string name_;
  SigningKey key_;
  std::array<std::byte, 4> id_;
};

}  // namespace custody::inline v0
