// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <custody/words/bytes.hpp>
#include <custody/words/rule.hpp>

namespace custody::inline v0 {

/// The cipher suites by the number that an envelope's header carries. Numbers are permanent; 64 to 127 are free for
/// suites that a product brings along.
enum class SuiteId : std::uint8_t { xchacha20_poly1305 = 1, aes256_gcm = 2, aegis256 = 3, sm4_gcm = 4 };

/// The name of a suite that this library knows of, also of one that cannot run here; "unknown" for others.
[[nodiscard]] constexpr const char* suite_name(SuiteId id) noexcept {
  switch (id) {
    case SuiteId::xchacha20_poly1305: return "XChaCha20-Poly1305";
    case SuiteId::aes256_gcm: return "AES-256-GCM";
    case SuiteId::aegis256: return "AEGIS-256";
    case SuiteId::sm4_gcm: return "SM4-GCM";
  }
  return "unknown";
}

/// What an AEAD has to be to seal envelopes, from whatever library: numbers and sizes as constants, and four functions.
/// `expand` fills the state that is kept beside a 32-byte key (state_size 0: none, at most 512); `encrypt` writes
/// `plain.size() + tag_size` bytes; `decrypt` writes `sealed.size() - tag_size` bytes and gives false, with `out`
/// untouched or wiped, when the bytes are not authentic. All are thread-safe; `out` may be the input itself.
/// `message_limit` is how many messages random nonces allow one key (0: without a practical limit).
template <class Type>
concept CipherSuite = rule<requires(std::byte* out, const std::byte* in, ByteView bytes) {
  SuiteId{Type::id};
  static_cast<const char*>(Type::name);
  { Type::available() } noexcept;
  { Type::expand(out, in) } noexcept;
  { Type::encrypt(out, bytes, bytes, in, in, in) } noexcept;
  { Type::decrypt(out, bytes, bytes, in, in, in) } noexcept;
  requires Type::nonce_size >= 12 && Type::nonce_size <= 32 && Type::tag_size >= 16 && Type::tag_size <= 32;
  requires Type::state_size <= 512 && Type::message_limit >= 0;
}, "custody[S7]: something that is no cipher suite was to seal guarded data (PIPL Art. 51). "
   "Fix: use custody::XChaCha20Poly1305, Aes256Gcm or Aegis256, or model the custody::CipherSuite concept.">;

namespace detail {

/// A suite as data, for the number that a header carries. One constant per suite type.
struct SuiteOps {
  SuiteId id;
  const char* name;
  std::size_t nonce_size;
  std::size_t tag_size;
  std::size_t state_size;
  std::uint64_t message_limit;
  bool (*available)() noexcept;
  void (*expand)(std::byte* state, const std::byte* key) noexcept;
  bool (*encrypt)(std::byte* out, ByteView plain, ByteView aad, const std::byte* nonce, const std::byte* key,
                  const std::byte* state) noexcept;
  bool (*decrypt)(std::byte* out, ByteView sealed, ByteView aad, const std::byte* nonce, const std::byte* key,
                  const std::byte* state) noexcept;
  [[nodiscard]] constexpr std::size_t overhead() const noexcept { return nonce_size + tag_size; }
};

template <class Suite>
inline constexpr SuiteOps suite_ops{Suite::id,         Suite::name,          Suite::nonce_size, Suite::tag_size,
                                    Suite::state_size, Suite::message_limit, &Suite::available, &Suite::expand,
                                    &Suite::encrypt,   &Suite::decrypt};

/// The suites of the process by number: those of this library from the start, others once they are used. A number is
/// one suite for good. Lock-free.
class __attribute__((visibility("default"))) SuiteTable {
 public:
  constexpr SuiteTable() noexcept = default;
  template <std::size_t Count>
  explicit constexpr SuiteTable(const SuiteOps* const (&known)[Count]) noexcept {
    for (const SuiteOps* each : known) ops_[static_cast<std::uint8_t>(each->id)] = each;
  }
  SuiteTable(const SuiteTable&) = delete;
  SuiteTable& operator=(const SuiteTable&) = delete;

  [[nodiscard]] const SuiteOps* find(SuiteId id) const noexcept {
    return __atomic_load_n(&ops_[static_cast<std::uint8_t>(id)], __ATOMIC_ACQUIRE);
  }
  /// False when the number is another suite's.
  [[nodiscard]] bool add(const SuiteOps& ops) noexcept {
    const SuiteOps* there = nullptr;
    const bool fresh = __atomic_compare_exchange_n(&ops_[static_cast<std::uint8_t>(ops.id)], &there, &ops, false,
                                                   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
    return fresh || there == &ops || same(*there, ops);
  }

 private:
  /// The same suite, compiled into two modules that hide their symbols.
  [[nodiscard]] static bool same(const SuiteOps& a, const SuiteOps& b) noexcept {
    return std::string_view(a.name) == b.name && a.nonce_size == b.nonce_size && a.tag_size == b.tag_size;
  }
  const SuiteOps* ops_[256]{};
};

}  // namespace detail
}  // namespace custody::inline v0
