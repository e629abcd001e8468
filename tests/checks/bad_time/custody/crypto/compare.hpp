// SPDX-License-Identifier: Apache-2.0
// Lines that ConstantTime.cmake must report end with FAULT, and no other line may be.
#pragma once

inline bool faults(Key key, Key other, Tag tag, Tag expected, std::size_t size) {
  if (std::memcmp(key.data(), other.data(), size) == 0) return true;     // FAULT
  if (memcmp(key.data(), other.data(), size)) return true;               // FAULT
  if (std::equal(key.begin(), key.end(), other.begin())) return true;    // FAULT
  if (same_bytes(key.view(), other.view())) return true;                 // FAULT
  if (as_text(key.view()) == as_text(other.view())) return true;         // FAULT
  if (*key.data() == *other.data()) return true;                         // FAULT
  if (tag == expected) return true;                                      // FAULT
  if (fingerprint(key) != stored.key_print) return true;                 // FAULT
  if (computed(key) == stored->fingerprint) return true;                 // FAULT
  if (password == candidate) return true;                                // FAULT
  return secret_ != other;                                               // FAULT
}
inline bool fine(Key key, Key other, Tag tag, std::size_t size) {
  if (constant_time_equal(key.view(), other.view())) return true;
  if (::sodium_memcmp(key.data(), other.data(), size) == 0) return true;
  if (::crypto_verify_16(tag, other) != 0) return true;
  if (key.size() == other.size()) return true;
  if (key.data() == nullptr) return true;
  if (record.kind == other.kind) return true;                 // memcmp of no secret
  if (same_bytes(file.name(), place.name())) return true;     // public: a file's name
  return size != sizeof tag;
}
