// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include <custody/crypto/entropy.hpp>
#include <custody/data/bound_context.hpp>
#include <custody/data/envelope_bytes.hpp>
#include <custody/data/sealed_view.hpp>
#include <custody/keys/process_key.hpp>
#include <custody/words/swap.hpp>

namespace custody::inline v0::detail {

/// What can be said of bytes that were read from a field's place before anything is deciphered. Errors: truncated,
/// malformed, suite_unavailable, not_bound (a transient envelope), foreign_envelope (a group without the field), too_large,
/// unknown_revision.
[[nodiscard]] inline Result<void> check_envelope(ByteView envelope, const FieldFacts& field) {
  auto header = EnvelopeHeader::read(envelope);
  if (!header) return header.error();
  if (header->format == Format::transient) return Errc::not_bound;
  if (header->format == Format::grouped) {
    const auto member = find_member(envelope, field.number);
    if (!member) return Error{member.error().code, field.name};
    if (field.revision(member->revision) == nullptr) return Error{Errc::unknown_revision, field.name, member->revision};
    return {};
  }
  if (envelope.size() > largest_value + 256) return Errc::too_large;
  if (field.revision(header->revision) == nullptr) return Error{Errc::unknown_revision, field.name, header->revision};
  return {};
}

/// The representation of every guarded type: 32 bytes that never hold plaintext. The first byte is zero, so that an object
/// passed through `...` to a "%s" prints nothing. Copies share the sealed bytes, which never change; moving leaves
/// `unset`.
template <class Lazy>
class BasicCell {
 public:
  BasicCell() noexcept = default;
  BasicCell(const BasicCell& other) noexcept
      : state_(other.state_),
        reason_(other.reason_),
        bytes_(other.bytes_),
        binding_(other.binding_),
        field_(other.field_) {}
  BasicCell(BasicCell&& other) noexcept { swap(other); }
  BasicCell& operator=(BasicCell other) noexcept {
    swap(other);
    return *this;
  }
  ~BasicCell() = default;

  void swap(BasicCell& other) noexcept {
    swap_values(state_, other.state_);
    swap_values(reason_, other.reason_);
    bytes_.swap(other.bytes_);
    swap_values(binding_, other.binding_);
    swap_values(field_, other.field_);
  }

  [[nodiscard]] CellState state() const noexcept { return state_; }
  [[nodiscard]] bool sealed() const noexcept {
    return state_ == CellState::transient || state_ == CellState::derived || state_ == CellState::bound;
  }
  [[nodiscard]] Errc reason() const noexcept { return state_ == CellState::failed ? reason_ : Errc::unset; }
  /// The sealed bytes: of the field alone, or of the group that it is a member of.
  [[nodiscard]] ByteView envelope() const noexcept { return bytes_.view(); }
  [[nodiscard]] const EnvelopeBytes& bytes() const noexcept { return bytes_; }
  [[nodiscard]] bool grouped() const noexcept { return state_ == CellState::bound && is_group(envelope()); }
  [[nodiscard]] const Ref<BindingBody>& binding() const noexcept { return binding_; }
  [[nodiscard]] const FieldFacts* field() const noexcept { return field_; }

  /// Length of the encoded plaintext, which the ciphertext shows anyway.
  [[nodiscard]] std::size_t plain_size() const noexcept {
    const ByteView all = envelope();
    if (!sealed() || all.size() < EnvelopeHeader::size) return 0;
    const SuiteOps* const suite = find_suite(static_cast<SuiteId>(all[1]));
    if (suite == nullptr) return 0;
    if (is_group(all)) {
      const auto member = field_ == nullptr ? Result<SealedMember>(Errc::not_bound) : find_member(all, field_->number);
      return member ? member->sealed.size() - suite->tag_size : 0;
    }
    const std::size_t around = EnvelopeHeader::size + suite->overhead();
    return all.size() < around ? 0 : all.size() - around;
  }

  void fail(Errc reason) noexcept {
    *this = BasicCell{};
    state_ = CellState::failed;
    reason_ = reason;
  }

  /// Seals under the process key; with a provenance, the owners are authenticated too. On error the cell is `failed`.
  Result<void> seal_transient(ByteView plain, const TypeFacts& type, Ref<BindingBody> provenance = {}) {
    BasicCell fresh;
    if (auto done = fresh.transient_into(plain, type, std::move(provenance)); !done) {
      fail(done.error().code);
      return done;
    }
    swap(fresh);
    return {};
  }

