// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include <custody/crypto/hedged_nonce.hpp>
#include <custody/data/binding.hpp>
#include <custody/data/envelope.hpp>
#include <custody/data/field_facts.hpp>
#include <custody/data/group_format.hpp>
#include <custody/words/lazy.hpp>

namespace custody::inline v0::detail {

/// Associated data under construction: on the stack up to 512 bytes. Every part is of fixed width or carries its length.
template <class Lazy>
class BasicAadBuffer {
 public:
  BasicAadBuffer() noexcept {}  // NOLINT(modernize-use-equals-default): the bytes stay uninitialised
  BasicAadBuffer(const BasicAadBuffer&) = delete;
  BasicAadBuffer& operator=(const BasicAadBuffer&) = delete;
  ~BasicAadBuffer() = default;

  /// What a bound envelope is believed to be and where: domain tag, header, field, policy, from grade4 up the record's
  /// version, then the place.
  void bound(const std::byte* header, const BindingBody& place, std::uint16_t field, const PolicyFacts& policy) {
    const bool grave = policy.level >= Level::grade4;
    std::byte* at =
        room(tag_size + EnvelopeHeader::size + 2 + policy.bound_size + (grave ? 8 : 0) + place.place.size());
    at = put(at, "custody:b1", tag_size);
    at = put(at, header, EnvelopeHeader::size);
    at = put_number(at, field);
    put_where(at, place, policy);
  }
  /// What a member of a group is believed to be and where: domain tag, header, its entry, and the same again.
  void grouped(const std::byte* header, const std::byte* entry, const BindingBody& place, const PolicyFacts& policy) {
    const bool grave = policy.level >= Level::grade4;
    std::byte* at = room(tag_size + EnvelopeHeader::size + SealedMember::entry_size + policy.bound_size +
                         (grave ? 8 : 0) + place.place.size());
    at = put(at, "custody:g1", tag_size);
    at = put(at, header, EnvelopeHeader::size);
    at = put(at, entry, SealedMember::entry_size);
    put_where(at, place, policy);
  }
  /// What a transient envelope is believed to be: domain tag, header, payload type, policy, and the owners if it was
  /// derived.
  void transient(const std::byte* header, const TypeFacts& type, const BindingBody* provenance) {
    const std::size_t owners = provenance == nullptr ? 0 : provenance->place.size();
    std::byte* at = room(tag_size + EnvelopeHeader::size + 8 + type.policy.bound_size + owners);
    at = put(at, "custody:t1", tag_size);
    at = put(at, header, EnvelopeHeader::size);
    at = put_number(at, type.codec);
    at = put(at, type.policy.bound, type.policy.bound_size);
    if (owners != 0) put(at, provenance->place.data(), owners);
  }
  [[nodiscard]] ByteView view() const noexcept { return view_; }

 private:
  static constexpr std::size_t tag_size = 10;

  [[nodiscard]] std::byte* room(std::size_t size) {
    std::byte* at = near_;
    if (size > sizeof near_) {
      far_.resize(size);
      at = far_.data();
    }
    view_ = {at, size};
    return at;
  }
  static void put_where(std::byte* at, const BindingBody& place, const PolicyFacts& policy) noexcept {
    at = put(at, policy.bound, policy.bound_size);
    if (policy.level >= Level::grade4) at = put_number(at, place.version);
    put(at, place.place.data(), place.place.size());
  }
  template <class Number>
  [[nodiscard]] static std::byte* put_number(std::byte* at, Number value) noexcept {
    put_little(at, value);
    return at + sizeof value;
  }
  static std::byte* put(std::byte* at, const void* from, std::size_t size) noexcept {
    if (size != 0) std::memcpy(at, from, size);
    return at + size;
  }

  ByteView view_;
  later<Bytes, Lazy> far_;
  std::byte near_[512];
};

/// What a value is sealed under: a declaration of its field, by number, and a key of its place, which may be an older one.
struct SealUnder {
  std::uint8_t revision = 0;  ///< 0: today's
  ContentKey* content = nullptr;  ///< null: the place's newest
};

/// What sealing a value for a place takes: header, policy and the key of the field, with one message taken off the key's
/// budget. Borrows the place's key.
struct BoundSealing {
  EnvelopeHeader header;
  const PolicyFacts* policy = nullptr;
  const AnyCipherKey* key = nullptr;
  Level level = Level::grade1;  ///< the higher of today's and the declaration's

