// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <custody/data/bound_context.hpp>
#include <custody/keys/process_key.hpp>
#include <custody/words/plain_buffer.hpp>

namespace custody::inline v0::detail {

/// What a guarded object is at the moment. `unset` is a value that was never given; `failed` remembers why an ingest
/// failed.
enum class CellState : std::uint8_t { unset = 0, transient = 1, derived = 2, bound = 3, failed = 4 };

/// An envelope and what is believed about it: what an opening looks at, be it a field's or a column's bytes. Borrows
/// everything.
struct SealedView {
  CellState state = CellState::unset;
  Errc reason = Errc::unset;
  ByteView envelope;
  const BindingBody* binding = nullptr;
  const FieldFacts* field = nullptr;

  /// The declaration a bound envelope was sealed under; null for other states.
  [[nodiscard]] const Revision* sealed_under() const noexcept {
    return field == nullptr ? nullptr : field->revision(revision());
  }
  /// The number of that declaration; 0 for other states.
  [[nodiscard]] std::uint8_t revision() const noexcept {
    if (state != CellState::bound || field == nullptr || envelope.size() < EnvelopeHeader::size) return 0;
    if (!is_group(envelope)) return std::to_integer<std::uint8_t>(envelope[2]);
    const auto member = find_member(envelope, field->number);
    return member ? member->revision : std::uint8_t{0};
  }

  /// Opens whatever it is. Errors: those of the state, keys and authentication; `out` is empty then.
  template <class Lazy = void>
  [[nodiscard]] Result<void> open(const TypeFacts& type, PlainBuffer& out) const {
    if (state == CellState::unset) return Errc::unset;
    if (state == CellState::failed) return reason;
    auto header = EnvelopeHeader::read(envelope);
    if (!header) return header.error();
    return state == CellState::bound ? open_bound<Lazy>(*header, out) : open_transient<Lazy>(*header, type, out);
  }

 private:
  template <class Lazy>
  [[nodiscard]] Result<void> open_transient(const EnvelopeHeader& header, const TypeFacts& type,
                                            PlainBuffer& out) const {
    if (header.format != Format::transient) return Errc::malformed;
    const ProcessKey* key = process_keys().find(header.generation);
    if (key == nullptr) return Errc::foreign_module;
    BasicAadBuffer<Lazy> aad;
    aad.transient(envelope.data(), type, binding);
    return decipher(header, aad.view(), key->key.any(), out);
  }

  template <class Lazy>
  [[nodiscard]] Result<void> open_bound(const EnvelopeHeader& header, PlainBuffer& out) const {
    SealedMember member;
    if (header.format == Format::grouped) {
      auto found = find_member(envelope, field->number);
      if (!found) return found.error();
      member = *found;
    }
    const Revision* declared = sealed_under();
    if (declared == nullptr) return Errc::unknown_revision;
    OpeningKey opening;
    auto key = opening.find<Lazy>(*binding, header, *field, declared->type.policy.level);
    if (!key) return key.error();
    BasicAadBuffer<Lazy> aad;
    if (header.format == Format::grouped) {
      aad.grouped(envelope.data(), member.entry.data(), *binding, declared->type.policy);
      return decipher(header, member.sealed, aad.view(), **key, out);
    }
    aad.bound(envelope.data(), *binding, field->number, declared->type.policy);
    return decipher(header, aad.view(), **key, out);
  }

  [[nodiscard]] Result<void> decipher(const EnvelopeHeader& header, ByteView aad, const AnyCipherKey& key,
                                      PlainBuffer& out) const {
    return decipher(header, envelope.subspan(EnvelopeHeader::size + key.ops().nonce_size), aad, key, out);
  }
  [[nodiscard]] Result<void> decipher(const EnvelopeHeader& header, ByteView sealed, ByteView aad,
                                      const AnyCipherKey& key, PlainBuffer& out) const {
    const SuiteOps& suite = key.ops();
    if (header.suite != suite.id) return Errc::malformed;
    if (!out.make_room(sealed.size() - suite.tag_size)) return Errc::no_memory;
    const std::byte* const nonce = envelope.data() + EnvelopeHeader::size;
    if (suite_open(out.data(), sealed, aad, nonce, key)) return {};
    out.clear();
    return Errc::tampered;
  }
};

}  // namespace custody::inline v0::detail