  /// Seals for a place, under today's declaration and the newest key unless `under` says otherwise. On error the cell
  /// keeps what it held.
  [[nodiscard]] Result<void> seal_bound(ByteView plain, const Ref<BindingBody>& place, const FieldFacts& field,
                                        NonceBatch* batch = nullptr, const SealUnder& under = {}) {
    BasicCell fresh;
    if (auto done = fresh.bound_into(plain, place, field, batch, under); !done) return done;
    swap(fresh);
    return {};
  }

  /// The cell as something to open; borrows it.
  [[nodiscard]] SealedView view() const noexcept { return {state_, reason_, envelope(), binding_.get(), field_}; }
  /// Opens whatever is inside. Errors: those of the state, keys and authentication; `out` is empty then.
  [[nodiscard]] Result<void> open(const TypeFacts& type, PlainBuffer& out) const {
    return view().template open<Lazy>(type, out);
  }

  /// Takes an envelope that was read from a place; nothing is deciphered yet. Errors: truncated, malformed,
  /// suite_unavailable, not_bound (a transient envelope), foreign_envelope (a group without the field), unknown_revision.
  [[nodiscard]] Result<void> adopt(ByteView envelope, const Ref<BindingBody>& place, const FieldFacts& field) {
    if (auto sound = check_envelope(envelope, field); !sound) return sound;
    return take(EnvelopeBytes::copy_of(envelope), place, field);
  }
  /// The same for bytes that other fields share.
  [[nodiscard]] Result<void> adopt(EnvelopeBytes bytes, const Ref<BindingBody>& place, const FieldFacts& field) {
    if (!bytes) return Errc::no_memory;
    if (auto sound = check_envelope(bytes.view(), field); !sound) return sound;
    return take(std::move(bytes), place, field);
  }

  /// The declaration a bound envelope was sealed under; null for other states.
  [[nodiscard]] const Revision* sealed_under() const noexcept { return view().sealed_under(); }

  /// Swaps the binding of a bound cell for an equal one of the same place, for instance of a newer load.
  void share_binding(const Ref<BindingBody>& place) noexcept { binding_ = place; }

 private:
  [[nodiscard]] Result<void> take(EnvelopeBytes bytes, const Ref<BindingBody>& place, const FieldFacts& field) {
    if (!bytes) return Errc::no_memory;
    BasicCell fresh;
    fresh.state_ = CellState::bound;
    fresh.bytes_ = std::move(bytes);
    fresh.binding_ = place;
    fresh.field_ = &field;
    swap(fresh);
    return {};
  }

  /// Room for header, nonce, ciphertext and tag.
  [[nodiscard]] Result<void> make_room(const SuiteOps& suite, std::size_t plain) noexcept {
    if (plain > largest_value) return Errc::too_large;
    bytes_ = EnvelopeBytes::of_size(EnvelopeHeader::size + suite.overhead() + plain);
    return bytes_ ? Result<void>() : Result<void>(Errc::no_memory);
  }

  Result<void> transient_into(ByteView plain, const TypeFacts& type, Ref<BindingBody> provenance) {
    const ProcessKey* key = process_keys().current();
    if (key == nullptr) return Errc::no_randomness;
    const SuiteOps& suite = suite_ops<XChaCha20Poly1305>;
    if (auto room = make_room(suite, plain.size()); !room) return room;
    std::byte* const out = bytes_.data();
    EnvelopeHeader{Format::transient, suite.id, 0, key->number}.write(out);
    std::byte* const nonce = out + EnvelopeHeader::size;
    if (!draw_nonce({nonce, suite.nonce_size})) return Errc::no_randomness;
    BasicAadBuffer<Lazy> aad;
    aad.transient(out, type, provenance.get());
    XChaCha20Poly1305::seal(nonce + suite.nonce_size, plain, aad.view(), nonce, key->key);
    state_ = provenance ? CellState::derived : CellState::transient;
    binding_ = std::move(provenance);
    return {};
  }

  Result<void> bound_into(ByteView plain, const Ref<BindingBody>& place, const FieldFacts& field, NonceBatch* batch,
                          const SealUnder& under) {
    auto sealing = BoundSealing::ready<Lazy>(place.get(), field, under);
    if (!sealing) return sealing.error();
    if (auto room = make_room(sealing->key->ops(), plain.size()); !room) return room;
    if (auto sealed = sealing->template seal<Lazy>(bytes_.data(), plain, *place, field, batch); !sealed) return sealed;
    state_ = CellState::bound;
    binding_ = place;
    field_ = &field;
    return {};
  }

  [[maybe_unused]] const std::uint8_t lead_ = 0;  ///< stays zero
  CellState state_ = CellState::unset;
  Errc reason_ = Errc::unset;
  EnvelopeBytes bytes_;
  Ref<BindingBody> binding_;
  const FieldFacts* field_ = nullptr;
};

using Cell = BasicCell<void>;

}  // namespace custody::inline v0::detail