  /// Errors: not_bound, suite_refused, destroyed, no_memory, suite_unavailable, budget_exhausted, those of the key store.
  template <class Lazy = void>
  [[nodiscard]] static Result<BoundSealing> ready(const BindingBody* place, const FieldFacts& field,
                                                  const SealUnder& under = {}) {
    if (place == nullptr || !place->key) return Errc::not_bound;
    ContentKey& content = under.content != nullptr ? *under.content : *place->key;
    const std::uint8_t number = under.revision != 0 ? under.revision : field.revision_count;
    const Revision* const revision = field.revision(number);
    if (revision == nullptr) return Errc::unknown_revision;
    const Level level = higher(field.today().type.policy.level, revision->type.policy.level);
    if (!place->core->suite_fits(content.suite(), level))
      return Error{Errc::suite_refused, suite_name(content.suite())};
    if (content.ended()) return Errc::destroyed;
    auto key = content.field_key<Lazy>(content.suite(), place->record->number, field.number);
    if (!key) return key.error();
    if (auto spent = content.spend(place->core->store(), (*key)->ops().message_limit); !spent) return spent.error();
    return BoundSealing{
        {Format::bound, content.suite(), number, content.generation()}, &revision->type.policy, *key, level};
  }

  /// Writes the whole envelope: `sealed_size` of the key's suite. Errors: no_randomness, suite_unavailable (the suite's
  /// own library failed).
  template <class Lazy = void>
  [[nodiscard]] Result<void> seal(std::byte* out, ByteView plain, const BindingBody& place, const FieldFacts& field,
                                  NonceBatch* batch = nullptr) const {
    const SuiteOps& suite = key->ops();
    header.write(out);
    std::byte* const nonce = out + EnvelopeHeader::size;
    BasicAadBuffer<Lazy> aad;
    aad.bound(out, place, field.number, *policy);
    if (!draw<Lazy>({nonce, suite.nonce_size}, aad.view(), plain, batch)) return Errc::no_randomness;
    if (suite_seal(nonce + suite.nonce_size, plain, aad.view(), nonce, *key)) return {};
    return Error{Errc::suite_unavailable, suite.name};
  }

  [[nodiscard]] bool hedged() const noexcept { return level >= Level::important; }
  /// From grade4 up nonces do not rely on the pool; those of important and core data are hedged on top.
  template <class Lazy = void>
  [[nodiscard]] bool draw(ByteSpan nonce, ByteView context, ByteView message, NonceBatch* batch = nullptr) const {
    if (hedged()) return draw_hedged_nonce(nonce, key->secret().view(), context, message);
    return batch != nullptr ? batch->draw(nonce) : draw_nonce(nonce, level >= Level::grade4);
  }

  /// Writes one member of a group, whose header and nonce stand at `group`: entry, ciphertext and tag. The nonce must be
  /// new for this field. Errors: suite_unavailable.
  template <class Lazy = void>
  [[nodiscard]] Result<void> seal_member(const std::byte* group, std::byte* out, ByteView plain,
                                         const BindingBody& place, const FieldFacts& field) const {
    const SuiteOps& suite = key->ops();
    SealedMember::write_entry(out, field.number, header.revision, plain.size());
    BasicAadBuffer<Lazy> aad;
    aad.grouped(group, out, place, *policy);
    const std::byte* const nonce = group + EnvelopeHeader::size;
    if (suite_seal(out + SealedMember::entry_size, plain, aad.view(), nonce, *key)) return {};
    return Error{Errc::suite_unavailable, suite.name};
  }
};

/// The key of a generation: the place's own, or one of the store.
[[nodiscard]] inline Result<Ref<ContentKey>> key_of_generation(const BindingBody& place, std::uint32_t generation) {
  if (place.key && place.key->generation() == generation) return place.key;
  if (generation == 0) return Errc::unknown_key;
  return place.conversation.is_zero() ? place.core->key_of(place.owners.front()->handle(), generation)
                                      : place.core->conversation_key(place.conversation, generation);
}

/// The key that a bound envelope's header names: one key, selected by handle and generation; there is no trial
/// decryption. Holds on to a key that the place does not hold itself.
class OpeningKey {
 public:
  /// Errors: suite_refused, unknown_key, destroyed, those of ContentKey::field_key and of the key store.
  template <class Lazy = void>
  [[nodiscard]] Result<const AnyCipherKey*> find(const BindingBody& place, const EnvelopeHeader& header,
                                                 const FieldFacts& field, Level level) {
    if (!place.core->suite_fits(header.suite, level)) return Error{Errc::suite_refused, suite_name(header.suite)};
    ContentKey* content = place.key.get();
    if (content == nullptr || content->generation() != header.generation) {
      auto found = key_of_generation(place, header.generation);
      if (!found) return found.error();
      held_ = std::move(*found);
      content = held_.get();
    }
    if (content->ended()) return Errc::destroyed;
    return content->field_key<Lazy>(header.suite, place.record->number, field.number);
  }

 private:
  Ref<ContentKey> held_;
};

}  // namespace custody::inline v0::detail
