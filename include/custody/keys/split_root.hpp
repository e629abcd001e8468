// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <custody/crypto/entropy.hpp>
#include <custody/crypto/gf256.hpp>
#include <custody/crypto/hash.hpp>
#include <custody/crypto/secret.hpp>
#include <custody/keys/root_key.hpp>
#include <custody/keys/root_share.hpp>
#include <custody/keys/witness.hpp>
#include <custody/law/actor.hpp>
#include <custody/words/clock.hpp>
#include <custody/words/result.hpp>

namespace custody::inline v0 {

/// Splits a root key among n people so that any k of them open it together, and puts it together again, which is never
/// without evidence: break-glass access (k-of-n), or the rule of two people (2-of-n). Thread-safe.
class SplitRoot {
 public:
  /// The n shares of a root. Fewer than k tell nothing about it: for every root there is one set of missing shares that
  /// fits. Errors: malformed unless 2 <= k <= n <= 255, and for the root of a passphrase, which the commitment in a share
  /// would let its holder guess; unknown_key for a root that stays with its provider; no_randomness, no_memory.
  [[nodiscard]] static Result<std::vector<RootShare>> split(const RootKey& root, std::size_t needed,
                                                            std::size_t count) {
    if (!RootShare::possible(needed, count)) return Errc::malformed;
    const auto secret = root.copy_for_escrow();
    if (!secret) return secret.error();
    detail::ShareSet set;
    set.needed = static_cast<std::uint8_t>(needed);
    set.count = static_cast<std::uint8_t>(count);
    if (!detail::draw_entropy(set.name)) return Errc::no_randomness;
    set.commitment = set.commitment_to(*secret);
    std::vector<SecretKey> random;  // of the powers 1 to k - 1; the secret is that of power 0
    random.reserve(needed - 1);
    while (random.size() != needed - 1) {
      auto drawn = SecretKey::random();
      if (!drawn) return drawn.error();
      random.push_back(std::move(*drawn));
    }
    std::vector<RootShare> shares;
    shares.reserve(count);
    for (std::size_t index = 1; index <= count; ++index) {
      auto value = value_at(*secret, random, static_cast<detail::Gf256>(index));
      if (!value) return value.error();
      RootShare share;
      share.set_ = set;
      share.index_ = static_cast<std::uint8_t>(index);
      share.share_ = std::move(*value);
      shares.push_back(std::move(share));
    }
    return shares;
  }

  /// The root from at least k shares, in any order. The attempt and its outcome are recorded for the actor first, as
  /// `open` at `break-glass`; the root's own log cannot be open yet, so the witness stands elsewhere. Error.at is the
  /// place of the share in question. Errors: truncated for too few; already_there for a share given twice; wrong_root for
  /// a share of another split; tampered when the shares do not give the root that was split: one is forged; malformed for
  /// an actor without role or name; moved_from; evidence_unwritable: no evidence, no key; no_memory.
  [[nodiscard]] static Result<RootKey> combine(std::span<const RootShare> shares, const Actor& actor, Witness& witness,
                                               const Clock& clock) {
    if (actor.role == nullptr || actor.name.empty()) return Error{Errc::malformed, "actor"};
    auto root = combined(shares);
    Event event;
    event.verb = Verb::open;
    event.granted = root.has_value();
    if (!root) event.reason = root.error().code;
    event.role = actor.role->name;
    event.actor = actor.name;
    event.place = "break-glass";
    event.level = Level::core;
    event.at = clock.now();
    if (!witness.record({&event, 1})) return Errc::evidence_unwritable;
    return root;
  }

 private:
  /// The polynomials' values at a point (Horner).
  [[nodiscard]] static Result<SecretKey> value_at(const SecretKey& constant, const std::vector<SecretKey>& random,
                                                  detail::Gf256 point) noexcept {
    auto value = SecretKey::blank();
    if (!value) return value;
    for (std::size_t i = 0; i != SecretKey::size; ++i) {
      detail::Gf256 sum = 0;
      for (std::size_t power = random.size(); power != 0; --power) {
        const auto factor = std::to_integer<detail::Gf256>(random[power - 1].data()[i]);
        sum = detail::gf256_multiply(static_cast<detail::Gf256>(sum ^ factor), point);
      }
      value->span()[i] = static_cast<std::byte>(sum) ^ constant.data()[i];
    }
    return value;
  }
  /// The value at a point from the first k shares.
  [[nodiscard]] static Result<SecretKey> interpolate(std::span<const RootShare> shares, detail::Gf256 point) noexcept {
    auto value = SecretKey::blank();
    if (!value) return value;
    const unsigned needed = shares[0].needed();
    std::array<detail::Gf256, RootShare::most_shares> points{};
    for (unsigned i = 0; i != needed; ++i) points[i] = shares[i].index_;
    for (unsigned i = 0; i != needed; ++i) {
      const detail::Gf256 weight = detail::gf256_weight(points.data(), needed, points[i], point);
      for (std::size_t at = 0; at != SecretKey::size; ++at) {
        const auto part = std::to_integer<detail::Gf256>(shares[i].share_.data()[at]);
        value->span()[at] ^= static_cast<std::byte>(detail::gf256_multiply(part, weight));
      }
    }
    return value;
  }
  [[nodiscard]] static Result<RootKey> combined(std::span<const RootShare> shares) {
    if (shares.empty()) return Error{Errc::truncated, "shares"};
    std::array<bool, RootShare::most_shares + 1> seen{};
    for (std::size_t i = 0; i != shares.size(); ++i) {
      if (shares[i].share_.empty()) return Error{Errc::moved_from, "share", i};
      if (!shares[i].same_split(shares[0])) return Error{Errc::wrong_root, "share", i};
      if (seen[shares[i].index_]) return Error{Errc::already_there, "share", i};
      seen[shares[i].index_] = true;
    }
    if (shares.size() < shares[0].needed()) return Error{Errc::truncated, "shares", shares.size()};
    for (std::size_t i = shares[0].needed(); i != shares.size(); ++i) {  // more than needed: they have to agree
      const auto value = interpolate(shares, shares[i].index_);
      if (!value) return value.error();
      if (!constant_time_equal(value->view(), shares[i].share_.view())) return Error{Errc::tampered, "shares"};
    }
    const auto secret = interpolate(shares, 0);
    if (!secret) return secret.error();
    const detail::ShareSet& set = shares[0].set_;
    if (!constant_time_equal(set.commitment_to(*secret), set.commitment)) return Error{Errc::tampered, "shares"};
    return RootKey::from_bytes(secret->view());
  }
};

}  // namespace custody::inline v0
